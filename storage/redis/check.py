"""Whether what is kept on Redis fits together: every part of every item, and every list that names it."""

from collections.abc import Sequence
from dataclasses import fields

from storage.redis.connection import RedisServer
from storage.redis.job_check import check_jobs
from storage.redis.keys import CatalogKeys, ConversationKeys, PlayerKeys
from storage.redis.records import signed
from storage.redis.script import read_script

_Tables = PlayerKeys | CatalogKeys | ConversationKeys

_PAGE = 1_000
_PLAYERS = ("parts", "players", "items")
_CATALOG = ("parts", "catalog", "items", "check_items")
_CONVERSATIONS = ("parts", "conversations", "items")
_WALKS = (
    (read_script("check_players", *_PLAYERS, "check_items"), "players"),
    (read_script("check_aliases", *_PLAYERS), "players"),
    (read_script("check_history", "parts", "players", "history", "items"), "players"),
    (read_script("check_notes", *_PLAYERS), "players"),
    (read_script("check_catalog", *_CATALOG), "catalog"),
    (read_script("check_conversations", *_CONVERSATIONS), "conversations"),
    (read_script("check_messages", *_CONVERSATIONS), "conversations"),
    (read_script("check_client_keys", *_CONVERSATIONS), "conversations"),
    (read_script("check_replies", *_CONVERSATIONS), "conversations"),
)
_TABLE_SIZES = read_script("table_sizes")

# Tables that have one entry for each entry of another one. Walking the one finds what lacks in the rest; that the rest
# has more is found by counting.
_ALIKE = (
    ("players", "ids", ("records", "profiles", "careers", "pages", "fetched")),
    ("players", "owned", ("aliases",)),
    ("players", "timeline", ("snapshots", "superseded")),
    ("players", "note_ids", ("notes", "retries")),
    ("catalog", "ids", ("records", "facts", "sources", "fetched")),
    ("conversations", "ids", ("records", "activity", "ends")),
    ("conversations", "timeline", ("messages", "contents", "places")),
)


async def check_redis(server: RedisServer) -> Sequence[str]:
    """What is wrong, a line each; empty when nothing is. Looks at a page at a time, so that others go on."""
    tables: dict[str, _Tables] = {
        "players": server.keys.players(),
        "catalog": server.keys.catalog(),
        "conversations": server.keys.conversations(),
    }
    problems: list[str] = []
    for script, tag in _WALKS:
        after: str | None = None
        while True:
            found, last = await server.run(script, tables[tag].all(), (0, signed(after), _PAGE), patient=True)
            problems += [line.decode() for line in found]
            if last is None:
                break
            after = last.decode()
    for tag, keys in tables.items():
        problems += await _surplus(server, tag, keys)
    return problems + await check_jobs(server)


async def _surplus(server: RedisServer, tag: str, keys: _Tables) -> list[str]:
    names = [field.name for field in fields(keys)]
    counts = await server.run(_TABLE_SIZES, keys.all(), patient=True)
    size = dict(zip(names, map(int, counts), strict=True))
    return [
        f"{tag}: {other} has {size[other] - size[order]} entries that {order} does not name"
        for kind, order, others in _ALIKE
        for other in others
        if kind == tag and size[other] > size[order]
    ]
