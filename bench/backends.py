"""Reading 50 profiles from each backend against its raw driver, which sends the same and gets the same bytes.

Run alone as `python -m bench.backends`. Both work in one process and event loop and take turns.
"""

import asyncio
import gc
import random
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import structlog

from bench.children import Failure
from bench.figures import Bar, Section, percent, say, spread
from bench.invented import NOW, invented_player, invented_profile
from bench.peers import PEERS, Call, Peer, Send, noted
from bench.places import PLACES, missing_server
from clock import SystemClock
from metrics import Metrics
from storage import Storage, codec, open_storage
from storage.items import PlayerItem

LEAST = 0.7
IDS = 50
# Whoever reads so many in turn finds none of them unpacked: between two reads of one, as many others as are remembered
# were unpacked, even if as many more were not.
PLAYERS = 2 * codec.REMEMBERED_PROFILES + 200
# Those of whom the memory is half full, again and again.
WARM_ROUNDS = [range(codec.REMEMBERED_PROFILES // IDS // 2)] * 60
# Everybody in turn, a few at a time, so that a disturbance from outside meets both sides.
COLD_ROUNDS = [range(first, first + 11) for first in range(0, PLAYERS // IDS, 11)] * 6
CALLERS = (1, 8)
_PUT_AT_ONCE = 200

Ask = Callable[[int], Awaitable[object]]
"""Sends the call of that number."""

NOTE = (
    f"`get_many` of {IDS} profiles out of {PLAYERS:,}. The limit is the raw driver (aiosqlite on one connection, a "
    "pool of asyncpg, redis-py), which sends the same statement or command with the same values, noted at the "
    "driver's door, and gets the same bytes. Both by turns, in one process and event loop; shares are of calls a "
    "second, medians of all rounds. In memory: the profiles were asked for before, and the driver's answer is left as "
    "it came. Not in memory: none was, and the driver's answer is unpacked by hand into the same dataclasses. None "
    f"may be below {percent(LEAST)}. Last in a name: how many ask at once. Noise is of the middle half of the rounds."
)


@dataclass(frozen=True, slots=True)
class _Compared:
    """Seconds for a call, ours and the raw driver's, round by round."""

    name: str
    ours: Sequence[float]
    raw: Sequence[float]

    @property
    def shares(self) -> list[float]:
        return [raw / ours for ours, raw in zip(self.ours, self.raw, strict=True)]

    @property
    def share(self) -> float:
        return median(self.shares)

    def row(self) -> tuple[str, ...]:
        ours, raw = median(self.ours), median(self.raw)
        middle = sorted(self.shares)[len(self.shares) // 4 : -(len(self.shares) // 4)]
        return (
            self.name,
            f"{1 / ours:,.0f}",
            f"{1 / raw:,.0f}",
            f"{ours * 1e6:,.0f}",
            percent(self.share),
            f"±{spread(middle):.0%}",
        )


def measure(backends: Sequence[str] = tuple(PLACES)) -> Section:
    """Fill each backend that is there, then read it both ways. Raises Failure when the two answer differently."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    items = invented_items(random.Random(2217), PLAYERS)
    rows: list[tuple[str, ...]] = []
    compared: list[_Compared] = []
    for backend in backends:
        if missing := missing_server(backend):
            say(f"  {backend} is left out: {missing}")
            rows.append((f"{backend}: left out, {missing}", "", "", "", "", ""))
            continue
        with TemporaryDirectory() as folder:
            measured = asyncio.run(_measure(backend, Path(folder), items))
        rows += [each.row() for each in measured]
        compared += measured
    slow = [
        f"{each.name}: {percent(each.share)} of the raw driver" for each in compared if each.share < LEAST
    ]
    return Section(
        "Reading 50 profiles from each backend",
        NOTE,
        ("backend, profiles, callers", "calls/s", "raw calls/s", "us a call", "of the limit", "noise"),
        rows,
        [Bar(each.name, each.share) for each in compared],
        failure=f"Below {percent(LEAST)}: {'; '.join(slow)}." if slow else None,
    )


def invented_items(draw: random.Random, count: int) -> list[PlayerItem]:
    """Players as they are kept, found by BattleTags. They share careers and pages, which take long to invent."""
    shared = [codec.encode_player(invented_player(draw, number)) for number in range(10)]
    items = []
    for number in range(count):
        profile, encoded = invented_profile(draw, number), shared[number % len(shared)]
        packed = codec.pack(replace(profile, battletag=None))
        items.append(
            PlayerItem(
                key=profile.blizzard_id,
                battletag=profile.battletag,
                version=1,
                facts_hash=codec.hash_kept(packed, encoded.career),
                parser_version=1,
                data_version=codec.DATA_VERSION,
                fetched_at=NOW,
                created_at=NOW,
                changed_at=NOW,
                profile=packed,
                career=encoded.career,
                search_row=None,
                page=encoded.page,
                player_ids=tuple(sorted({profile.blizzard_id, f"Name-{number}"})),
            )
        )
    return items


async def _measure(backend: str, folder: Path, items: Sequence[PlayerItem]) -> list[_Compared]:
    async with AsyncExitStack() as stack:
        options = await stack.enter_async_context(PLACES[backend](folder))
        opening = open_storage(options, clock=SystemClock(), metrics=Metrics())
        storage = await stack.enter_async_context(opening)
        for first in range(0, len(items), _PUT_AT_ONCE):
            await storage.archives["players"].put_many(items[first : first + _PUT_AT_ONCE])
        peer = PEERS[backend]
        send = await stack.enter_async_context(peer.opened(options))
        asked = _asked(random.Random(2217), len(items))
        sent = await _sent(storage, peer, asked)
        await _agree(storage, peer, asked[0], await send(*sent[0]))
        raw, unpacked = partial(_raw, send, sent), partial(_unpacked, send, sent, peer, asked)
        ours = partial(_ours, storage, asked)
        measured = []
        for callers in CALLERS:
            with _collected():
                warm = await _by_turns(WARM_ROUNDS, callers, ours, raw)
                cold = await _by_turns(COLD_ROUNDS, callers, ours, unpacked)
            measured.append(_Compared(f"{backend}, in memory, {callers}", *warm))
            measured.append(_Compared(f"{backend}, not in memory, {callers}", *cold))
    for each in measured:
        say(f"  {each.name:<42} {percent(each.share):>5} of the raw driver")
    return measured


def _asked(draw: random.Random, count: int) -> list[list[str]]:
    """All players in an order of chance, `IDS` at a time."""
    names = draw.sample([f"Name-{number}" for number in range(count)], count)
    return [names[first : first + IDS] for first in range(0, count, IDS)]


async def _sent(storage: Storage, peer: Peer, asked: Sequence[Sequence[str]]) -> list[Call]:
    """What storage sends for each of these; asked twice, since at first hybrid's copies are not there."""
    for each in asked:
        await storage.players.get_many(each)
    with noted(peer) as calls:
        for each in asked:
            await storage.players.get_many(each)
    if len(calls) != len(asked):
        raise Failure(f"{len(asked)} reads of {IDS} profiles took {len(calls)} round trips")
    return list(calls)


async def _agree(storage: Storage, peer: Peer, asked: Sequence[str], answer: object) -> None:
    kept = await storage.players.get_many(asked)
    if len(kept) != len(asked) or peer.unpack(asked, answer) != kept:
        raise Failure(f"{storage.backend} and its raw driver do not give the same players")


async def _ours(storage: Storage, asked: Sequence[Sequence[str]], number: int) -> object:
    return await storage.players.get_many(asked[number])


async def _raw(send: Send, sent: Sequence[Call], number: int) -> object:
    return await send(*sent[number])


async def _unpacked(
    send: Send, sent: Sequence[Call], peer: Peer, asked: Sequence[Sequence[str]], number: int
) -> object:
    return peer.unpack(asked[number], await send(*sent[number]))


async def _by_turns(
    rounds: Sequence[Sequence[int]], callers: int, ours: Ask, raw: Ask
) -> tuple[list[float], list[float]]:
    """Seconds for a call in each round. The first round comes once more before, in which statements are prepared."""
    taken: dict[Ask, list[float]] = {ours: [], raw: []}
    for turn, numbers in enumerate([rounds[0], *rounds]):
        for ask in (ours, raw) if turn % 2 else (raw, ours):
            taken[ask].append(await _seconds(numbers, callers, ask))
    return taken[ours][1:], taken[raw][1:]


async def _seconds(numbers: Sequence[int], callers: int, ask: Ask) -> float:
    waiting = iter(numbers)

    async def call() -> None:
        for number in waiting:
            await ask(number)

    gc.collect()
    began = perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    return (perf_counter() - began) / len(numbers)


@contextmanager
def _collected() -> Iterator[None]:
    """Look for no garbage in what was there before, as a server does not either."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


if __name__ == "__main__":
    section = measure(tuple(sys.argv[1:]) or tuple(PLACES))
    for row in section.rows:
        print(*row, sep="  ")
    if section.failure:
        sys.exit(section.failure)
