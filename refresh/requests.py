"""Refreshes that somebody asks for by name: taken at once, joined to those under way, and not too often."""

from dataclasses import dataclass

from clock import Clock
from errors import RateLimited
from models.jobs import Job, JobKind, JobPriority, JobRequest, JobState
from models.players import KeptPlayer
from refresh.jobs import Jobs, not_found
from refresh.queue import Asked, JobQueue
from storage import JobRecords

_OPEN = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class RefreshRequests:
    """`cooldown_seconds` lie between a player's last refresh, or the last request for one, and the next request."""

    records: JobRecords
    queue: JobQueue
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
        latest = await self.records.get_latest(JobKind.PLAYER, _ids(player_id, kept))
        under_way = next((job for job in latest.values() if job.state in _OPEN), None)
        if under_way is None:
            self._refuse_too_early(kept, list(latest.values()))
            if (refusal := self.jobs.refusal()) is not None:
                raise refusal
        key = player_id if under_way is None else under_way.key
        return await self.queue.ask(JobRequest(JobKind.PLAYER, key, JobPriority.PERSON))

    def _refuse_too_early(self, kept: KeptPlayer, ended: list[Job]) -> None:
        moments = [job.queued_at for job in ended if job.priority is JobPriority.PERSON]
        if kept.record is not None:
            moments.append(kept.record.fetched_at)
        now = self.clock.now()
        over_at = max(moments, default=0) + round(1000 * self.cooldown_seconds)
        if moments and now < over_at:
            raise RateLimited(
                "This player was refreshed, or asked to be, a moment ago.", now=now, next_check_at=over_at
            )


def _ids(player_id: str, kept: KeptPlayer) -> list[str]:
    """Every id under which a refresh of the player may have been asked for."""
    record = kept.record
    known = (record.blizzard_id, record.battletag) if record else ()
    return list(dict.fromkeys(each for each in (player_id, *known) if each is not None))
