"""How players and notes about unknown ones lie in tables, whole: for copies, backups and restores."""

from collections import defaultdict
from collections.abc import Sequence

from storage.items import PLAYERS, UNKNOWN_PLAYERS, PlayerItem, UnknownPlayerItem
from storage.sql.archive import Tables, aged_statistics, insert
from storage.sql.database import Row, Transaction, batches, placeholders

# One statement, so that no write comes between a player and its aliases. A player's own row comes with a career, the
# rows of its aliases without.
_READ = """
SELECT p.blizzard_id AS blizzard_id, p.battletag AS battletag, p.version AS version, p.facts_hash AS facts_hash,
    p.parser_version AS parser_version, p.data_version AS data_version, p.fetched_at AS fetched_at,
    p.created_at AS created_at, p.changed_at AS changed_at, p.profile AS profile, c.career AS career,
    c.search_row AS search_row, c.page AS page, NULL AS player_id
FROM players p
JOIN player_careers c ON c.blizzard_id = p.blizzard_id
WHERE p.blizzard_id IN ({keys})
UNION ALL
SELECT blizzard_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, player_id
FROM player_ids
WHERE blizzard_id IN ({keys})
ORDER BY blizzard_id
"""

# A player without a career is none: it is left to `store check` to tell.
_PAGE_OF_KEYS = "SELECT blizzard_id FROM player_careers {after} ORDER BY blizzard_id LIMIT {limit}"

_PUT = """
INSERT INTO players (blizzard_id, battletag, version, facts_hash, parser_version, data_version, fetched_at,
    created_at, changed_at, profile)
VALUES {rows}
ON CONFLICT (blizzard_id) DO UPDATE SET
    battletag = excluded.battletag, version = excluded.version, facts_hash = excluded.facts_hash,
    parser_version = excluded.parser_version, data_version = excluded.data_version,
    fetched_at = excluded.fetched_at, created_at = excluded.created_at, changed_at = excluded.changed_at,
    profile = excluded.profile
"""

_PUT_CAREERS = """
INSERT INTO player_careers (blizzard_id, career, search_row, page)
VALUES {rows}
ON CONFLICT (blizzard_id) DO UPDATE SET
    career = excluded.career, search_row = excluded.search_row, page = excluded.page
"""

_DROP_ALIASES = "DELETE FROM player_ids WHERE blizzard_id IN ({keys})"

_PUT_ALIASES = """
INSERT INTO player_ids (player_id, blizzard_id)
VALUES {rows}
ON CONFLICT (player_id) DO UPDATE SET blizzard_id = excluded.blizzard_id
"""

_PUT_UNKNOWN = """
INSERT INTO unknown_players (player_id, check_count, checked_at, retry_at)
VALUES {rows}
ON CONFLICT (player_id) DO UPDATE SET
    check_count = excluded.check_count, checked_at = excluded.checked_at, retry_at = excluded.retry_at
"""


def _players(rows: Sequence[Row]) -> Sequence[PlayerItem]:
    aliases: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["player_id"] is not None:
            aliases[str(row["blizzard_id"])].append(str(row["player_id"]))
    return [_player(row, aliases[str(row["blizzard_id"])]) for row in rows if row["player_id"] is None]


def _player(row: Row, player_ids: Sequence[str]) -> PlayerItem:
    return PlayerItem(
        key=str(row["blizzard_id"]),
        battletag=_text(row["battletag"]),
        version=int(row["version"]),
        facts_hash=str(row["facts_hash"]),
        parser_version=int(row["parser_version"]),
        data_version=int(row["data_version"]),
        fetched_at=int(row["fetched_at"]),
        created_at=int(row["created_at"]),
        changed_at=int(row["changed_at"]),
        profile=bytes(row["profile"]),
        career=bytes(row["career"]),
        search_row=_text(row["search_row"]),
        page=bytes(row["page"]),
        player_ids=tuple(sorted(player_ids)),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


async def _put_players(tx: Transaction, items: Sequence[PlayerItem]) -> None:
    await insert(tx, _PUT, (_player_values(item) for item in items))
    await insert(tx, _PUT_CAREERS, ((item.key, item.career, item.search_row, item.page) for item in items))
    for keys in batches(item.key for item in items):
        await tx.execute(_DROP_ALIASES.format(keys=placeholders(len(keys))), *keys)
    owners = {player_id: item.key for item in items for player_id in item.player_ids}
    await insert(tx, _PUT_ALIASES, sorted(owners.items()))


def _player_values(item: PlayerItem) -> tuple[str | int | bytes | None, ...]:
    return (
        item.key,
        item.battletag,
        item.version,
        item.facts_hash,
        item.parser_version,
        item.data_version,
        item.fetched_at,
        item.created_at,
        item.changed_at,
        item.profile,
    )


def _unknown_players(rows: Sequence[Row]) -> Sequence[UnknownPlayerItem]:
    return [
        UnknownPlayerItem(
            str(row["player_id"]), int(row["check_count"]), int(row["checked_at"]), int(row["retry_at"])
        )
        for row in rows
    ]


async def _put_unknown(tx: Transaction, items: Sequence[UnknownPlayerItem]) -> None:
    await insert(
        tx, _PUT_UNKNOWN, ((item.key, item.check_count, item.checked_at, item.retry_at) for item in items)
    )


PLAYER_TABLES = Tables(
    kind=PLAYERS,
    count="SELECT COUNT(*) AS count FROM player_careers",
    page=_READ.format(keys=_PAGE_OF_KEYS),
    after="WHERE blizzard_id > $1",
    by_keys=_READ,
    clear="""
        DELETE FROM players
        WHERE blizzard_id IN (SELECT blizzard_id FROM players ORDER BY blizzard_id LIMIT $1)
        RETURNING blizzard_id
    """,
    statistics=aged_statistics(
        "players", {"players": "LENGTH(profile)", "player_careers": "LENGTH(career) + LENGTH(page)"}
    ),
    has_ages=True,
    key_values=lambda key: (key,),
    items=_players,
    put=_put_players,
)

UNKNOWN_PLAYER_TABLES = Tables(
    kind=UNKNOWN_PLAYERS,
    count="SELECT COUNT(*) AS count FROM unknown_players",
    page="""
        SELECT player_id, check_count, checked_at, retry_at
        FROM unknown_players {after} ORDER BY player_id LIMIT {limit}
    """,
    after="WHERE player_id > $1",
    by_keys="""
        SELECT player_id, check_count, checked_at, retry_at
        FROM unknown_players WHERE player_id IN ({keys})
    """,
    clear="""
        DELETE FROM unknown_players
        WHERE player_id IN (SELECT player_id FROM unknown_players ORDER BY player_id LIMIT $1)
        RETURNING player_id
    """,
    statistics="SELECT COUNT(*) AS count, 0 AS size FROM unknown_players",
    has_ages=False,
    key_values=lambda key: (key,),
    items=_unknown_players,
    put=_put_unknown,
)
