"""What whoever looks after the server may do with a caller's conversations."""

from models.conversations import Conversation, Removed
from models.paging import Connection, PageArguments
from resolvers import conversations
from resolvers.context import RequestContext
from resolvers.conversation_rules import checked_name
from storage import Conversations

# Each may bring thousands of messages, and other writers wait meanwhile.
_AT_ONCE = 20


async def erase_caller(context: RequestContext, caller: str) -> Removed:
    """Remove all conversations of a caller."""
    return await erase(context.conversations, checked_name(caller, "caller"))


async def caller_conversations(
    context: RequestContext, caller: str, page: PageArguments
) -> Connection[Conversation]:
    """A page of the living conversations of any caller, last active first."""
    return await conversations.conversations_of(context, checked_name(caller, "caller"), None, None, page)


async def erase(kept: Conversations, caller: str) -> Removed:
    """Remove all conversations of a caller, living or not, some at a time. Returns how much went."""
    total = Removed()
    while (removed := await kept.erase(caller, _AT_ONCE)).conversations:
        total = Removed(total.conversations + removed.conversations, total.messages + removed.messages)
    return total
