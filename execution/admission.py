"""The door of every transport: who a visitor is, whether it may stay, and when it has to leave."""

from collections.abc import Awaitable, Callable

from clock import Clock, SystemClock
from errors import Forbidden, Unauthenticated
from execution.refusals import Refusal, RefusalCode, RefusedError, refusal
from execution.visitors import Identified, Visitor

EXPIRED = "The token has expired."

Identify = Callable[[Visitor], Awaitable[Identified]]
"""Finds out who a visitor is. Raises Unauthenticated for one whose claim is false: it is not served at all, not even
what is for everybody, for it believes to be somebody; and Forbidden for one who may not come in at all."""


async def as_nobody(visitor: Visitor) -> Identified:
    """Takes everybody as they come."""
    return Identified(visitor)


class Admission:
    """Lets visitors in by `identify`, for as long as what they showed is good."""

    def __init__(self, identify: Identify = as_nobody, clock: Clock | None = None) -> None:
        self._identify = identify
        self._clock = clock or SystemClock()

    async def admit(self, visitor: Visitor) -> Identified:
        """Who a visitor is; raises RefusedError: 401 when its claim is false, 403 when it may not come in."""
        try:
            return await self._identify(visitor)
        except Unauthenticated as error:
            raise RefusedError(_unauthenticated(error.message)) from None
        except Forbidden as error:
            raise RefusedError(refusal(RefusalCode.FORBIDDEN, error.message, status=403)) from None

    def is_over(self, identified: Identified) -> bool:
        """Whether the time of what the visitor showed is over."""
        return identified.expires_at is not None and identified.expires_at <= self._clock.now()

    async def until_over(self, identified: Identified) -> None:
        """Return when that time is over; at once where it has no end."""
        while identified.expires_at is not None and not self.is_over(identified):
            # The clock may be set while we sleep, so what it says then counts.
            await self._clock.sleep((identified.expires_at - self._clock.now()) / 1000)


def expired() -> RefusedError:
    """What a visitor is told whose time is over."""
    return RefusedError(_unauthenticated(EXPIRED))


def _unauthenticated(message: str) -> Refusal:
    challenge = f'Bearer error="invalid_token", error_description="{message}"'
    return refusal(RefusalCode.UNAUTHENTICATED, message, status=401, challenge=challenge)
