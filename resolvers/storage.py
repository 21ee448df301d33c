"""Answers about storage itself, for its operator."""

from models.storage import StorageStatus
from resolvers.context import RequestContext

_KEPT_MILLISECONDS = 5_000
_PATIENCE_SECONDS = 5.0


async def storage(context: RequestContext) -> StorageStatus:
    """The state of storage, at most five seconds old."""
    return await context.status.read(_KEPT_MILLISECONDS, _PATIENCE_SECONDS)


def total_bytes(parent: StorageStatus) -> float:
    """Bytes of all kinds together."""
    return float(sum(kind.size for kind in parent.kinds))
