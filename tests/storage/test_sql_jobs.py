"""What the tables of jobs do beyond the contract: what is read by index, and what newer code left there."""

from collections.abc import Sequence

from errors import ErrorCode
from metrics import Metrics
from models.jobs import JobKind, JobState
from storage.sql.database import Value, placeholders
from storage.sql.job_claims import _DUE, SqlJobClaims
from storage.sql.jobs import _ENDED, _GET_LATEST, _LIST, SqlJobs
from storage.sql.sqlite import SqliteDatabase
from tests.storage.made import NOW
from tests.storage.made_jobs import ERROR, LEASE, TOKEN, made_request

KINDS = [kind.value for kind in JobKind]


async def plan(tables: SqliteDatabase, sql: str, *values: Value) -> list[str]:
    """How SQLite would run the statement, in its own words."""
    rows = await tables.fetch(f"EXPLAIN QUERY PLAN {sql}", *values)
    return [str(row["detail"]) for row in rows]


async def test_a_claim_reads_open_jobs_in_their_order_and_sorts_nothing(tables: SqliteDatabase) -> None:
    sql = _DUE.format(kinds=placeholders(len(KINDS), start=3))

    steps = await plan(tables, sql, NOW, 4, *KINDS)

    assert [step.split(" (")[0] for step in steps] == ["SEARCH jobs USING INDEX jobs_by_turn"]


async def test_a_list_reads_its_state_in_order_and_sorts_nothing(tables: SqliteDatabase) -> None:
    sql = _LIST.format(kinds=placeholders(len(KINDS), start=5))

    steps = await plan(tables, sql, "failed", NOW, "01", 20, *KINDS)

    assert [step.split(" (")[0] for step in steps] == ["SEARCH jobs USING INDEX jobs_by_state"]


async def test_the_latest_jobs_and_the_ended_ones_are_found_by_index(tables: SqliteDatabase) -> None:
    latest = await plan(tables, _GET_LATEST.format(keys="$2, $3"), "player", "ana", "bob")
    ended = await plan(tables, _ENDED, NOW, 10)

    assert scans([*latest, *ended]) == []


async def test_jobs_of_newer_code_are_left_alone(tables: SqliteDatabase, metrics: Metrics) -> None:
    jobs, claims = SqlJobs(tables, metrics), SqlJobClaims(tables, metrics)
    await jobs.enqueue({"01": made_request(), "02": made_request("bob")}, now=NOW)
    await tables.transaction(lambda tx: tx.execute("UPDATE jobs SET kind = 'songs' WHERE id = '01'"))

    claimed = await claims.claim(
        TOKEN, list(JobKind), limit=9, now=NOW, lease_until=NOW + LEASE, max_attempts=3
    )

    assert [job.id for job in claimed] == ["02"]
    assert list(await jobs.get_many(["01", "02"])) == ["02"]
    assert await jobs.list(JobState.QUEUED, after=None, limit=9) == []
    assert await jobs.counts() == {(JobKind.PLAYER, JobState.RUNNING): 1}


async def test_an_error_of_newer_code_reads_as_a_mistake(tables: SqliteDatabase, metrics: Metrics) -> None:
    jobs, claims = SqlJobs(tables, metrics), SqlJobClaims(tables, metrics)
    await jobs.enqueue({"01": made_request()}, now=NOW)
    await claims.claim(TOKEN, [JobKind.PLAYER], limit=9, now=NOW, lease_until=NOW, max_attempts=3)
    await claims.finish(TOKEN, "01", state=JobState.FAILED, error=ERROR, now=NOW)
    await tables.transaction(lambda tx: tx.execute("UPDATE jobs SET error_code = 'TOO_LOUD'"))

    error = (await jobs.get_many(["01"]))["01"].error

    assert error is not None
    assert (error.code, error.message) == (ErrorCode.INTERNAL_SERVER_ERROR, ERROR.message)


def scans(steps: Sequence[str]) -> list[str]:
    """The steps that read a whole table."""
    return [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]
