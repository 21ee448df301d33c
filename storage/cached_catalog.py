"""The catalog read through a cache: what it has not is read from the database, and put there under a guard."""

from collections.abc import Collection, Mapping
from typing import Any

from models.catalog import CatalogKind, CatalogRecord, Facts, FetchedEntry
from storage.cached_copies import Copies, Ordered
from storage.copies import catalog_copies, order_of
from storage.items import catalog_item_key, split_catalog_item_key
from storage.protocols import Catalog


class CachedCatalog:
    """The catalog of `catalog`, with copies of records by kind and key."""

    def __init__(self, catalog: Catalog, copies: Copies[CatalogRecord[Any]]) -> None:
        self._catalog = catalog
        self._copies = copies

    async def get_many(
        self, kind: CatalogKind[Facts], keys: Collection[str]
    ) -> Mapping[str, CatalogRecord[Facts]]:
        form = catalog_copies(kind)
        looked = await self._copies.look(form, [catalog_item_key(kind.name, key) for key in keys])
        records: dict[str, CatalogRecord[Facts]] = {record.key: record for record in looked.found.values()}
        if looked.missing:
            missing = [split_catalog_item_key(item_key)[1] for item_key in looked.missing]
            read = await self._catalog.get_many(kind, missing)
            await self._copies.put(form, _copied(kind, read), looked.epoch)
            records |= read
        return records

    async def get_sources(self, kind: CatalogKind[Any], keys: Collection[str]) -> Mapping[str, str]:
        return await self._catalog.get_sources(kind, keys)

    async def save(
        self, kind: CatalogKind[Facts], key: str, entry: FetchedEntry[Facts]
    ) -> CatalogRecord[Facts]:
        # The epoch of before the write: should all copies be dropped meanwhile, this one is dropped too.
        looked = await self._copies.peek(catalog_copies(kind), [])
        with self._copies.distrusted_if_cancelled([catalog_item_key(kind.name, key)]):
            record = await self._catalog.save(kind, key, entry)
            await self._copies.renew(catalog_copies(kind), _copied(kind, {key: record}), looked.epoch)
        return record

    async def drop_copies(self) -> None:
        """Have everything read from the database again."""
        await self._copies.drop_all()


def _copied(
    kind: CatalogKind[Facts], records: Mapping[str, CatalogRecord[Facts]]
) -> dict[str, Ordered[CatalogRecord[Any]]]:
    return {
        catalog_item_key(kind.name, key): Ordered(record, order_of(record)) for key, record in records.items()
    }
