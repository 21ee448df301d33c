"""Real-sized players copied through all four backends and back: `python -m bench.copying [PLAYERS]`, 10,000 by default.

Prints how long each copy took, verification included, and writes it as its section of `bench/RESULTS.md`. Ends with
code 1 when what came back is not what was sent, byte for byte. Takes minutes, and some hundred megabytes of each
server, which are given back at the end.
"""

import asyncio
import hashlib
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from itertools import count, islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import structlog
from tqdm import tqdm

from bench.children import Failure
from bench.figures import Section, say
from bench.invented import NOW, invented_player, invented_profile
from bench.places import PLACES, missing_server
from bench.results import write_soak
from bench.tables import load_before, plain, soak_section
from clock import SystemClock
from metrics import Metrics
from models.players import FetchedPlayer
from storage import SnapshotSource, Storage, codec, copy_items, open_storage
from storage.items import PLAYERS, PlayerItem, encode_item
from storage.walking import pages_of

TOUR = (*PLACES, "sqlite")
_WHOLE = 50
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Hop:
    """One copy: from where to where, and how long it took."""

    name: str
    seconds: float
    players: int

    def row(self) -> tuple[str, ...]:
        return self.name, f"{self.seconds:.1f}", f"{self.players / self.seconds:,.0f}"


def measure(players: int) -> Section:
    """Make the tour. Raises Failure where a server is missing."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    missing = [said for backend in PLACES if (said := missing_server(backend))]
    if missing:
        raise Failure(f"the tour needs all four backends: {missing[0]}")
    return asyncio.run(_toured(players))


async def _toured(players: int) -> Section:
    async with AsyncExitStack() as stack:
        stores = [await _opened(stack, backend) for backend in TOUR]
        await _fill(stores[0], players)
        sent = await _digest(stores[0])
        hops = [await _copied(source, target, players) for source, target in pairwise(stores)]
        arrived = await _digest(stores[-1])
        size = (await stores[0].archives[PLAYERS.name].statistics(NOW)).size
    changed = f"What came back is not what was sent: {arrived} against {sent}." if arrived != sent else None
    note = (
        f"{players:,} invented players of {size / players / 1000:.0f} kB each. A copy reads each player twice on both "
        f"sides: to write what differs, and to verify. Digest of all bytes, before and after: {sent}, {arrived}."
    )
    rows = [hop.row() for hop in hops]
    return Section("Copied through all backends", note, ("copy", "s", "players/s"), rows, failure=changed)


async def _opened(stack: AsyncExitStack, backend: str) -> Storage:
    folder = Path(stack.enter_context(TemporaryDirectory()))
    options = await stack.enter_async_context(PLACES[backend](folder))
    return await stack.enter_async_context(open_storage(options, clock=SystemClock(), metrics=Metrics()))


async def _fill(storage: Storage, players: int) -> None:
    made = _items(random.Random(2217))
    with tqdm(total=players, desc="inventing", disable=None) as bar:
        for first in range(0, players, _AT_ONCE):
            items = list(islice(made, min(_AT_ONCE, players - first)))
            await storage.archives[PLAYERS.name].put_many(items)
            bar.update(len(items))


def _items(draw: random.Random) -> Iterator[PlayerItem]:
    """Players without end. Each has a profile, numbers and aliases of its own; inventing careers and pages takes a
    hundred times as long, so that some players share them."""
    whole = [invented_player(draw, number) for number in range(_WHOLE)]
    encoded = [codec.encode_player(player) for player in whole]
    for number in count():
        yield _item(draw, number, whole[number % _WHOLE], encoded[number % _WHOLE])


def _item(
    draw: random.Random, number: int, player: FetchedPlayer, encoded: codec.EncodedPlayer
) -> PlayerItem:
    profile = invented_profile(draw, number)
    packed = codec.pack(replace(profile, battletag=None))
    return PlayerItem(
        key=profile.blizzard_id,
        battletag=profile.battletag if number % 2 else None,
        version=draw.randrange(1, 9),
        facts_hash=codec.hash_kept(packed, encoded.career),
        parser_version=player.parser_version,
        data_version=codec.DATA_VERSION,
        fetched_at=NOW + number,
        created_at=NOW - number,
        changed_at=NOW,
        profile=packed,
        career=encoded.career,
        search_row=None if number % 3 else f'{{"name": "Name-{number} 🦊"}}',
        page=encoded.page,
        player_ids=tuple(sorted({profile.blizzard_id, f"Name-{number}", f"name-{number}"})),
    )


async def _copied(source: Storage, target: Storage, players: int) -> _Hop:
    name = f"{source.backend} to {target.backend}"
    began = perf_counter()
    with tqdm(total=2 * players, desc=name, disable=None) as bar:
        done = dict.fromkeys(("copying players", "comparing players"), 0)

        def progress(stage: str, number: int, _total: int) -> None:
            if stage in done:
                bar.update(number - done[stage])
                done[stage] = number

        async with source.snapshot() as snapshot:
            outcome = await copy_items(SnapshotSource(snapshot), target.archives, progress)
    if not outcome.is_verified or outcome.written[PLAYERS.name] != players:
        raise Failure(f"{name}: {outcome}")
    hop = _Hop(name, perf_counter() - began, players)
    say(f"  {hop.name}: {hop.seconds:.1f} s")
    return hop


async def _digest(storage: Storage) -> str:
    """One digest of the bytes of all players, whatever order a backend lists them in."""
    digests: list[bytes] = []
    async for items in pages_of(storage.archives[PLAYERS.name]):
        digests += [hashlib.blake2b(encode_item(item), digest_size=16).digest() for item in items]
    return hashlib.blake2b(b"".join(sorted(digests)), digest_size=8).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Print the figures and keep them; the exit code."""
    load, began = load_before(), perf_counter()
    try:
        section = measure(int(arguments[0]) if arguments else 10_000)
    except Failure as failure:
        say(f"No figures: {failure}")
        return 2
    print(plain(section))
    print(section.note)
    write_soak("copying", soak_section(section, perf_counter() - began, load))
    if section.failure:
        say(section.failure)
    return int(bool(section.failure))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
