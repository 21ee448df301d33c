"""What a resolver may reach for, typed, built for each request."""

from collections.abc import Callable
from dataclasses import dataclass

from clock import Clock
from identity.callers import Caller
from models.reference import Reference
from refresh.reference import ReferenceRefresher
from refresh.refresher import Refresher
from refresh.requests import RefreshRequests
from refresh.searches import Searches
from resolvers.content_allowance import ContentAllowance
from resolvers.conversation_rules import ConversationRules
from resolvers.loaders import Loaders
from resolvers.streams import Following
from storage import Conversations, JobRecords, Players, StatusReader


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`loaders` and `contents` live as long as the request; `caller` is who sent it; everything else lives as long as
    the process. `new_id` gives a UUID that was never given before."""

    loaders: Loaders
    players: Players
    conversations: Conversations
    conversation_rules: ConversationRules
    contents: ContentAllowance
    new_id: Callable[[], str]
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
