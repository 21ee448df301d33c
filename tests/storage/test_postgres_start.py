"""What stops a start on PostgreSQL, in one line that says what to change and keeps the password to itself."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from errors import StartRefused
from metrics import Metrics
from storage import PostgresOptions, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.servers.missing import require
from tests.servers.pgbouncer import complaint_about_pgbouncer, shared_pgbouncer_url
from tests.servers.postgres import SHARED_URL, complaint_about_shared_server, run_sql
from tests.servers.waiting import DEADLINE, free_port
from tests.storage.real_postgres import own_postgres

PASSWORD = "s3cret"


async def refusal(options: PostgresOptions | None, clock: FrozenClock, metrics: Metrics) -> str:
    """Why the start was refused."""
    with pytest.raises(StartRefused) as caught:
        async with open_storage(StorageOptions("postgres", postgres=options), clock=clock, metrics=metrics):
            pass
    return caught.value.message


def with_password(url: str) -> str:
    return url.replace("postgres@", f"postgres:{PASSWORD}@")


async def test_a_start_without_an_address_says_which_setting_is_missing(
    clock: FrozenClock, metrics: Metrics
) -> None:
    assert await refusal(None, clock, metrics) == (
        "STORAGE_TYPE=postgres needs DATABASE_URL (or POSTGRES_HOST); it is an address like "
        "postgresql://user:password@host:5432/playgraph."
    )


async def test_a_server_that_never_comes_is_named_when_the_time_is_over(
    clock: FrozenClock, metrics: Metrics
) -> None:
    port = free_port()
    url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/games"
    begun = clock.now()

    said = await refusal(PostgresOptions(url, start_seconds=30.0), clock, metrics)

    assert said.startswith(f"PostgreSQL at 127.0.0.1:{port}/games does not answer: ")
    assert PASSWORD not in said
    assert 20_000 < clock.now() - begun <= 30_000
    # Each pause is at least half of one that doubles up to five seconds, and at most all of it.
    longest = [0.25, 0.5, 1.0, 2.0, 4.0, *([5.0] * 20)][: len(clock.slept)]
    assert [
        slept for slept, most in zip(clock.slept, longest, strict=True) if not most / 2 <= slept <= most
    ] == []


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://user:{PASSWORD}/x@127.0.0.1:5432/test",
        f"postgresql://user:{PASSWORD}#@127.0.0.1:5432/test",
        f"postgresql://user:12/{PASSWORD}@127.0.0.1/test",
        f"postgresql://user:12#{PASSWORD}@127.0.0.1/test",
        f"postgresql://user:12?{PASSWORD}@127.0.0.1/test",
        f"postgresql://user:1@{PASSWORD}/x@127.0.0.1/test",
        f"mysql://user:{PASSWORD}@127.0.0.1/test",
        f"user:{PASSWORD}",
        "",
    ],
)
async def test_an_address_that_cannot_be_read_is_not_repeated(
    clock: FrozenClock, metrics: Metrics, url: str
) -> None:
    said = await refusal(PostgresOptions(url, start_seconds=0.0), clock, metrics)

    assert said.startswith(
        "The address of PostgreSQL cannot be read. Write it as postgresql://user:password@host"
    )
    assert PASSWORD not in said


async def test_a_database_that_does_not_exist_is_refused_at_once(
    clock: FrozenClock, metrics: Metrics
) -> None:
    require(complaint_about_shared_server())
    url = with_password(SHARED_URL).rpartition("/")[0] + "/nowhere"

    said = await refusal(PostgresOptions(url), clock, metrics)

    assert said.endswith('/nowhere refuses: database "nowhere" does not exist.')
    assert PASSWORD not in said
    assert clock.slept == []


async def test_a_schema_that_does_not_exist_is_refused(clock: FrozenClock, metrics: Metrics) -> None:
    require(complaint_about_shared_server())

    said = await refusal(PostgresOptions(f"{SHARED_URL}?search_path=nowhere"), clock, metrics)

    assert said.startswith("The schema that search_path names does not exist at ")


async def test_a_database_of_another_encoding_is_refused(clock: FrozenClock, metrics: Metrics) -> None:
    require(complaint_about_shared_server())
    name = f"latin_{free_port()}"
    # The server makes and removes no database before all that anybody wrote is on the disk.
    patience = 10 * DEADLINE
    making = f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'"
    await run_sql(SHARED_URL, making, seconds=patience)
    try:
        said = await refusal(PostgresOptions(SHARED_URL.rpartition("/")[0] + f"/{name}"), clock, metrics)
    finally:
        await run_sql(SHARED_URL, f"DROP DATABASE {name}", seconds=patience)

    assert said.endswith("keeps text as LATIN1. Create one with ENCODING 'UTF8'.")


async def test_a_pgbouncer_that_was_not_announced_is_recognised(clock: FrozenClock, metrics: Metrics) -> None:
    require(complaint_about_pgbouncer())

    said = await refusal(PostgresOptions(shared_pgbouncer_url()), clock, metrics)

    assert "is a pgbouncer" in said
    assert "Set POSTGRES_PGBOUNCER=true, and DATABASE_DIRECT_URL" in said
    assert clock.slept == []


async def test_a_pgbouncer_without_a_direct_address_is_refused(clock: FrozenClock, metrics: Metrics) -> None:
    said = await refusal(PostgresOptions("postgresql://127.0.0.1/test", pgbouncer=True), clock, metrics)

    assert said.startswith("POSTGRES_PGBOUNCER=true needs DATABASE_DIRECT_URL")


@pytest.mark.parametrize(("pool_max", "warnings"), [(10, 0), (900, 1)])
async def test_a_pool_that_the_server_has_no_room_for_is_mentioned(
    clock: FrozenClock, metrics: Metrics, pool_max: int, warnings: int
) -> None:
    async with own_postgres() as options:
        with capture_logs() as logs:
            async with open_storage(
                StorageOptions("postgres", postgres=replace(options, pool_max=pool_max)),
                clock=clock,
                metrics=metrics,
            ) as storage:
                version = storage.server_version

    ((expected,),) = await run_sql(SHARED_URL, "SELECT split_part(current_setting('server_version'), ' ', 1)")
    assert version == f"PostgreSQL {expected}"
    assert len([line for line in logs if "max_connections" in line["event"]]) == warnings
