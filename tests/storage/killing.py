"""Kills a process that writes, and holds what is kept against what it acknowledged."""

from asyncio.subprocess import Process
from collections.abc import Collection, Mapping

from models.players import Career, KeptPlayer
from tests.storage.children import line_of
from tests.storage.made import NOW, made_career, made_player, made_record
from tests.storage.writing_child import WRITERS

IDS = [f"{kind}{number}" for kind in ("player", "nobody") for number in range(WRITERS)]


async def kill_after(process: Process, lines: int, of: Collection[str] = IDS) -> Mapping[str, int]:
    """Kill the process when each of its writers (`of`) had an answer and it has then printed so many lines. What it
    acknowledged last of each id."""
    printed: list[str] = []
    while {line.split()[1] for line in printed} != set(of):
        printed.append(await line_of(process))
    printed += [await line_of(process) for _ in range(lines)]
    process.kill()
    rest, _ = await process.communicate()
    # A line that was cut by the kill lacks its end, and is no acknowledgement.
    whole = rest.decode().rpartition("\n")[0].splitlines()
    words = [line.split() for line in [*printed, *whole]]
    return {key: int(number) for _, key, number in words}


def reached(kept: Mapping[str, KeptPlayer]) -> dict[str, int]:
    """Version or count of each id."""
    versions = {key: player.record.version for key, player in kept.items() if player.record}
    counts = {key: player.unknown.check_count for key, player in kept.items() if player.unknown}
    return versions | counts


def assert_nothing_acknowledged_is_lost(
    acknowledged: Mapping[str, int], kept: Mapping[str, KeptPlayer], careers: Mapping[str, Career]
) -> None:
    versions = reached(kept)
    assert acknowledged.keys() == set(IDS)
    assert {key: number for key, number in acknowledged.items() if versions.get(key, 0) < number} == {}
    # Each record is one whole write: profile, career, version and age of the same one.
    players = {key: versions[key] for key in IDS[:WRITERS]}
    assert careers == {key: made_career(number) for key, number in players.items()}
    assert {key: kept[key].record for key in players} == {
        key: made_record(made_player(key, eliminations=number, fetched_at=NOW + number), version=number)
        for key, number in players.items()
    }
