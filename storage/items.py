"""Records as they are kept, whole and undecoded: what is copied, backed up and restored.

An item is everything of one aggregate, so that moving items one by one moves facts whole. The same item has the same
bytes on every backend.
"""

import hashlib
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec


@dataclass(frozen=True, slots=True)
class Item:
    """What all items have: the key under which they are found among those of their kind."""

    key: str


@dataclass(frozen=True, slots=True)
class PlayerItem(Item):
    """A player; key: Blizzard's id. `player_ids` are its aliases, sorted by code point, its own id among them.

    `profile`, `career` and `page` are bytes of `storage.codec`; all three are there or it is no player.
    """

    battletag: str | None
    version: int
    facts_hash: str
    parser_version: int
    data_version: int
    fetched_at: int
    created_at: int
    changed_at: int
    profile: bytes
    career: bytes
    search_row: str | None
    page: bytes
    player_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SnapshotItem(Item):
    """A snapshot in the history of a player; key: `snapshot_item_key`. `figures` are bytes of `storage.codec`.

    It belongs to the player: one that is put while no such player is kept is left out.
    """

    taken_at: int
    figures_hash: str
    data_version: int
    figures: bytes


@dataclass(frozen=True, slots=True)
class UnknownPlayerItem(Item):
    """A note that upstream has no such player; key: the id, or Blizzard's id of a kept player."""

    check_count: int
    checked_at: int
    retry_at: int


@dataclass(frozen=True, slots=True)
class CatalogItem(Item):
    """An entry of the catalog; key: `catalog_item_key`. `facts` and `source` are bytes of `storage.codec`."""

    version: int
    facts_hash: str
    parser_version: int
    data_version: int
    fetched_at: int
    created_at: int
    changed_at: int
    facts: bytes
    source: bytes


@dataclass(frozen=True, slots=True)
class ConversationItem(Item):
    """A conversation; key: its id."""

    caller: str
    user_id: str
    channel_id: str
    created_at: int
    last_activity_at: int
    expires_at: int | None
    message_count: int


@dataclass(frozen=True, slots=True)
class MessageItem(Item):
    """A message; key: `message_item_key`, `id` its own.

    It belongs to its conversation, and a reply to what it answers: one that is put while either is not kept, or while
    the conversation does not count as many, is left out.
    """

    id: str
    role: str
    content: str
    created_at: int
    parent_id: str | None
    client_key: str | None


ItemT = TypeVar("ItemT", bound=Item)


@dataclass(frozen=True, slots=True)
class ItemKind(Generic[ItemT]):
    """A kind of items: `name` as files and operators see it, `item` the type of one."""

    name: str
    item: type[ItemT]


PLAYERS = ItemKind("players", PlayerItem)
PLAYER_HISTORY = ItemKind("player_history", SnapshotItem)
UNKNOWN_PLAYERS = ItemKind("unknown_players", UnknownPlayerItem)
CATALOG = ItemKind("catalog", CatalogItem)
CONVERSATIONS = ItemKind("conversations", ConversationItem)
MESSAGES = ItemKind("messages", MessageItem)

_encoder = msgspec.msgpack.Encoder()


def catalog_item_key(kind: str, key: str) -> str:
    """Kind and key of a catalog entry as one key: "hero/en-us/ana". Kinds have no slash in their names."""
    return f"{kind}/{key}"


def split_catalog_item_key(item_key: str) -> tuple[str, str]:
    """Kind and key of what `catalog_item_key` made."""
    kind, _, key = item_key.partition("/")
    return kind, key


def snapshot_item_key(blizzard_id: str, version: int) -> str:
    """Player and version of a snapshot as one key: "a1|b2/3"."""
    return f"{blizzard_id}/{version}"


def split_snapshot_item_key(item_key: str) -> tuple[str, int]:
    """Player and version of what `snapshot_item_key` made."""
    blizzard_id, _, version = item_key.rpartition("/")
    return blizzard_id, int(version)


def message_item_key(conversation_id: str, sequence: int) -> str:
    """Conversation and sequence of a message as one key: "018f-.../3"."""
    return f"{conversation_id}/{sequence}"


def split_message_item_key(item_key: str) -> tuple[str, int]:
    """Conversation and sequence of what `message_item_key` made."""
    conversation_id, _, sequence = item_key.rpartition("/")
    return conversation_id, int(sequence)


def encode_item(item: Item) -> bytes:
    """The item as MessagePack: equal items give equal bytes."""
    return _encoder.encode(item)


def item_digest(kind: ItemKind[ItemT], item: ItemT) -> bytes:
    """Sixteen bytes that differ when the items do."""
    encoded = encode_item(item)
    return hashlib.blake2b(kind.name.encode() + b"\0" + encoded, digest_size=16).digest()
