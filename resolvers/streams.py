"""Following something that changes: signals wake, a slow tick makes up for those that are lost."""

from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass

from clock import Clock
from refresh.waking import woken
from storage import EventBus


@dataclass(frozen=True, slots=True)
class Following:
    """What it takes to follow: where signals come from, and how many seconds to wait for one at most."""

    bus: EventBus
    clock: Clock
    tick_seconds: float


async def follow(following: Following, topics: Callable[[], Collection[str]]) -> AsyncGenerator[None, None]:
    """A turn for each time there may be something new: at once, then at each signal on the topics and each tick.

    What the caller reads in its turn is read after the subscription began: nothing is missed in between. `topics` is
    asked again after each turn, since what was read may lead to more; then there is a further turn at once.
    """
    now = frozenset(topics())
    while True:
        async with following.bus.subscribe(now) as wakes:
            yield
            while (then := frozenset(topics())) <= now:
                await woken(wakes, following.clock, following.tick_seconds)
                yield
        now = then
