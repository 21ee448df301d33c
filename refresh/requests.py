"""Refreshes that somebody asks for by name: taken at once, joined to those under way, and not too often."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from clock import Clock
from errors import RateLimited, StorageUnavailable
from models.jobs import Job, JobKind, JobPriority, JobRequest, JobState
from models.players import KeptPlayer
from refresh.jobs import Jobs, not_found
from refresh.queue import Asked, JobQueue
from storage import JobRecords, Leases

_OPEN = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class RefreshRequests:
    """`cooldown_seconds` lie between a player's last refresh, or the last request for one, and the next request.

    Of many who ask at once, and see that nothing is open, one may ask for a job: by the time of the others it may have
    been done. A lease for the length of the cooldown says who.
    """

    records: JobRecords
    queue: JobQueue
    leases: Leases
    jobs: Jobs
    cooldown_seconds: float
    clock: Clock

    async def ask(self, player_id: str, kept: KeptPlayer) -> Asked:
        """Have a player fetched again, of whom `kept` is known under the id asked for.

        A refresh that is open is joined, under whichever id of the player it was asked for. Raises PlayerNotFound while
        an unknown player is not to be asked for again, RateLimited before the cooldown is over, UpstreamUnavailable
        while nothing is asked of upstream, and StorageUnavailable.
        """
        now = self.clock.now()
        if kept.unknown and now < kept.unknown.retry_at:
            raise not_found(player_id, kept.unknown, now)
        ids = _ids(player_id, kept)
        latest = await self._latest(ids)
        if (under_way := _open(latest)) is not None:
            return await self._joined(under_way, kept)
        self._refuse_too_early(kept, latest)
        if (refusal := self.jobs.refusal()) is not None:
            raise refusal
        if (asked := await self._asked_first(player_id, kept)) is not None:
            return asked
        if (under_way := _open(await self._latest(ids))) is not None:
            return Asked(under_way, was_open=True)
        raise self._too_early(now)

    async def _latest(self, ids: Sequence[str]) -> Sequence[Job]:
        return list((await self.records.get_latest(JobKind.PLAYER, ids)).values())

    async def _joined(self, job: Job, kept: KeptPlayer) -> Asked:
        """The open job, made more urgent where it is not."""
        asked = None if job.priority is JobPriority.PERSON else await self._asked_first(job.key, kept)
        return asked or Asked(job, was_open=True)

    async def _asked_first(self, key: str, kept: KeptPlayer) -> Asked | None:
        """Ask for the work of a key; None when somebody else did so within the cooldown."""
        name = f"request:player:{kept.record.blizzard_id if kept.record else key}"
        token, now = uuid4().hex, self.clock.now()
        if not await self.leases.acquire(name, token, now=now, expires_at=now + self._cooldown()):
            return None
        try:
            return await self.queue.ask(JobRequest(JobKind.PLAYER, key, JobPriority.PERSON))
        except BaseException:
            # Nothing was asked for, as far as is known: nobody has to wait because of it.
            with suppress(StorageUnavailable):
                await self.leases.release(name, token)
            raise

    def _refuse_too_early(self, kept: KeptPlayer, ended: Iterable[Job]) -> None:
        moments = [job.queued_at for job in ended if job.priority is JobPriority.PERSON]
        if kept.record is not None:
            moments.append(kept.record.fetched_at)
        last = max(moments, default=None)
        if last is not None and self.clock.now() < last + self._cooldown():
            raise self._too_early(last)

    def _too_early(self, last: int) -> RateLimited:
        message = "This player was refreshed, or asked to be, a moment ago."
        return RateLimited(message, now=self.clock.now(), next_check_at=last + self._cooldown())

    def _cooldown(self) -> int:
        return round(1000 * self.cooldown_seconds)


def _open(jobs: Iterable[Job]) -> Job | None:
    return next((job for job in jobs if job.state in _OPEN), None)


def _ids(player_id: str, kept: KeptPlayer) -> list[str]:
    """Every id under which a refresh of the player may have been asked for."""
    record = kept.record
    known = (record.blizzard_id, record.battletag) if record else ()
    return list(dict.fromkeys(each for each in (player_id, *known) if each is not None))
