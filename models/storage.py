"""What an operator wants to know of storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class StorageHealth(Enum):
    """Whether storage does its work. DEGRADED: all facts are served, something that speeds it up is missing."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class AgePercentiles:
    """Ages in seconds: half, nine tenths and ninety-nine hundredths of the records are at most this old."""

    p50: float
    p90: float
    p99: float


@dataclass(frozen=True, slots=True)
class KindStatistics:
    """How much is kept of one kind. `size` is bytes of content, without what the database adds; `ages` is None for
    kinds without a time of fetching, and when nothing is kept."""

    kind: str
    count: int
    size: int
    ages: AgePercentiles | None = None


@dataclass(frozen=True, slots=True)
class StorageStatus:
    """The backend, its versions, and what it keeps. `kinds` is empty while it is DOWN."""

    backend: str
    health: StorageHealth
    schema_version: int
    server_version: str
    kinds: Sequence[KindStatistics]
