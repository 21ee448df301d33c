"""How entries of the catalog lie in tables, whole: for copies, backups and restores."""

from collections.abc import Sequence

from storage.items import CATALOG, CatalogItem, catalog_item_key, split_catalog_item_key
from storage.sql.archive import Tables, aged_statistics, insert
from storage.sql.database import Row, Transaction

_READ = """
SELECT c.kind AS kind, c.key AS key, c.version AS version, c.facts_hash AS facts_hash,
    c.parser_version AS parser_version, c.data_version AS data_version, c.fetched_at AS fetched_at,
    c.created_at AS created_at, c.changed_at AS changed_at, c.facts AS facts, s.source AS source
FROM catalog c
JOIN catalog_sources s ON s.kind = c.kind AND s.key = c.key
"""

_PUT = """
INSERT INTO catalog (kind, key, version, facts_hash, parser_version, data_version, fetched_at, created_at,
    changed_at, facts)
VALUES {rows}
ON CONFLICT (kind, key) DO UPDATE SET
    version = excluded.version, facts_hash = excluded.facts_hash, parser_version = excluded.parser_version,
    data_version = excluded.data_version, fetched_at = excluded.fetched_at, created_at = excluded.created_at,
    changed_at = excluded.changed_at, facts = excluded.facts
"""

_PUT_SOURCES = """
INSERT INTO catalog_sources (kind, key, source)
VALUES {rows}
ON CONFLICT (kind, key) DO UPDATE SET source = excluded.source
"""


def _entries(rows: Sequence[Row]) -> Sequence[CatalogItem]:
    return [
        CatalogItem(
            key=catalog_item_key(str(row["kind"]), str(row["key"])),
            version=int(row["version"]),
            facts_hash=str(row["facts_hash"]),
            parser_version=int(row["parser_version"]),
            data_version=int(row["data_version"]),
            fetched_at=int(row["fetched_at"]),
            created_at=int(row["created_at"]),
            changed_at=int(row["changed_at"]),
            facts=bytes(row["facts"]),
            source=bytes(row["source"]),
        )
        for row in rows
    ]


async def _put(tx: Transaction, items: Sequence[CatalogItem]) -> None:
    await insert(tx, _PUT, (_values(item) for item in items))
    await insert(tx, _PUT_SOURCES, ((*split_catalog_item_key(item.key), item.source) for item in items))


def _values(item: CatalogItem) -> tuple[str | int | bytes | None, ...]:
    return (
        *split_catalog_item_key(item.key),
        item.version,
        item.facts_hash,
        item.parser_version,
        item.data_version,
        item.fetched_at,
        item.created_at,
        item.changed_at,
        item.facts,
    )


CATALOG_TABLES = Tables(
    kind=CATALOG,
    count="SELECT COUNT(*) AS count FROM catalog_sources",
    page=_READ + "{after} ORDER BY c.kind, c.key LIMIT {limit}",
    after="WHERE (c.kind, c.key) > ($1, $2)",
    by_keys=_READ + "WHERE (c.kind, c.key) IN ({keys})",
    clear="""
        DELETE FROM catalog
        WHERE (kind, key) IN (SELECT kind, key FROM catalog ORDER BY kind, key LIMIT $1)
        RETURNING key
    """,
    statistics=aged_statistics("catalog", {"catalog": "LENGTH(facts)", "catalog_sources": "LENGTH(source)"}),
    has_ages=True,
    key_values=split_catalog_item_key,
    items=_entries,
    put=_put,
)
