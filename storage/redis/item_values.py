"""How items of each kind lie in the tables of Redis: what scripts are given to write them and answer for them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, Generic, TypedDict, TypeVar

from storage.items import (
    CATALOG,
    PLAYER_HISTORY,
    PLAYERS,
    UNKNOWN_PLAYERS,
    CatalogItem,
    Item,
    ItemKind,
    PlayerItem,
    SnapshotItem,
    UnknownPlayerItem,
    snapshot_item_key,
    split_snapshot_item_key,
)
from storage.redis.connection import Value
from storage.redis.keys import CatalogKeys, Keys, PlayerKeys
from storage.redis.records import (
    Stamp,
    decode_numbers,
    decode_snapshot,
    decode_stamp,
    encode_numbers,
    encode_snapshot,
    signed,
    snapshot_place,
    split_snapshot_place,
)
from storage.redis.script import Script, read_script

ItemT = TypeVar("ItemT", bound=Item)

# What a stamp and the item that it stands in have in common.
_STAMPED = tuple(part.name for part in fields(Stamp) if part.name != "battletag")

Columns = Sequence[Sequence[Any]]
"""What a reading script answers: keys, then each part of all of them, None where one lacks it."""


@dataclass(frozen=True, slots=True)
class Shape(Generic[ItemT]):
    """A kind of items on Redis.

    `tables` are the keys by the part of a snapshot; `statistics` the order, the ages (None: it has none) and the
    sizes among them. `values` is what `put` takes for one item, `items` makes items of the columns that the
    reading scripts answer, without those that are not whole. `place` is where the order has an item of a key.
    """

    kind: ItemKind[ItemT]
    tag: str
    tables: Callable[[Keys, str], tuple[str, ...]]
    statistics: Callable[[Keys], tuple[str, str | None, str]]
    page: Script
    get: Script
    count: Script
    clear: Script
    put: Script
    values: Callable[[ItemT], Sequence[Value]]
    items: Callable[[Columns], Iterator[ItemT]]
    place: Callable[[str], str] = str


def _player_values(item: PlayerItem) -> Sequence[Value]:
    return (
        item.key,
        _stamp(item, item.battletag),
        item.profile,
        item.career,
        item.page,
        signed(item.search_row),
        len(item.player_ids),
        *item.player_ids,
    )


def _players(columns: Columns) -> Iterator[PlayerItem]:
    for key, kept, profile, career, search_row, page, player_ids in zip(*columns, strict=True):
        if kept is None or profile is None or career is None or page is None:
            continue
        stamp = decode_stamp(kept)
        yield PlayerItem(
            key=key.decode(),
            battletag=stamp.battletag,
            **_stamped(stamp),
            profile=profile,
            career=career,
            search_row=None if search_row is None else search_row.decode(),
            page=page,
            # Sorted by their bytes in UTF-8, which is the order of code points.
            player_ids=tuple(player_id.decode() for player_id in player_ids),
        )


def _snapshot_values(item: SnapshotItem) -> Sequence[Value]:
    snapshot = encode_snapshot(item.figures_hash, item.data_version, item.figures, item.taken_at)
    return *split_snapshot_item_key(item.key), snapshot


def _snapshots(columns: Columns) -> Iterator[SnapshotItem]:
    for place, kept in zip(*columns, strict=True):
        if kept is None:
            continue
        with suppress(ValueError):
            key = snapshot_item_key(*split_snapshot_place(place))
            yield SnapshotItem(key, *decode_snapshot(kept))


def _note_values(item: UnknownPlayerItem) -> Sequence[Value]:
    return item.key, encode_numbers(item.check_count, item.checked_at, item.retry_at), item.retry_at


def _notes(columns: Columns) -> Iterator[UnknownPlayerItem]:
    for key, note in zip(*columns, strict=True):
        if note is not None:
            yield UnknownPlayerItem(key.decode(), *decode_numbers(note))


def _catalog_values(item: CatalogItem) -> Sequence[Value]:
    return item.key, _stamp(item, None), item.facts, item.source


def _catalog(columns: Columns) -> Iterator[CatalogItem]:
    for key, kept, its_facts, source in zip(*columns, strict=True):
        if kept is None or its_facts is None or source is None:
            continue
        stamp = decode_stamp(kept)
        yield CatalogItem(
            key=key.decode(),
            **_stamped(stamp),
            facts=its_facts,
            source=source,
        )


def _stamp(item: PlayerItem | CatalogItem, battletag: str | None) -> str:
    return Stamp(**_stamped(item), battletag=battletag).encode()


def _stamped(kept: PlayerItem | CatalogItem | Stamp) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in _STAMPED}


def _listed(tables: PlayerKeys | CatalogKeys) -> tuple[str, str | None, str]:
    return tables.ids, tables.fetched, tables.sizes


class Reading(TypedDict):
    """The scripts of a shape that are the same for every kind, but for the tables."""

    page: Script
    get: Script
    count: Script
    clear: Script


def reading(items: str, *tables: str) -> Reading:
    """The scripts for tables that `items` tells how to read and clear."""

    def script(name: str) -> Script:
        return read_script(name, "parts", *tables, "items", items)

    return {
        "page": script("list_items"),
        "get": script("get_items"),
        "count": script("count_items"),
        "clear": script("clear_items"),
    }


PLAYER_SHAPE = Shape(
    kind=PLAYERS,
    tag="players",
    tables=lambda keys, part: keys.players(part).all(),
    statistics=lambda keys: _listed(keys.players()),
    put=read_script("put_players", "parts", "players"),
    values=_player_values,
    items=_players,
    **reading("player_items", "players", "history"),
)
HISTORY_SHAPE = Shape(
    kind=PLAYER_HISTORY,
    tag="players",
    tables=lambda keys, part: keys.players(part).all(),
    statistics=lambda keys: (keys.players().timeline, None, keys.players().sizes),
    put=read_script("put_history", "parts", "players", "history"),
    values=_snapshot_values,
    items=_snapshots,
    place=lambda key: snapshot_place(*split_snapshot_item_key(key)),
    **reading("history_items", "players", "history"),
)
UNKNOWN_PLAYER_SHAPE = Shape(
    kind=UNKNOWN_PLAYERS,
    tag="players",
    tables=lambda keys, part: keys.players(part).all(),
    statistics=lambda keys: (keys.players().note_ids, None, keys.players().sizes),
    put=read_script("put_notes", "parts", "players"),
    values=_note_values,
    items=_notes,
    **reading("note_items", "players"),
)
CATALOG_SHAPE = Shape(
    kind=CATALOG,
    tag="catalog",
    tables=lambda keys, part: keys.catalog(part).all(),
    statistics=lambda keys: _listed(keys.catalog()),
    put=read_script("put_entries", "parts", "catalog"),
    values=_catalog_values,
    items=_catalog,
    **reading("catalog_items", "catalog"),
)
