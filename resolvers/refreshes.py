"""Answers about refreshes that somebody asks for."""

import errors
from errors import ErrorCode, PlaygraphError
from identity.callers import Scope
from models.jobs import Job, JobError, JobKind
from models.players import KeptPlayer
from models.refreshes import RefreshQueued
from resolvers.context import RequestContext

_WAITING: dict[ErrorCode, type[errors.RetryableError]] = {
    ErrorCode.UPSTREAM_UNAVAILABLE: errors.UpstreamUnavailable,
    ErrorCode.UPSTREAM_RATE_LIMITED: errors.UpstreamRateLimited,
    ErrorCode.RATE_LIMITED: errors.RateLimited,
    ErrorCode.STORAGE_UNAVAILABLE: errors.StorageUnavailable,
}


async def refresh_player(context: RequestContext, player_id: str) -> RefreshQueued:
    """Have a player fetched again. PlayerNotFound, RateLimited, UpstreamUnavailable and StorageUnavailable as
    `RefreshRequests` says."""
    kept = await context.loaders.players.by_id.load(player_id)
    asked = await context.requests.ask(player_id, kept)
    return RefreshQueued(asked.job, asked.was_open)


async def refresh_job(context: RequestContext, job_id: str) -> Job | None:
    """The job of a player's refresh; None when there is none, when it ended too long ago, and for callers who may not
    ask for refreshes."""
    if not context.caller.may(Scope.REFRESH):
        return None
    job = await context.loaders.jobs.by_id.load(job_id)
    return job if job is not None and job.kind is JobKind.PLAYER else None


async def job_error(context: RequestContext, parent: Job) -> PlaygraphError | None:
    """Why the last run brought nothing; None when it did, or when there was none yet."""
    if parent.error is None:
        return None
    is_unknown = parent.error.code is ErrorCode.PLAYER_NOT_FOUND
    kept = await context.loaders.players.by_id.load(parent.key) if is_unknown else None
    return as_error(context, parent, kept)


def as_error(context: RequestContext, job: Job, kept: KeptPlayer | None) -> PlaygraphError:
    """The error of a job's last run, as it is raised elsewhere; `kept` is what is known of the player."""
    assert job.error is not None
    error, now = job.error, context.clock.now()
    if error.code is ErrorCode.PLAYER_NOT_FOUND:
        count = kept.unknown.check_count if kept and kept.unknown else 1
        return errors.PlayerNotFound(job.key, check_count=count, now=now, next_check_at=_next(job, error))
    if error.code in _WAITING:
        return _WAITING[error.code](error.message, now=now, next_check_at=_next(job, error))
    return PlaygraphError(error.message)


def _next(job: Job, error: JobError) -> int:
    return error.retry_at or job.not_before
