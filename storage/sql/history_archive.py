"""How the histories of players lie in tables, snapshot by snapshot: for copies, backups and restores."""

from collections.abc import Sequence

from storage.items import PLAYER_HISTORY, SnapshotItem, snapshot_item_key, split_snapshot_item_key
from storage.sql.archive import Tables, insert
from storage.sql.database import Row, Transaction, batches, placeholders

# A player without a career is none, and its history is nobody's: they are left to `store check` to tell.
_READ = """
SELECT h.blizzard_id AS blizzard_id, h.version AS version, h.taken_at AS taken_at,
    h.figures_hash AS figures_hash, h.data_version AS data_version, h.figures AS figures
FROM player_history h
JOIN player_careers c ON c.blizzard_id = h.blizzard_id
"""

# Changes nothing and holds the players, so that they do not go before their snapshots are there.
_HOLD_PLAYERS = """
UPDATE players SET version = version WHERE blizzard_id IN ({keys}) RETURNING blizzard_id
"""

_PUT = """
INSERT INTO player_history (blizzard_id, version, taken_at, figures_hash, data_version, figures)
VALUES {rows}
ON CONFLICT (blizzard_id, version) DO UPDATE SET
    taken_at = excluded.taken_at, figures_hash = excluded.figures_hash, data_version = excluded.data_version,
    figures = excluded.figures
"""


def _snapshots(rows: Sequence[Row]) -> Sequence[SnapshotItem]:
    return [
        SnapshotItem(
            key=snapshot_item_key(str(row["blizzard_id"]), int(row["version"])),
            taken_at=int(row["taken_at"]),
            figures_hash=str(row["figures_hash"]),
            data_version=int(row["data_version"]),
            figures=bytes(row["figures"]),
        )
        for row in rows
    ]


async def _put(tx: Transaction, items: Sequence[SnapshotItem]) -> None:
    owners = [split_snapshot_item_key(item.key)[0] for item in items]
    kept: set[str] = set()
    for keys in batches(owners):
        rows = await tx.fetch(_HOLD_PLAYERS.format(keys=placeholders(len(keys))), *keys)
        kept |= {str(row["blizzard_id"]) for row in rows}
    owned = (item for item, owner in zip(items, owners, strict=True) if owner in kept)
    await insert(tx, _PUT, (_values(item) for item in owned))


def _values(item: SnapshotItem) -> tuple[str | int | bytes, ...]:
    owner, version = split_snapshot_item_key(item.key)
    return owner, version, item.taken_at, item.figures_hash, item.data_version, item.figures


HISTORY_TABLES = Tables(
    kind=PLAYER_HISTORY,
    count="SELECT COUNT(*) AS count FROM player_history",
    page=_READ + "{after} ORDER BY h.blizzard_id, h.version LIMIT {limit}",
    after="WHERE (h.blizzard_id, h.version) > ($1, $2)",
    by_keys=_READ + "WHERE (h.blizzard_id, h.version) IN ({keys})",
    key_types=("TEXT", "BIGINT"),
    clear="""
        DELETE FROM player_history
        WHERE (blizzard_id, version) IN (
            SELECT blizzard_id, version FROM player_history ORDER BY blizzard_id, version LIMIT $1)
        RETURNING version
    """,
    statistics="SELECT COUNT(*) AS count, COALESCE(SUM(LENGTH(figures)), 0) AS size FROM player_history",
    has_ages=False,
    key_values=split_snapshot_item_key,
    items=_snapshots,
    put=_put,
)
