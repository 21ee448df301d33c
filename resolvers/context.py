"""What a resolver may reach for, typed, built for each request."""

from dataclasses import dataclass

from clock import Clock
from identity.callers import Caller
from models.reference import Reference
from refresh.reference import ReferenceRefresher
from refresh.refresher import Refresher
from refresh.requests import RefreshRequests
from refresh.searches import Searches
from resolvers.loaders import Loaders
from resolvers.streams import Following
from storage import JobRecords, Players, StatusReader


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`loaders` live as long as the request; `caller` is who sent it; everything else lives as long as the process."""

    loaders: Loaders
    players: Players
    jobs: JobRecords
    refresher: Refresher
    requests: RefreshRequests
    following: Following
    pages: ReferenceRefresher
    searches: Searches
    reference: Reference
    clock: Clock
    status: StatusReader
    caller: Caller
