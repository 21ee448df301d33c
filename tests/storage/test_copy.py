"""Facts moved through every backend come back byte for byte, and a copy that was cut short is completed.

COPY_PLAYERS sets how many players go round (10,000 for the long run).
"""

import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from errors import CopyRefused
from metrics import Metrics
from storage import Copied, SnapshotSource, Storage, copy_items
from tests.clock import FrozenClock
from tests.storage.contract.conftest import BACKENDS, opened
from tests.storage.made import made_player
from tests.storage.made_items import (
    CONVERSATIONS,
    KINDS,
    MESSAGES,
    every_item,
    fill_store,
    numbered_player,
)
from tests.storage.moving import Interrupted, Opener, silent

PLAYERS = int(os.environ.get("COPY_PLAYERS", "300"))


async def copied(source: Storage, target: Storage, *, merge: bool = False) -> Copied:
    async with source.snapshot() as snapshot:
        return await copy_items(SnapshotSource(snapshot), target.archives, silent, merge=merge)


async def test_facts_go_round_all_backends_unchanged(
    store: Opener, tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    outcomes: list[Copied] = []
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(store("first"))
        await fill_store(first, PLAYERS)
        source = first
        for name in BACKENDS:
            (tmp_path / name).mkdir()
            target = await stack.enter_async_context(opened(name, tmp_path / name, clock, metrics))
            outcomes.append(await copied(source, target))
            source = target
        last = await stack.enter_async_context(store("last"))
        outcomes.append(await copied(source, last))
        sent, arrived = await every_item(first.archives), await every_item(last.archives)

    assert all(outcome.is_verified for outcome in outcomes)
    assert len({tuple(each.target_checksum for each in outcome.comparisons) for outcome in outcomes}) == 1
    assert {kind: len(items) for kind, items in sent.items()} == {
        "players": PLAYERS,
        "player_history": PLAYERS,
        "unknown_players": PLAYERS // 10 + 1,
        "catalog": 26,
        "conversations": CONVERSATIONS,
        "messages": MESSAGES,
    }
    assert arrived == sent


async def test_copying_again_writes_nothing(store: Opener) -> None:
    async with store("source") as source, store("target") as target:
        await fill_store(source, 120)
        first = await copied(source, target)
        again = await copied(source, target)

    assert first.written == {
        "players": 120,
        "player_history": 120,
        "unknown_players": 13,
        "catalog": 26,
        "conversations": CONVERSATIONS,
        "messages": MESSAGES,
    }
    assert again.written == dict.fromkeys(KINDS, 0)
    assert again.comparisons == first.comparisons
    assert again.is_verified


async def test_copying_again_writes_what_changed(store: Opener) -> None:
    async with store("source") as source, store("target") as target:
        await fill_store(source, 120)
        await copied(source, target)
        await source.players.save(numbered_player(7, eliminations=700), ["P9-1000"])

        again = await copied(source, target)

        assert await every_item(target.archives) == await every_item(source.archives)
    # The alias went from one player to another, so both differ; the figures of one of them changed.
    assert again.written == {**dict.fromkeys(KINDS, 0), "players": 2, "player_history": 1}


@pytest.mark.parametrize("interrupted_at", [("copying players", 100), ("comparing players", 200)])
async def test_an_interrupted_copy_is_completed_by_running_it_again(
    store: Opener, interrupted_at: tuple[str, int]
) -> None:
    def interrupting(stage: str, done: int, _total: int) -> None:
        if (stage, done) == interrupted_at:
            raise Interrupted

    async with store("source") as source, store("target") as target:
        await fill_store(source, 220)
        async with source.snapshot() as snapshot:
            with pytest.raises(Interrupted):
                await copy_items(SnapshotSource(snapshot), target.archives, interrupting)
        held = await target.archives["players"].count()
        again = await copied(source, target)

        assert await every_item(target.archives) == await every_item(source.archives)
    assert held == (100 if interrupted_at[0] == "copying players" else 220)
    assert again.written == {
        "players": 220 - held,
        "player_history": 220,
        "unknown_players": 23,
        "catalog": 26,
        "conversations": CONVERSATIONS,
        "messages": MESSAGES,
    }
    assert again.is_verified


async def test_what_only_the_target_has_is_not_mixed_in(store: Opener) -> None:
    async with store("source") as source, store("target") as target:
        await fill_store(source, 12)
        await target.players.save(made_player("other|1"), [])
        await target.players.save(numbered_player(3, eliminations=999), [])
        before = await every_item(target.archives)

        with pytest.raises(CopyRefused) as refusal:
            await copied(source, target)

        assert await every_item(target.archives) == before
    assert refusal.value.message == (
        "The target holds 1 players, 1 player_history that the source has not. Clear it first (store clear), "
        "or leave them there with --merge. Nothing was written."
    )


async def test_merging_leaves_alone_what_only_the_target_has(store: Opener) -> None:
    async with store("source") as source, store("target") as target:
        await fill_store(source, 12)
        await target.players.save(made_player("other|1"), ["P3-1000"])
        merged = await copied(source, target, merge=True)
        kept, sent = await every_item(target.archives), await every_item(source.archives)

    assert merged.is_verified
    assert [each.extra for each in merged.comparisons] == [1, 1, 0, 0, 0, 0]
    assert kept["players"].keys() == {*sent["players"], "other|1"}
    assert {key: kept["players"][key] for key in sent["players"]} == sent["players"]


async def test_a_target_that_others_write_to_is_told_to_differ(store: Opener) -> None:
    async with store("source") as source, store("target") as target:
        await fill_store(source, 30)
        async with source.snapshot() as snapshot:
            archives: dict[str, Any] = {**target.archives}
            archives["players"] = Forgetful(target.archives["players"])
            outcome = await copy_items(SnapshotSource(snapshot), archives, silent)

    players, history, *others = outcome.comparisons
    assert outcome.is_verified is False
    assert (players.source_count, players.target_count, players.is_same) == (30, 29, False)
    # What belongs to the player that went is kept no longer either.
    assert (history.source_count, history.target_count) == (30, 29)
    assert all(each.is_same for each in others)


class Forgetful:
    """An archive in which somebody else removes an item right after it was written."""

    def __init__(self, archive: Any) -> None:
        self._archive = archive

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    async def put_many(self, items: Any) -> None:
        await self._archive.put_many(items)
        await self._archive.clear(1)


async def test_a_copy_is_of_the_moment_it_began(store: Opener) -> None:
    async with store("source") as source, store("target") as target:
        await fill_store(source, 12)
        before = await every_item(source.archives)
        async with source.snapshot() as snapshot:
            await source.players.save(numbered_player(3, eliminations=999), [])
            await source.players.save(made_player("late|1"), [])
            outcome = await copy_items(SnapshotSource(snapshot), target.archives, silent)

        assert await every_item(target.archives) == before
    assert outcome.is_verified
