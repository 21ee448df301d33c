"""A door that knows guests by the second at which they have to leave: `Authorization: Guest 1800000060`."""

from errors import Unauthenticated
from execution.admission import Admission
from execution.visitors import Identified, Visitor
from tests.refresh.held_clock import HeldClock

NOW = 1_800_000_000
MINUTE = f"Guest {NOW + 60}"
FOREVER = "Guest forever"


async def identify(visitor: Visitor) -> Identified:
    """Takes guests, and those who say nothing; nobody else."""
    written = visitor.headers.get(b"authorization", b"").decode() or str(visitor.init.get("guest", ""))
    scheme, _, until = written.partition(" ")
    if scheme not in ("", "Guest"):
        raise Unauthenticated("That is no guest.")
    return Identified(visitor, written, int(until) * 1000 if until.isdigit() else None)


def guests_only(clock: HeldClock) -> Admission:
    return Admission(identify, clock)
