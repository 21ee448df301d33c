"""Random walks through the jobs, compared after each step with a model of plain dictionaries."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from errors import ErrorCode
from models.jobs import Job, JobError, JobKind, JobPriority, JobRequest, JobState, ScheduledRequest
from storage import Storage
from tests.storage.made import NOW
from tests.storage.made_jobs import ERROR, LEASE, MAX_ATTEMPTS, OTHER_TOKEN, TOKEN, ended, queued, running
from tests.storage.probes import walk_differences

KEYS = ["ana", "bob", "cat"]
KINDS = [JobKind.PLAYER, JobKind.HERO]
EVERY = LEASE
STEPS = 200
_LOST = JobError(
    ErrorCode.INTERNAL_SERVER_ERROR, f"The worker was gone before it ended, {MAX_ATTEMPTS} times or more."
)


@dataclass
class Model:
    """What the contract says: jobs by id, who holds them, and which of them wait behind another."""

    jobs: dict[str, Job] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    follow_ups: set[str] = field(default_factory=set)
    marks: dict[tuple[JobKind, str], int] = field(default_factory=dict)

    def enqueue(self, requests: Mapping[str, JobRequest], now: int) -> dict[str, Job]:
        ids = {job_id: self._ask(job_id, request, now) for job_id, request in requests.items()}
        return {job_id: self.jobs[stands] for job_id, stands in ids.items()}

    def enqueue_scheduled(self, requests: Mapping[str, ScheduledRequest], now: int) -> dict[str, Job]:
        due = {}
        for job_id, each in requests.items():
            key = (each.request.kind, each.request.key)
            if key not in self.marks or self.marks[key] <= now - each.every:
                self.marks[key] = now
                due[job_id] = each.request
        return self.enqueue(due, now)

    def claim(self, token: str, limit: int, now: int) -> list[Job]:
        claimed: list[Job] = []
        while len(claimed) < limit and (due := self._due(now)):
            job = due[0]
            if job.state is JobState.RUNNING and job.attempts >= MAX_ATTEMPTS:
                self._end(job.id, JobState.FAILED, now, _LOST)
                continue
            self.jobs[job.id], self.holders[job.id] = running(job, now=now), token
            claimed.append(self.jobs[job.id])
        return claimed

    def finish(self, token: str, job_id: str, state: JobState, now: int) -> Job | None:
        return self._end(job_id, state, now, ERROR) if self.holders.get(job_id) == token else None

    def postpone(self, token: str, job_id: str, not_before: int) -> Job | None:
        if self.holders.get(job_id) != token:
            return None
        self._let_go(job_id, not_before=not_before, error=ERROR)
        return self.jobs[job_id]

    def give_back(self, token: str, job_ids: list[str]) -> frozenset[str]:
        held = frozenset(job_id for job_id in job_ids if self.holders.get(job_id) == token)
        for job_id in held:
            self._let_go(job_id, attempts=self.jobs[job_id].attempts - 1)
        return held

    def renew(self, token: str, job_ids: list[str], lease_until: int) -> frozenset[str]:
        held = frozenset(job_id for job_id in job_ids if self.holders.get(job_id) == token)
        self.jobs |= {job_id: replace(self.jobs[job_id], lease_until=lease_until) for job_id in held}
        return held

    def requeue(self, job_ids: list[str], now: int) -> dict[str, Job]:
        dead = {job_id: self.jobs.pop(job_id) for job_id in sorted(job_ids) if self._is_dead(job_id)}
        again = {job_id: JobRequest(job.kind, job.key, job.priority) for job_id, job in dead.items()}
        return self.enqueue(again, now)

    def sweep(self, finished_before: int) -> int:
        gone = [job.id for job in self.jobs.values() if job.finished_at and job.finished_at < finished_before]
        for job_id in gone:
            del self.jobs[job_id]
        return len(gone)

    def latest(self, kind: JobKind) -> dict[str, Job]:
        found: dict[str, Job] = {}
        for key in KEYS:
            jobs = [job for job in self.jobs.values() if (job.kind, job.key) == (kind, key)]
            head = self._head(kind, key) or max(
                jobs, key=lambda job: (job.finished_at or 0, job.id), default=None
            )
            found |= {key: head} if head else {}
        return found

    def counts(self) -> Mapping[tuple[JobKind, JobState], int]:
        return Counter((job.kind, job.state) for job in self.jobs.values())

    def _ask(self, job_id: str, request: JobRequest, now: int) -> str:
        head = self._head(request.kind, request.key)
        if head is None:
            self.jobs[job_id] = queued(job_id, request, now=now)
            return job_id
        self._join(head, request, now)
        if not (request.after_run and head.state is JobState.RUNNING):
            return head.id
        behind = [self.jobs[each] for each in self.follow_ups if _key(self.jobs[each]) == _key(head)]
        if behind:
            self._join(behind[0], request, now)
            return behind[0].id
        self.jobs[job_id] = queued(job_id, request, now=now)
        self.follow_ups.add(job_id)
        return job_id

    def _join(self, job: Job, request: JobRequest, now: int) -> None:
        earlier = min(job.not_before, max(request.not_before, now))
        self.jobs[job.id] = replace(
            job,
            priority=max(job.priority, request.priority),
            not_before=job.not_before if job.attempts else earlier,
        )

    def _head(self, kind: JobKind, key: str) -> Job | None:
        heads = [job for job in self.jobs.values() if _key(job) == (kind, key) and self._is_head(job)]
        return heads[0] if heads else None

    def _is_head(self, job: Job) -> bool:
        return job.state in (JobState.QUEUED, JobState.RUNNING) and job.id not in self.follow_ups

    def _is_dead(self, job_id: str) -> bool:
        return job_id in self.jobs and self.jobs[job_id].state is JobState.FAILED

    def _due(self, now: int) -> list[Job]:
        due = [
            job
            for job in self.jobs.values()
            if self._is_head(job)
            and now >= (job.not_before if job.state is JobState.QUEUED else (job.lease_until or 0))
        ]
        return sorted(due, key=lambda job: (-job.priority, job.queued_at, job.id))

    def _end(self, job_id: str, state: JobState, now: int, error: JobError) -> Job:
        self.jobs[job_id] = ended(self.jobs[job_id], state, now=now, error=error)
        self.holders.pop(job_id)
        self.follow_ups = {
            each for each in self.follow_ups if _key(self.jobs[each]) != _key(self.jobs[job_id])
        }
        return self.jobs[job_id]

    def _let_go(self, job_id: str, **changes: Any) -> None:
        self.jobs[job_id] = replace(self.jobs[job_id], state=JobState.QUEUED, lease_until=None, **changes)
        del self.holders[job_id]


def _key(job: Job) -> tuple[JobKind, str]:
    return job.kind, job.key


@dataclass
class Walk:
    """One walk; the seed decides every step."""

    storage: Storage
    draw: random.Random
    model: Model = field(default_factory=Model)
    now: int = NOW
    made: int = 0

    async def differences(self) -> list[str]:
        """Take all steps; what storage answered otherwise than the model."""
        return await walk_differences(STEPS, self._step, self._is_equal)

    async def _step(self) -> tuple[str, object, object]:
        self.now += self.draw.choice([0, 1, LEASE // 4])
        steps = [
            self._enqueue,
            self._enqueue,
            self._enqueue_scheduled,
            self._claim,
            self._claim,
            self._finish,
        ]
        steps += [self._finish, self._postpone, self._give_back, self._renew, self._requeue, self._sweep]
        return await self.draw.choice(steps)()

    async def _enqueue(self) -> tuple[str, object, object]:
        requests = {self._new_id(): self._request() for _ in range(self.draw.randrange(1, 4))}
        actual = await self.storage.jobs.enqueue(requests, now=self.now)
        return "enqueue", self.model.enqueue(requests, self.now), actual

    async def _enqueue_scheduled(self) -> tuple[str, object, object]:
        requests = {
            self._new_id(): ScheduledRequest(JobRequest(kind, "ana", JobPriority.SWEEP), EVERY)
            for kind in KINDS
        }
        actual = await self.storage.jobs.enqueue_scheduled(requests, now=self.now)
        return "enqueue_scheduled", self.model.enqueue_scheduled(requests, self.now), actual

    async def _claim(self) -> tuple[str, object, object]:
        token, limit = self._token(), self.draw.randrange(4)
        actual = await self.storage.job_claims.claim(
            token, KINDS, limit=limit, now=self.now, lease_until=self.now + LEASE, max_attempts=MAX_ATTEMPTS
        )
        return "claim", self.model.claim(token, limit, self.now), actual

    async def _finish(self) -> tuple[str, object, object]:
        token, job_id = self._token(), self._open_id()
        state = self.draw.choice([JobState.SUCCEEDED, JobState.FAILED])
        actual = await self.storage.job_claims.finish(token, job_id, state=state, error=ERROR, now=self.now)
        return "finish", self.model.finish(token, job_id, state, self.now), actual

    async def _postpone(self) -> tuple[str, object, object]:
        token, job_id, not_before = self._token(), self._open_id(), self.now + self.draw.randrange(LEASE)
        actual = await self.storage.job_claims.postpone(token, job_id, not_before=not_before, error=ERROR)
        return "postpone", self.model.postpone(token, job_id, not_before), actual

    async def _give_back(self) -> tuple[str, object, object]:
        token, job_ids = self._token(), [self._open_id(), self._open_id()]
        actual = await self.storage.job_claims.give_back(token, job_ids)
        return "give_back", self.model.give_back(token, job_ids), actual

    async def _renew(self) -> tuple[str, object, object]:
        token, job_ids, until = self._token(), [self._open_id(), self._open_id()], self.now + 2 * LEASE
        actual = await self.storage.job_claims.renew(token, job_ids, lease_until=until)
        return "renew", self.model.renew(token, job_ids, until), actual

    async def _requeue(self) -> tuple[str, object, object]:
        job_ids = sorted(self.model.jobs)
        actual = await self.storage.jobs.requeue(job_ids, now=self.now)
        return "requeue", self.model.requeue(job_ids, self.now), actual

    async def _sweep(self) -> tuple[str, object, object]:
        before = self.now - LEASE
        return "sweep", self.model.sweep(before), await self.storage.jobs.sweep(before, 1_000)

    def _request(self) -> JobRequest:
        not_before = self.draw.choice([0, self.now + self.draw.randrange(LEASE)])
        priority, is_after = self.draw.choice(list(JobPriority)), self.draw.random() < 0.5
        return JobRequest(self.draw.choice(KINDS), self.draw.choice(KEYS), priority, not_before, is_after)

    def _new_id(self) -> str:
        self.made += 1
        return f"{self.draw.randrange(100):02}{self.made:04}"

    def _open_id(self) -> str:
        held = sorted(self.model.holders)
        return self.draw.choice(held) if held else "none"

    def _token(self) -> str:
        return self.draw.choice([TOKEN, OTHER_TOKEN])

    async def _is_equal(self) -> bool:
        jobs, model = self.storage.jobs, self.model
        listed = [await jobs.list(state, after=None, limit=1_000) for state in JobState]
        return (
            {job.id: job for page in listed for job in page} == model.jobs
            and await jobs.counts() == model.counts()
            and [await jobs.get_latest(kind, KEYS) for kind in KINDS]
            == [model.latest(kind) for kind in KINDS]
        )


@pytest.mark.parametrize("seed", range(8))
async def test_a_random_walk_through_the_jobs_agrees_with_plain_dictionaries(
    storage: Storage, seed: int
) -> None:
    walk = Walk(storage, random.Random(seed))

    differences = await walk.differences()

    assert differences == []
    assert walk.made > STEPS / 3
