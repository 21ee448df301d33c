"""Signals between processes over PostgreSQL: who hears whom, and what a broken connection costs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from metrics import Metrics
from models.events import Pointer
from storage import PostgresOptions
from storage.bus.messages import messages
from storage.bus.patience import Patience
from storage.bus.postgres import MOST_BYTES, channel_of, open_postgres_bus
from storage.bus.remote import RemoteBus
from storage.sql.postgres import open_postgres
from tests.clock import FrozenClock
from tests.servers.postgres import run_sql
from tests.servers.waiting import free_port
from tests.storage.load import eventually
from tests.storage.probes import counted
from tests.storage.real_postgres import own_pooled_postgres, own_postgres

QUICK = Patience(answer=2.0, silence=0.2, first_pause=0.01, longest_pause=0.05)


@pytest.fixture(params=["direct", "pgbouncer"])
async def options(request: pytest.FixtureRequest) -> AsyncIterator[PostgresOptions]:
    source = own_postgres if request.param == "direct" else own_pooled_postgres
    async with source() as options:
        yield options


@asynccontextmanager
async def process(options: PostgresOptions, metrics: Metrics | None = None) -> AsyncIterator[RemoteBus]:
    """The bus of a process of its own."""
    async with (
        open_postgres(options, FrozenClock()) as database,
        open_postgres_bus(options, database, metrics or Metrics(), QUICK) as bus,
    ):
        yield bus


async def channel(options: PostgresOptions) -> str:
    """The channel of this schema, by which its listeners are known too."""
    ((schema,),) = await run_sql(options.direct_url or options.url, "SELECT current_schema()")
    return channel_of(schema)


async def cut_listeners(options: PostgresOptions) -> None:
    """End every session that listens for this schema."""
    await run_sql(
        options.direct_url or options.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
        await channel(options),
    )


async def test_a_process_hears_what_another_publishes(options: PostgresOptions) -> None:
    async with process(options) as one, process(options) as two, two.subscribe(["a", "b"]) as subscription:
        await one.publish([Pointer("a", 3), Pointer("c", 9)])

        assert await asyncio.wait_for(subscription.wait(), 10) == [Pointer("a", 3)]


async def test_the_highest_pointer_of_a_topic_is_what_is_heard(options: PostgresOptions) -> None:
    async with process(options) as one, process(options) as two, two.subscribe(["a", "end"]) as subscription:
        await asyncio.gather(*(one.publish([Pointer("a", version)]) for version in range(1, 51)))
        await one.publish([Pointer("end", 1)])
        found: dict[str, int] = {}
        while "end" not in found:
            found |= {
                pointer.topic: pointer.version for pointer in await asyncio.wait_for(subscription.wait(), 10)
            }

    assert found == {"a": 50, "end": 1}


async def test_what_is_published_together_goes_in_few_notifications(metrics: Metrics) -> None:
    async with (
        own_postgres() as options,
        process(options, metrics) as one,
        process(options) as two,
        two.subscribe(["topic-999"]) as subscription,
    ):
        await asyncio.gather(
            *(one.publish([Pointer(f"topic-{number:03}", number + 1)]) for number in range(1000))
        )

        assert await asyncio.wait_for(subscription.wait(), 10) == [Pointer("topic-999", 1000)]

    assert counted(metrics, "writes", "bus") == 2


async def test_two_schemas_of_one_database_do_not_hear_each_other() -> None:
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(own_postgres()) for _ in range(2)]
        one, two = [await stack.enter_async_context(process(each)) for each in (here, there)]
        three = await stack.enter_async_context(process(here))
        foreign = await stack.enter_async_context(two.subscribe(["a"]))
        own = await stack.enter_async_context(three.subscribe(["a"]))

        await one.publish([Pointer("a", 1)])
        heard_here = await asyncio.wait_for(own.wait(), 10)
        await two.publish([Pointer("a", 7)])
        heard_there = await asyncio.wait_for(foreign.wait(), 10)

    assert heard_here == [Pointer("a", 1)]
    assert heard_there == [Pointer("a", 7)]


async def test_after_a_cut_connection_every_subscriber_is_told_to_look(
    options: PostgresOptions, metrics: Metrics
) -> None:
    async with (
        process(options) as one,
        process(options, metrics) as two,
        two.subscribe(["a", "b"]) as subscription,
    ):
        await cut_listeners(options)
        after_cut = await asyncio.wait_for(subscription.wait(), 10)
        await one.publish([Pointer("a", 5)])
        found = await asyncio.wait_for(subscription.wait(), 10)

    assert sorted(pointer.topic for pointer in after_cut) == ["a", "b"]
    assert {pointer.version for pointer in after_cut} == {0}
    assert found == [Pointer("a", 5)]
    assert counted(metrics, "errors", "bus") >= 1


async def test_a_bus_out_of_reach_wakes_its_own_process_and_raises_nothing(metrics: Metrics) -> None:
    nowhere = f"postgresql://postgres@127.0.0.1:{free_port()}/test"
    async with own_postgres() as options, open_postgres(options, FrozenClock()) as database:
        away = replace(options, direct_url=nowhere)
        patience = replace(QUICK, answer=0.2)
        async with (
            open_postgres_bus(away, database, metrics, patience) as bus,
            bus.subscribe(["a"]) as subscription,
        ):
            await database._pool.close()
            await bus.publish([Pointer("a", 1)])
            found = await asyncio.wait_for(subscription.wait(), 10)
            await eventually(lambda: counted(metrics, "errors", "bus") >= 4)

    assert found == [Pointer("a", 1)]


async def test_something_unreadable_on_the_channel_makes_everybody_look(options: PostgresOptions) -> None:
    async with process(options) as bus, bus.subscribe(["a"]) as subscription:
        await run_sql(options.direct_url or options.url, f"NOTIFY {await channel(options)}, 'hello'")

        assert await asyncio.wait_for(subscription.wait(), 10) == [Pointer("a", 0)]


@pytest.mark.parametrize("topic", ["", "'; --", "🦊\x01\\", "x" * 7_000, "🦊" * 1_900])
async def test_topics_of_any_kind_are_heard(topic: str) -> None:
    async with (
        own_postgres() as options,
        process(options) as one,
        process(options) as two,
        two.subscribe([topic]) as subscription,
    ):
        await one.publish([Pointer(topic, 2**62)])

        assert await asyncio.wait_for(subscription.wait(), 10) == [Pointer(topic, 2**62)]


async def test_a_topic_longer_than_a_notification_makes_everybody_look() -> None:
    topic = "long" * 25_000
    async with (
        own_postgres() as options,
        process(options) as one,
        process(options) as two,
        two.subscribe([topic]) as subscription,
    ):
        await one.publish([Pointer(topic, 1)])

        assert await asyncio.wait_for(subscription.wait(), 10) == [Pointer(topic, 0)]


def test_pointers_are_parted_into_notifications_that_the_server_takes() -> None:
    pointers = [(f"player:{number:040x}|{number:040x}", 2**62) for number in range(1000)]

    bodies = list(messages("o" * 32, pointers, MOST_BYTES))

    assert max(len(body.encode()) for body in bodies) < 8_000
    assert len(bodies) == 15
    assert sum(body.count("player:") for body in bodies) == 1000
