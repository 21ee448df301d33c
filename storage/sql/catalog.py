"""The catalog in an SQL database. The contract is on `storage.protocols.Catalog`."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from metrics import Metrics
from models.catalog import CatalogKind, CatalogRecord, Facts, FetchedEntry
from storage import codec
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Row, Transaction, batches, placeholders

_GET_MANY = """
SELECT key, version, parser_version, fetched_at, facts
FROM catalog
WHERE kind = $1 AND data_version = $2 AND key IN ({keys})
"""

_GET_SOURCES = "SELECT key, source FROM catalog_sources WHERE kind = $1 AND key IN ({keys})"

# No row comes back when a later answer is kept already. A record that this code cannot decode gives way to any
# answer.
_SAVE = """
INSERT INTO catalog (kind, key, version, facts_hash, parser_version, data_version, fetched_at, created_at,
    changed_at, facts)
VALUES ($1, $2, 1, $3, $4, $5, $6, $6, $6, $7)
ON CONFLICT (kind, key) DO UPDATE SET
    version = catalog.version + CASE WHEN catalog.facts_hash = excluded.facts_hash THEN 0 ELSE 1 END,
    changed_at = CASE WHEN catalog.facts_hash = excluded.facts_hash
        THEN catalog.changed_at ELSE excluded.fetched_at END,
    facts_hash = excluded.facts_hash,
    parser_version = excluded.parser_version,
    data_version = excluded.data_version,
    fetched_at = CASE WHEN catalog.fetched_at > excluded.fetched_at
        THEN catalog.fetched_at ELSE excluded.fetched_at END,
    facts = excluded.facts
WHERE catalog.fetched_at <= excluded.fetched_at OR catalog.data_version <> excluded.data_version
RETURNING key, version, parser_version, fetched_at
"""

_SAVE_SOURCE = """
INSERT INTO catalog_sources (kind, key, source) VALUES ($1, $2, $3)
ON CONFLICT (kind, key) DO UPDATE SET source = excluded.source
"""

_DISOWN = "UPDATE catalog SET data_version = 0 WHERE kind = $1 AND key = $2"


class SqlCatalog:
    """The catalog of one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "catalog")

    async def get_many(
        self, kind: CatalogKind[Facts], keys: Collection[str]
    ) -> Mapping[str, CatalogRecord[Facts]]:
        records: dict[str, CatalogRecord[Facts]] = {}
        for batch in batches(keys):
            sql = _GET_MANY.format(keys=placeholders(len(batch), start=3))
            rows = await self._database.fetch(sql, kind.name, codec.CATALOG_DATA_VERSION, *batch)
            # All hero pages of a language decode in one or two milliseconds; one alone in less than a thread costs.
            records |= {record.key: record for record in _records(kind, rows)}
        return records

    async def get_sources(self, kind: CatalogKind[Any], keys: Collection[str]) -> Mapping[str, str]:
        sources: dict[str, str] = {}
        for batch in batches(keys):
            sql = _GET_SOURCES.format(keys=placeholders(len(batch), start=2))
            rows = await self._database.fetch(sql, kind.name, *batch)
            sources |= await asyncio.to_thread(_sources, kind, rows)
        return sources

    async def save(
        self, kind: CatalogKind[Facts], key: str, entry: FetchedEntry[Facts]
    ) -> CatalogRecord[Facts]:
        encoded = await asyncio.to_thread(codec.encode_entry, entry)
        return await self._database.write(lambda tx: _save(tx, kind, key, entry, encoded))


async def _save(
    tx: Transaction,
    kind: CatalogKind[Facts],
    key: str,
    entry: FetchedEntry[Facts],
    encoded: codec.EncodedEntry,
) -> CatalogRecord[Facts]:
    saved = await _put(tx, kind, key, entry, encoded)
    if saved is not None:
        return saved
    rows = await tx.fetch(_GET_MANY.format(keys="$3"), kind.name, codec.CATALOG_DATA_VERSION, key)
    later = next(_records(kind, rows), None)
    if later is not None:
        return later
    # The later answer is damaged, which counts as not kept: this one takes its place.
    await tx.execute(_DISOWN, kind.name, key)
    saved = await _put(tx, kind, key, entry, encoded)
    assert saved is not None
    return saved


async def _put(
    tx: Transaction,
    kind: CatalogKind[Facts],
    key: str,
    entry: FetchedEntry[Facts],
    encoded: codec.EncodedEntry,
) -> CatalogRecord[Facts] | None:
    """Write the entry; None, with nothing written, when a later answer is kept."""
    rows = await tx.fetch(
        _SAVE,
        kind.name,
        key,
        encoded.facts_hash,
        entry.parser_version,
        codec.CATALOG_DATA_VERSION,
        entry.fetched_at,
        encoded.facts,
    )
    if not rows:
        return None
    await tx.execute(_SAVE_SOURCE, kind.name, key, encoded.source)
    return _record(rows[0], entry.facts)


def _records(kind: CatalogKind[Facts], rows: Sequence[Row]) -> Iterator[CatalogRecord[Facts]]:
    """The records of rows, without those whose facts are damaged."""
    decode = partial(codec.decode_facts, kind)
    for row in rows:
        key = str(row["key"])
        facts = codec.decode_or_none(decode, bytes(row["facts"]), kind=kind.name, key=key, column="facts")
        if facts is not None:
            yield _record(row, facts)


def _record(row: Row, facts: Facts) -> CatalogRecord[Facts]:
    return CatalogRecord(
        key=str(row["key"]),
        facts=facts,
        version=int(row["version"]),
        fetched_at=int(row["fetched_at"]),
        parser_version=int(row["parser_version"]),
    )


def _sources(kind: CatalogKind[Any], rows: Sequence[Row]) -> dict[str, str]:
    sources: dict[str, str] = {}
    for row in rows:
        key = str(row["key"])
        source = codec.decode_or_none(
            codec.decode_page, bytes(row["source"]), kind=kind.name, key=key, column="source"
        )
        if source is not None:
            sources[key] = source
    return sources
