"""PostgreSQL in trouble: what callers see, that nothing acknowledged is lost, and that it mends by itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from clock import SystemClock
from errors import StorageUnavailable
from metrics import Metrics
from storage import PostgresOptions, Storage, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.servers.missing import require
from tests.servers.pgbouncer import complaint_about_pgbouncer, pgbouncer
from tests.servers.postgres import PostgresServer, complaint_about_programs, postgres_server, run_sql
from tests.storage.load import eventually, load_on
from tests.storage.made import ID, NOW, made_player

# Much for a fast machine and little for a person: what is asserted is that nobody hangs.
SOON = 5.0

END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'playgraph'"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that the tests of this file may break, as long as they mend it."""
    require(complaint_about_programs())
    with postgres_server({"max_connections": "20"}) as server:
        yield server


def options_of(server: PostgresServer) -> PostgresOptions:
    return PostgresOptions(
        server.url,
        pool_max=6,
        connect_seconds=1.0,
        acquire_seconds=1.0,
        statement_seconds=1.0,
        start_seconds=20.0,
    )


def writing(server: PostgresServer) -> str:
    """The URL for a session that writes where others may only read."""
    return f"{server.url}?default_transaction_read_only=off"


@pytest.fixture
async def storage(server: PostgresServer, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Storage]:
    options = StorageOptions("postgres", postgres=options_of(server))
    async with open_storage(options, clock=clock, metrics=metrics) as storage:
        yield storage
        assert storage.connections_in_use() == 0
    await run_sql(server.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")


async def test_a_server_killed_and_started_again_under_load_loses_nothing_acknowledged(
    storage: Storage, server: PostgresServer
) -> None:
    async with load_on(storage) as load:
        await asyncio.to_thread(server.kill)
        await eventually(lambda: len(load.refusals) >= 20)
        await asyncio.to_thread(server.start)
        recovery = await load.next_success()
        await eventually(lambda: load.successes >= 100)

    print(f"refused {len(load.refusals)}, longest {load.longest_wait:.3f} s, recovery {recovery:.3f} s")
    assert load.unexpected == []
    assert load.longest_wait < SOON
    assert recovery < SOON
    assert await load.lost() == {}


async def test_behind_pgbouncer_a_server_killed_and_started_again_loses_nothing_acknowledged(
    server: PostgresServer, clock: FrozenClock, metrics: Metrics
) -> None:
    require(complaint_about_pgbouncer())
    with pgbouncer(server.url) as url:
        options = replace(options_of(server), url=url, direct_url=server.url, pgbouncer=True)
        async with (
            open_storage(
                StorageOptions("postgres", postgres=options), clock=clock, metrics=metrics
            ) as storage,
            load_on(storage) as load,
        ):
            await asyncio.to_thread(server.kill)
            await eventually(lambda: len(load.refusals) >= 8)
            await asyncio.to_thread(server.start)
            recovery = await load.next_success()
            lost = await load.lost()

    print(f"refused {len(load.refusals)}, longest {load.longest_wait:.3f} s, recovery {recovery:.3f} s")
    assert load.unexpected == []
    assert load.longest_wait < 2 * SOON
    assert recovery < 2 * SOON
    assert lost == {}


async def test_connections_cut_under_load_are_replaced_and_no_call_hangs(
    storage: Storage, server: PostgresServer
) -> None:
    async with load_on(storage) as load:
        for _ in range(10):
            await run_sql(server.url, END_ALL)
            await load.next_success()

    print(f"refused {len(load.refusals)} of {load.successes}, longest {load.longest_wait:.3f} s")
    assert load.unexpected == []
    assert load.longest_wait < SOON
    assert await load.lost() == {}


async def test_a_server_that_stands_still_is_refused_in_time_and_then_used_again(
    storage: Storage, server: PostgresServer
) -> None:
    async with load_on(storage) as load:
        server.freeze()
        try:
            await eventually(lambda: len(load.refusals) >= 8)
        finally:
            server.thaw()
        recovery = await load.next_success()

    print(f"refused {len(load.refusals)}, longest {load.longest_wait:.3f} s, recovery {recovery:.3f} s")
    assert load.unexpected == []
    # One second for a connection, two for a statement, and that twice at most.
    assert load.longest_wait < 2 * SOON
    assert recovery < SOON
    assert await load.lost() == {}


async def test_a_reader_who_gives_up_on_a_server_that_stands_still_is_let_go_soon(
    server: PostgresServer, clock: FrozenClock, metrics: Metrics
) -> None:
    patient = replace(options_of(server), connect_seconds=60.0, acquire_seconds=60.0, statement_seconds=60.0)
    options = StorageOptions("postgres", postgres=patient)
    async with open_storage(options, clock=clock, metrics=metrics) as storage:
        await storage.ping()
        server.freeze()
        begun = time.monotonic()

        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await storage.players.get_many([ID])
            waited = time.monotonic() - begun
        finally:
            server.thaw()

        await storage.ping()

    await run_sql(server.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert waited < SOON


async def test_a_right_that_was_taken_away_is_a_refusal_until_it_is_back(
    server: PostgresServer, clock: FrozenClock, metrics: Metrics
) -> None:
    await run_sql(server.url, "CREATE ROLE visitor LOGIN; GRANT ALL ON SCHEMA public TO visitor")
    options = StorageOptions(
        "postgres", postgres=PostgresOptions(server.url.replace("postgres@", "visitor@"))
    )
    async with open_storage(options, clock=clock, metrics=metrics) as storage:
        record = await storage.players.save(made_player(), [])

        await run_sql(server.url, "REVOKE ALL ON players FROM visitor")
        with pytest.raises(StorageUnavailable) as reading:
            await storage.players.get_many([ID])
        with pytest.raises(StorageUnavailable) as writing:
            await storage.players.save(made_player(eliminations=2), [])
        await run_sql(server.url, "GRANT ALL ON players TO visitor")
        kept = await storage.players.get_many([ID])

    await run_sql(server.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP ROLE visitor")
    said = "The database does not answer at the moment."
    assert (reading.value.message, writing.value.message) == (said, said)
    assert kept[ID].record == record


async def test_a_server_that_only_reads_is_refused_for_writing_and_left_for_its_successor(
    storage: Storage, server: PostgresServer
) -> None:
    kept = await storage.players.save(made_player(), [])
    await run_sql(server.url, "ALTER DATABASE postgres SET default_transaction_read_only = on")
    await run_sql(server.url, END_ALL)

    try:
        with pytest.raises(StorageUnavailable):
            await storage.players.save(made_player(eliminations=8, fetched_at=NOW + 1), [])
        during = (await storage.players.get_many([ID]))[ID].record
    finally:
        await run_sql(writing(server), "ALTER DATABASE postgres RESET ALL")
    # The connections of the pool still read only; the first refusal replaces all of them.
    after = await storage.players.save(made_player(eliminations=9, fetched_at=NOW + 2), [])

    assert during == kept
    assert after.version == 2


async def test_a_failover_under_load_is_survived(storage: Storage, server: PostgresServer) -> None:
    async with load_on(storage) as load:
        await run_sql(server.url, "ALTER SYSTEM SET default_transaction_read_only = on")
        await run_sql(server.url, "SELECT pg_reload_conf()")
        await eventually(lambda: len(load.refusals) >= 20)
        await run_sql(writing(server), "ALTER SYSTEM RESET ALL")
        await run_sql(server.url, "SELECT pg_reload_conf()")
        recovery = await load.next_success()

    print(f"refused {len(load.refusals)}, longest {load.longest_wait:.3f} s, recovery {recovery:.3f} s")
    assert load.unexpected == []
    assert load.longest_wait < SOON
    assert recovery < SOON
    assert await load.lost() == {}


async def test_a_server_without_free_connections_refuses_in_time(
    server: PostgresServer, clock: FrozenClock, metrics: Metrics
) -> None:
    await run_sql(
        server.url, "ALTER ROLE postgres CONNECTION LIMIT -1; CREATE ROLE guest LOGIN CONNECTION LIMIT 2"
    )
    await run_sql(server.url, "GRANT ALL ON SCHEMA public TO guest")
    url = server.url.replace("postgres@", "guest@")
    options = PostgresOptions(url, pool_max=6, acquire_seconds=2.0, start_seconds=0.0)
    async with open_storage(
        StorageOptions("postgres", postgres=options), clock=clock, metrics=metrics
    ) as storage:
        begun = time.monotonic()

        # One connection of the two is the pool's, the other listens.
        outcomes = await asyncio.gather(
            *(storage.players.save(made_player(f"player{number}"), []) for number in range(6)),
            return_exceptions=True,
        )
        alone = await storage.players.save(made_player("alone"), [])

    kinds = {type(outcome).__name__ for outcome in outcomes}
    assert kinds == {"PlayerRecord", "StorageUnavailable"}
    assert time.monotonic() - begun < SOON
    assert alone.version == 1
    await run_sql(server.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP ROLE guest")


async def test_a_start_waits_for_a_server_that_comes_later(server: PostgresServer, metrics: Metrics) -> None:
    server.stop()
    options = StorageOptions("postgres", postgres=options_of(server))
    opening = open_storage(options, clock=SystemClock(), metrics=metrics)
    entering = asyncio.ensure_future(opening.__aenter__())
    try:
        was_open = (await asyncio.wait([entering], timeout=0.1))[0]
    finally:
        await asyncio.to_thread(server.start)

    storage = await entering
    answered = await storage.players.get_many([ID])
    await opening.__aexit__(None, None, None)

    assert was_open == set()
    assert answered == {}


async def test_a_damaged_index_is_found_where_the_server_can_look(
    storage: Storage, server: PostgresServer
) -> None:
    await run_sql(server.url, "CREATE EXTENSION amcheck")
    await storage.players.save(made_player(), ["Ana-1234"])
    sound = await storage.check()
    ((path,),) = await run_sql(server.url, "SELECT pg_relation_filepath('player_ids_by_player')")

    await asyncio.to_thread(server.stop)
    with (server.files / path).open("r+b") as file:
        # The tree of an index begins at its second page, after a head of 24 bytes.
        file.seek(8192 + 24)
        file.write(b"\xff" * 64)
    await asyncio.to_thread(server.start)
    problems = await storage.check()

    assert sound == []
    assert [line.partition(" is damaged: ")[0] for line in problems] == ["the index player_ids_by_player"]
