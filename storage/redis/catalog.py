"""The catalog on Redis. The contract is on `storage.protocols.Catalog`."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from metrics import Metrics
from models.catalog import CatalogKind, CatalogRecord, Facts, FetchedEntry
from storage import codec
from storage.items import catalog_item_key
from storage.redis.connection import RedisServer, Value
from storage.redis.counted import CountedServer
from storage.redis.records import Stamp, batches, decode_stamp, first_stamp
from storage.redis.script import read_script

_READ_TABLES = read_script("read_tables")
_SAVE = read_script("save_entry", "parts", "catalog")

_DAMAGE = 4
"""Place of the digest among the values for `_SAVE`."""


class RedisCatalog:
    """The catalog of one server."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = CountedServer(server, metrics, "catalog")
        self._keys = server.keys.catalog()
        self._tables = self._keys.all()

    async def get_many(
        self, kind: CatalogKind[Facts], keys: Collection[str]
    ) -> Mapping[str, CatalogRecord[Facts]]:
        found: dict[str, CatalogRecord[Facts]] = {}
        for asked in batches(keys):
            fields = [catalog_item_key(kind.name, key) for key in asked]
            columns = await self._server.read(_READ_TABLES, [self._keys.records, self._keys.facts], fields)
            for key, stamp, facts in zip(asked, *columns, strict=True):
                # All hero pages of a language decode in one or two milliseconds, in less than a thread costs alone.
                record = None if stamp is None or facts is None else _record(kind, key, stamp, facts)
                if record is not None:
                    found[key] = record
        return found

    async def get_sources(self, kind: CatalogKind[Any], keys: Collection[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for asked in batches(keys):
            fields = [catalog_item_key(kind.name, key) for key in asked]
            (sources,) = await self._server.read(_READ_TABLES, [self._keys.sources], fields)
            found |= await asyncio.to_thread(_sources, kind, asked, sources)
        return found

    async def save(
        self, kind: CatalogKind[Facts], key: str, entry: FetchedEntry[Facts]
    ) -> CatalogRecord[Facts]:
        encoded = await asyncio.to_thread(codec.encode_entry, entry)
        stamp = first_stamp(
            encoded.facts_hash, entry.parser_version, codec.CATALOG_DATA_VERSION, entry.fetched_at
        )
        field = catalog_item_key(kind.name, key)
        values: list[Value] = [field, stamp.encode(), encoded.facts, encoded.source, ""]
        while True:
            kept, facts = await self._server.write(_SAVE, self._tables, values)
            record = (
                _made(key, entry.facts, decode_stamp(kept))
                if facts is None
                else _record(kind, key, kept, facts)
            )
            if record is not None:
                return record
            # A later answer is kept and damaged, which counts as not kept: this one takes the place of just those
            # bytes. Should others have come meanwhile, they are looked at anew.
            values[_DAMAGE] = hashlib.sha1(facts, usedforsecurity=False).hexdigest()


def _record(kind: CatalogKind[Facts], key: str, kept: bytes, encoded: bytes) -> CatalogRecord[Facts] | None:
    """The record, None when it is of another data version or damaged."""
    stamp = decode_stamp(kept)
    if stamp.data_version != codec.CATALOG_DATA_VERSION:
        return None
    decode = partial(codec.decode_facts, kind)
    facts = codec.decode_or_none(decode, encoded, kind=kind.name, key=key, column="facts")
    return None if facts is None else _made(key, facts, stamp)


def _made(key: str, facts: Facts, stamp: Stamp) -> CatalogRecord[Facts]:
    return CatalogRecord(
        key=key,
        facts=facts,
        version=stamp.version,
        fetched_at=stamp.fetched_at,
        parser_version=stamp.parser_version,
    )


def _sources(kind: CatalogKind[Any], asked: Sequence[str], sources: Sequence[bytes | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, kept in zip(asked, sources, strict=True):
        if kept is None:
            continue
        source = codec.decode_or_none(codec.decode_page, kept, kind=kind.name, key=key, column="source")
        if source is not None:
            found[key] = source
    return found
