"""Invented items, and stores full of them, for the tests of moving and keeping."""

import asyncio
from collections.abc import Sequence
from typing import Any

from models.catalog import HERO, HEROES, hero_catalog_key
from models.locales import Locale
from models.players import FetchedPlayer, PlayerSource
from storage import Storage, codec
from storage.items import (
    CatalogItem,
    Item,
    MessageItem,
    PlayerItem,
    SnapshotItem,
    UnknownPlayerItem,
    split_message_item_key,
    split_snapshot_item_key,
)
from tests.storage.made import NOW, made_note, made_player
from tests.storage.made_catalog import made_entry, made_list, made_page
from tests.storage.made_conversations import (
    fill_conversations,
    made_conversation_item,
    made_message_item,
)
from tests.storage.made_history import made_snapshot_item

KINDS = ("players", "player_history", "unknown_players", "catalog", "conversations", "messages")
"""All kinds of items by name, parents before children."""

CONVERSATIONS, MESSAGES = 6, 18
"""How many of both `fill_store` keeps."""


def made_player_item(
    key: str = "a1|b2", *player_ids: str, fetched_at: int = NOW, eliminations: int = 7, version: int = 3
) -> PlayerItem:
    """What is kept of an invented player that has these aliases beside its own id."""
    player = made_player(key, fetched_at=fetched_at, eliminations=eliminations, battletag="Ana-1234")
    encoded = codec.encode_player(player)
    return PlayerItem(
        key=key,
        battletag="Ana-1234",
        version=version,
        facts_hash=encoded.facts_hash,
        parser_version=4,
        data_version=codec.DATA_VERSION,
        fetched_at=fetched_at,
        created_at=NOW - 90_000,
        changed_at=NOW - 60_000,
        profile=encoded.profile,
        career=encoded.career,
        search_row='{"name": "Ana"}',
        page=encoded.page,
        player_ids=tuple(sorted({key, *player_ids})),
    )


def made_unknown_item(key: str = "Nobody-1000", check_count: int = 2) -> UnknownPlayerItem:
    return UnknownPlayerItem(key, check_count, NOW - 5_000, NOW + 600_000)


def made_catalog_item(
    key: str = "heroes/en-us", *, fetched_at: int = NOW, name: str = "Ana", version: int = 3
) -> CatalogItem:
    """What is kept of an invented list of heroes; another `name` is other facts."""
    encoded = codec.encode_entry(made_list(name))
    return CatalogItem(
        key=key,
        version=version,
        facts_hash=encoded.facts_hash,
        parser_version=4,
        data_version=codec.CATALOG_DATA_VERSION,
        fetched_at=fetched_at,
        created_at=NOW - 90_000,
        changed_at=NOW - 60_000,
        facts=encoded.facts,
        source=encoded.source,
    )


def made_item(kind: str, key: str) -> Item:
    """An item of a kind by name; keys of the catalog are put under the kind `heroes`."""
    if kind == "players":
        return made_player_item(key)
    if kind == "player_history":
        return made_snapshot_item(key)
    if kind == "conversations":
        return made_conversation_item(key)
    if kind == "messages":
        return made_message_item(key)
    return made_unknown_item(key) if kind == "unknown_players" else made_catalog_item(f"heroes/{key}")


async def put_items(archives: Any, kind: str, items: Sequence[Item]) -> None:
    """Keep items of a kind, and first the players or conversations that they belong to."""
    owners = {split_snapshot_item_key(item.key)[0] for item in items if isinstance(item, SnapshotItem)}
    if owners:
        await archives["players"].put_many([made_player_item(owner) for owner in owners])
    parents = {split_message_item_key(item.key)[0] for item in items if isinstance(item, MessageItem)}
    if parents:
        await archives["conversations"].put_many([made_conversation_item(parent) for parent in parents])
    await archives[kind].put_many(items)


async def every_item(archives: Any, limit: int = 100) -> dict[str, dict[str, Item]]:
    """All items of all archives of a store or a snapshot, by kind and key, read page by page."""
    return {kind: await items_of(archive, limit) for kind, archive in archives.items()}


async def items_of(archive: Any, limit: int = 100) -> dict[str, Item]:
    """All items of an archive by key; each may be met once only."""
    found: dict[str, Item] = {}
    after = None
    while page := await archive.list(after=after, limit=limit):
        assert found.keys().isdisjoint(item.key for item in page)
        found |= {item.key: item for item in page}
        after = page[-1].key
    return found


def numbered_player(number: int, eliminations: int | None = None) -> FetchedPlayer:
    """The invented player of a number, with a page of its own."""
    source = PlayerSource(
        f"<main>page {number} 🦊</main>", None if number % 3 else f'{{"name": "P{number}"}}'
    )
    return made_player(
        f"{number:x}|{number}",
        eliminations=number if eliminations is None else eliminations,
        battletag=f"P{number}-1000" if number % 2 else None,
        fetched_at=NOW + number,
        source=source,
    )


async def fill_store(storage: Storage, players: int) -> None:
    """Keep so many invented players, some notes, a part of the catalog and some conversations."""
    numbers = iter(range(players))

    async def save() -> None:
        for number in numbers:
            player = numbered_player(number)
            await storage.players.save(player, [f"P{number}-1000", f"P{number}#1000"])

    await asyncio.gather(*(save() for _ in range(8)))
    for number in range(players // 10 + 1):
        await storage.players.save_unknown(made_note(f"Nobody-{number}"), 0)
    for locale in Locale:
        await storage.catalog.save(HEROES, locale.value, made_list(f"Ana {locale.value}"))
        await storage.catalog.save(HERO, hero_catalog_key("ana", locale), made_entry(made_page()))
    await fill_conversations(storage, CONVERSATIONS)
