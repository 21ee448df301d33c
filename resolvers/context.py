"""What a resolver may reach for, typed, built for each request."""

from dataclasses import dataclass

from clock import Clock
from models.reference import Reference
from refresh.reference import ReferenceRefresher
from refresh.refresher import Refresher
from refresh.searches import Searches
from resolvers.loaders import Loaders


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`loaders` live as long as the request; everything else as long as the process."""

    loaders: Loaders
    refresher: Refresher
    pages: ReferenceRefresher
    searches: Searches
    reference: Reference
    clock: Clock
