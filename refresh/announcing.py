"""What is said on the bus once it is kept: which records changed, and which runs of jobs ended."""

from collections.abc import Collection, Sequence

from models.catalog import CatalogKind, CatalogRecord, Facts
from models.events import Pointer, catalog_topic, job_topic, player_topic
from models.jobs import Job, JobError, JobKind, JobState
from models.players import PlayerRecord
from storage import EventBus, JobClaims


async def announce_player(
    bus: EventBus, before: PlayerRecord | None, after: PlayerRecord, player_id: str
) -> None:
    """Tell that a player changed who was found by `player_id`: under that id and Blizzard's. Nothing is told of a
    record that is of the version that was kept before."""
    is_known = before is not None and before.blizzard_id == after.blizzard_id
    if before is not None and is_known and before.version == after.version:
        return
    topics = dict.fromkeys((player_topic(after.blizzard_id), player_topic(player_id)))
    await bus.publish([Pointer(topic, after.version) for topic in topics])


async def announce_entry(
    bus: EventBus,
    kind: CatalogKind[Facts],
    before: CatalogRecord[Facts] | None,
    after: CatalogRecord[Facts],
) -> None:
    """Tell that an entry of the catalog changed."""
    if before is None or before.version != after.version:
        await bus.publish([Pointer(catalog_topic(kind.name, after.key), after.version)])


class AnnouncedClaims:
    """Claims of jobs, where the end of each run is told once it is kept."""

    def __init__(self, claims: JobClaims, bus: EventBus) -> None:
        self._claims = claims
        self._bus = bus

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
        return await self._claims.claim(
            token, kinds, limit=limit, now=now, lease_until=lease_until, max_attempts=max_attempts
        )

    async def renew(self, token: str, job_ids: Collection[str], *, lease_until: int) -> frozenset[str]:
        return await self._claims.renew(token, job_ids, lease_until=lease_until)

    async def finish(
        self, token: str, job_id: str, *, state: JobState, error: JobError | None, now: int
    ) -> Job | None:
        return await self._told(await self._claims.finish(token, job_id, state=state, error=error, now=now))

    async def postpone(self, token: str, job_id: str, *, not_before: int, error: JobError) -> Job | None:
        return await self._told(
            await self._claims.postpone(token, job_id, not_before=not_before, error=error)
        )

    async def give_back(self, token: str, job_ids: Collection[str]) -> frozenset[str]:
        return await self._claims.give_back(token, job_ids)

    async def _told(self, job: Job | None) -> Job | None:
        if job is not None:
            version = job.finished_at or job.not_before
            await self._bus.publish([Pointer(job_topic(job.kind.value, job.key), version)])
        return job
