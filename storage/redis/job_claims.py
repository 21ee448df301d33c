"""Background work on Redis, for those who do it. The contract is on `storage.protocols.JobClaims`."""

from collections.abc import Collection, Sequence

from metrics import Metrics
from models.jobs import Job, JobError, JobKind, JobState, worker_lost
from storage.redis.connection import RedisServer, Value
from storage.redis.counted import CountedServer
from storage.redis.job_values import error_values, job_of, known_jobs
from storage.redis.script import Script, read_script

_CLAIM = read_script("claim_jobs", "parts", "jobs")
_RENEW = read_script("renew_jobs", "parts", "jobs")
_FINISH = read_script("finish_job", "parts", "jobs")
_POSTPONE = read_script("postpone_job", "parts", "jobs")
_GIVE_BACK = read_script("give_back_jobs", "parts", "jobs")


class RedisJobClaims:
    """The jobs of one server, taken and done."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = CountedServer(server, metrics, "job_claims")
        self._tables = server.keys.jobs().all()

    async def claim(
        self,
        token: str,
        kinds: Collection[JobKind],
        *,
        limit: int,
        now: int,
        lease_until: int,
        max_attempts: int,
    ) -> Sequence[Job]:
        if not kinds:
            return []
        lost = worker_lost(max_attempts)
        numbers = (limit, now, lease_until, max_attempts)
        values: list[Value] = [
            token,
            *numbers,
            lost.code.value,
            lost.message,
            *(kind.value for kind in kinds),
        ]
        return known_jobs(await self._server.write(_CLAIM, self._tables, values))

    async def renew(self, token: str, job_ids: Collection[str], *, lease_until: int) -> frozenset[str]:
        return await self._held(_RENEW, [token, lease_until], job_ids)

    async def finish(
        self, token: str, job_id: str, *, state: JobState, error: JobError | None, now: int
    ) -> Job | None:
        return await self._job(_FINISH, token, job_id, state.value, now, *error_values(error))

    async def postpone(self, token: str, job_id: str, *, not_before: int, error: JobError) -> Job | None:
        return await self._job(_POSTPONE, token, job_id, not_before, *error_values(error))

    async def give_back(self, token: str, job_ids: Collection[str]) -> frozenset[str]:
        return await self._held(_GIVE_BACK, [token], job_ids)

    async def _job(self, script: Script, token: str, job_id: str, *values: Value) -> Job | None:
        text = await self._server.write(script, self._tables, [token, job_id, *values])
        return None if text is None else job_of(job_id.encode(), text)

    async def _held(
        self, script: Script, values: Sequence[Value], job_ids: Collection[str]
    ) -> frozenset[str]:
        """Change those of the jobs that the token holds; which they were."""
        if not job_ids:
            return frozenset()
        held = await self._server.write(script, self._tables, [*values, *dict.fromkeys(job_ids)])
        return frozenset(job_id.decode() for job_id in held)
