"""What every repository is tried with: odd text, turns of the loop, steps of a walk, and the figures it counts."""

import asyncio
from collections.abc import Awaitable, Callable

from metrics import Metrics

ODD_TEXTS = [
    "",
    'it\'s "quoted" -- ; DROP TABLE players',
    "100% _ \\ $1 ?",
    "🦊 Ünïcödé 测试 \u200d\U0001f468",
    "line\r\nfeed\ttab\x01\x7f",
    "long" * 25_000,
]
ODD_NAMES = ["empty", "quotes", "signs", "scripts", "controls", "long"]


async def take_turns(count: int) -> None:
    """Let the other tasks have so many turns."""
    for _ in range(count):
        await asyncio.sleep(0)


def counted(metrics: Metrics, figure: str, repository: str) -> float:
    """The storage calls counted so far: `figure` is reads, writes or errors."""
    name = f"playgraph_storage_{figure}_total"
    return metrics.registry.get_sample_value(name, {"repository": repository}) or 0.0


async def walk_differences(
    count: int,
    take_step: Callable[[], Awaitable[tuple[str, object, object]]],
    is_equal: Callable[[], Awaitable[bool]],
) -> list[str]:
    """Take so many steps; each is a name, what the model answered and what storage did. What differed, in words."""
    found: list[str] = []
    for number in range(count):
        name, expected, actual = await take_step()
        if expected != actual:
            found.append(f"step {number}, {name}: {actual} instead of {expected}")
        if not await is_equal():
            found.append(f"step {number}, {name}: storage differs from the model afterwards")
    return found
