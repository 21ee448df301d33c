"""Signals that are lost cost a delay and never an event: versions grow, and the last one always arrives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from errors import StorageUnavailable
from identity.callers import NOBODY
from models.refreshes import PlayerRefreshed
from resolvers.player_events import PlayerEvent, player_refreshed
from tests.app.server import DEADLINE, Server, served
from tests.app.test_storage_trouble import damage, mend
from tests.lossy_bus import LossyBus
from tests.replay import Replay
from tests.synthetic import career_page

ID = "Somebody-1234"
TICK = 15
CHANGES = 40
PLAYER = '{ player(playerId: "Somebody-1234") { __typename } }'


@dataclass
class Subscriber:
    """Somebody who follows the player over a bus that loses signals. `versions` are those heard of."""

    bus: LossyBus
    versions: list[int]
    woken: asyncio.Condition

    async def has_heard(self, version: int) -> None:
        """Return once a version has arrived."""
        async with asyncio.timeout(DEADLINE), self.woken:
            await self.woken.wait_for(lambda: version in self.versions)


@asynccontextmanager
async def subscriber(server: Server, share: float) -> AsyncIterator[Subscriber]:
    context = server.app.state.playgraph.make_context(NOBODY)
    bus = LossyBus(context.following.bus, share)
    context = replace(context, following=replace(context.following, bus=bus))
    subscriber = Subscriber(bus, [], asyncio.Condition())
    events = player_refreshed(context, [ID], snapshot=True)

    async def listen() -> None:
        async with aclosing(events):
            async for event in events:
                async with subscriber.woken:
                    subscriber.versions.append(_version(event))
                    subscriber.woken.notify_all()

    listening = asyncio.create_task(listen())
    try:
        yield subscriber
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


def _version(event: PlayerEvent) -> int:
    assert isinstance(event, PlayerRefreshed), event
    return event.player.version


async def change(server: Server, replay: Replay, number: int) -> None:
    """A visible change, fetched and kept. Less time passes than to the next tick."""
    replay.careers[ID] = career_page(name="Somebody", title=f"Title {number}")
    server.clock.advance(0.001)
    await server.data('mutation { refreshPlayer(input: {playerId: "Somebody-1234"}) { __typename } }')
    await server.rest()


@pytest.fixture
async def server(replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    replay.careers[ID] = career_page(name="Somebody")
    async with served(
        replay.url, storage_path=tmp_path / "kept.db", job_concurrency=1, refresh_cooldown=0
    ) as server:
        yield server


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
async def test_whatever_is_lost_the_last_version_arrives_within_a_tick(
    server: Server, replay: Replay, share: float
) -> None:
    await server.data(PLAYER)
    async with subscriber(server, share) as heard:
        await heard.has_heard(1)
        for number in range(CHANGES):
            await change(server, replay, number)
        server.clock.advance(TICK)
        await heard.has_heard(1 + CHANGES)

    assert heard.versions == sorted(set(heard.versions))
    assert heard.bus.lost > 0


async def test_without_any_signal_nothing_arrives_before_the_tick(server: Server, replay: Replay) -> None:
    await server.data(PLAYER)
    async with subscriber(server, 1.0) as heard:
        await heard.has_heard(1)
        await change(server, replay, 1)
        await change(server, replay, 2)
        before = list(heard.versions)
        server.clock.advance(TICK)
        await heard.has_heard(3)

    assert (before, heard.versions) == ([1], [1, 3])


async def test_storage_that_is_away_for_a_while_ends_no_subscription(
    server: Server, replay: Replay, tmp_path: Path
) -> None:
    await server.data(PLAYER)
    async with subscriber(server, 1.0) as heard:
        await heard.has_heard(1)
        await change(server, replay, 1)
        await damage(tmp_path / "kept.db")
        server.clock.advance(TICK)
        await reads_failed(server)
        before = list(heard.versions)
        await mend(tmp_path / "kept.db")
        await server.clock.until_sleeping(TICK)
        server.clock.advance(TICK)
        await heard.has_heard(2)

    assert (before, heard.versions) == ([1], [1, 2])


async def test_a_subscription_that_cannot_begin_says_why(server: Server, tmp_path: Path) -> None:
    await server.data(PLAYER)
    await server.rest()
    await damage(tmp_path / "kept.db")
    context = server.app.state.playgraph.make_context(NOBODY)

    async with aclosing(player_refreshed(context, [ID], snapshot=False)) as events:
        with pytest.raises(StorageUnavailable):
            await anext(events)


async def reads_failed(server: Server) -> None:
    """Return when a read of players has failed."""
    name = 'playgraph_storage_errors_total{repository="players"}'
    async with asyncio.timeout(DEADLINE):
        while not await server.figure(name):  # noqa: ASYNC110 - figures tell nobody
            await asyncio.sleep(0.01)
