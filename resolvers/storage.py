"""Answers about storage itself, for its operator."""

from errors import Unauthenticated
from models.storage import StorageStatus
from resolvers.context import RequestContext

_KEPT_MILLISECONDS = 5_000
_PATIENCE_SECONDS = 5.0


async def storage(context: RequestContext) -> StorageStatus:
    """The state of storage, at most five seconds old. Unauthenticated where others than this machine can ask."""
    if not context.is_local:
        raise Unauthenticated("The state of storage is shown where the server listens on loopback alone.")
    return await context.status.read(_KEPT_MILLISECONDS, _PATIENCE_SECONDS)


def total_bytes(parent: StorageStatus) -> float:
    """Bytes of all kinds together."""
    return float(sum(kind.size for kind in parent.kinds))
