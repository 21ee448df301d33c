"""The door of the storage room: what other rooms may import, and nothing else."""

from storage.backing_up import back_up, new_file, restore
from storage.backup import Backup, KindSum
from storage.checking import check_storage
from storage.copying import Comparison, Copied, clear_items, copy_items
from storage.game_protocols import BoxScores, GameRecords, Games
from storage.open import open_storage
from storage.options import PostgresOptions, RedisOptions, SqliteOptions, StorageOptions
from storage.protocols import (
    Cache,
    CacheEntry,
    Catalog,
    Conversations,
    Counters,
    EventBus,
    History,
    JobClaims,
    JobRecords,
    Leases,
    Players,
    Storage,
    Subscription,
)
from storage.status import StatusReader
from storage.walking import Progress, SnapshotSource

__all__ = [
    "Backup",
    "BoxScores",
    "Cache",
    "CacheEntry",
    "Catalog",
    "Comparison",
    "Conversations",
    "Copied",
    "Counters",
    "EventBus",
    "GameRecords",
    "Games",
    "History",
    "JobClaims",
    "JobRecords",
    "KindSum",
    "Leases",
    "Players",
    "PostgresOptions",
    "Progress",
    "RedisOptions",
    "SnapshotSource",
    "SqliteOptions",
    "StatusReader",
    "Storage",
    "StorageOptions",
    "Subscription",
    "back_up",
    "check_storage",
    "clear_items",
    "copy_items",
    "new_file",
    "open_storage",
    "restore",
]
