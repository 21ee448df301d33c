"""Answers about conversations, for those whose they are.

To its caller a conversation is there or not: a foreign one, an expired one and none at all give the same answers, by
the same number of reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from errors import BadUserInput
from identity.callers import Scope
from models import conversation_pages, message_pages
from models.conversations import (
    Appended,
    Conversation,
    ConversationDraft,
    Message,
    MessageDraft,
    MessageRole,
    Started,
)
from models.events import Pointer, conversation_topic
from models.message_pages import MessagePage
from models.paging import Connection, PageArguments
from resolvers.context import RequestContext
from resolvers.conversation_rules import MAX_HISTORY, checked_filter, checked_name
from resolvers.ids import read_uuid, written_global_id
from resolvers.ownership import owner

_CONVERSATION = "Conversation"
_MESSAGE = "Message"
_USUAL_HISTORY = 10
_USUAL_REPLIES = 20


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """A message as a client wrote it, unchecked."""

    conversation_id: str
    role: MessageRole
    content: str
    parent_id: str | None
    client_key: str | None


@dataclass(frozen=True, slots=True)
class Deleted:
    """The global id of what was deleted, and how many messages went with it."""

    conversation_id: str
    messages: int


async def start_conversation(
    context: RequestContext, channel_id: str, user_id: str | None, conversation_id: str | None
) -> Started:
    """Resume a conversation, where the id of one is given that is alive and of this caller, user and channel; else
    begin a new one. LimitExceeded as of `Conversations.start`."""
    caller, rules, now = owner(context), context.conversation_rules, context.clock.now()
    draft = ConversationDraft(
        context.new_id(),
        caller,
        checked_name(caller if user_id is None else user_id, "userId"),
        checked_name(channel_id, "channelId"),
    )
    resume_id = (
        None if conversation_id is None else read_uuid(conversation_id, _CONVERSATION, "conversationId")
    )
    started = await context.conversations.start(
        draft,
        resume_id=resume_id,
        now=now,
        expires_at=rules.expires_at(now),
        limit=rules.max_conversations,
    )
    context.loaders.conversations.changed(started.conversation)
    return started


async def add_message(context: RequestContext, written: WrittenMessage) -> Appended:
    """Add a message. NotFound, RuleViolation and LimitExceeded as of `Conversations.append`; LimitExceeded also for
    content that is too long."""
    caller, rules, now = owner(context), context.conversation_rules, context.clock.now()
    appended = await context.conversations.append(
        read_uuid(written.conversation_id, _CONVERSATION, "conversationId"),
        _draft(context, written),
        caller=caller,
        now=now,
        expires_at=rules.expires_at(now),
        limit=rules.max_messages,
    )
    context.loaders.conversations.appended(appended)
    if not appended.repeated:
        await _tell(context, appended.conversation.id, appended.message.sequence)
    return appended


def _draft(context: RequestContext, written: WrittenMessage) -> MessageDraft:
    parent_id = None if written.parent_id is None else read_uuid(written.parent_id, _MESSAGE, "parentId")
    return MessageDraft(
        context.new_id(),
        written.role,
        context.conversation_rules.checked_content(written.content),
        parent_id=parent_id,
        client_key=checked_filter(written.client_key, "clientKey"),
    )


async def delete_conversation(context: RequestContext, conversation_id: str) -> Deleted:
    """Remove a conversation with its messages; NotFound."""
    caller, key = owner(context), read_uuid(conversation_id, _CONVERSATION, "conversationId")
    messages = await context.conversations.delete(key, caller=caller, now=context.clock.now())
    context.loaders.conversations.deleted()
    # Who listens learns that nothing more comes.
    await _tell(context, key, messages + 1)
    return Deleted(written_global_id(_CONVERSATION, key), messages)


async def _tell(context: RequestContext, conversation_id: str, sequence: int) -> None:
    await context.following.bus.publish([Pointer(conversation_topic(conversation_id), sequence)])


async def conversation(context: RequestContext, conversation_id: str) -> Conversation | None:
    """A conversation of the caller's; None when there is none."""
    caller = owner(context)
    return await _of(context, caller, read_uuid(conversation_id, _CONVERSATION, "id"))


async def conversations(
    context: RequestContext, user_id: str | None, channel_id: str | None, page: PageArguments
) -> Connection[Conversation]:
    """A page of the caller's conversations, with this user and channel or with any, last active first."""
    return await conversations_of(context, owner(context), user_id, channel_id, page)


async def conversations_of(
    context: RequestContext, caller: str, user_id: str | None, channel_id: str | None, page: PageArguments
) -> Connection[Conversation]:
    """The same of any caller."""
    request = conversation_pages.conversation_request(
        caller, checked_filter(user_id, "userId"), checked_filter(channel_id, "channelId"), page
    )
    return conversation_pages.connection_of(await context.loaders.conversations.pages.load(request))


async def conversation_node(context: RequestContext, key: str) -> Conversation | None:
    """A conversation of the caller's, by its id alone; None when there is none, and for those who may have none."""
    caller = _reader(context)
    return None if caller is None else await _of(context, caller, key)


async def message_node(context: RequestContext, key: str) -> Message | None:
    """A message in a conversation of the caller's, likewise."""
    caller = _reader(context)
    if caller is None:
        return None
    message = await context.loaders.conversations.messages.load(key)
    # Read even for no message, so that the number of reads does not tell a foreign one from none.
    kept_in = await _of(context, caller, message.conversation_id if message else key)
    return message if kept_in else None


def _reader(context: RequestContext) -> str | None:
    return context.caller.subject if context.caller.may(Scope.CONVERSATIONS) else None


async def _of(context: RequestContext, caller: str, key: str) -> Conversation | None:
    found = await context.loaders.conversations.by_id.load(key)
    return found if found is not None and found.caller == caller else None


async def history(context: RequestContext, parent: Conversation, last: int | None) -> Sequence[Message]:
    """The newest `last` messages, oldest first. BadUserInput for a number that is not from 1 to 100."""
    count = _USUAL_HISTORY if last is None else last
    if not 1 <= count <= MAX_HISTORY:
        raise BadUserInput(f"last: {count} given, 1 to {MAX_HISTORY} are allowed.")
    return await _read(context, message_pages.newest(parent, count))


async def messages(context: RequestContext, parent: Conversation, page: PageArguments) -> Connection[Message]:
    """A page of a conversation's messages, oldest first."""
    wanted = message_pages.message_page(parent, page)
    return message_pages.connection_of(wanted, await _read(context, wanted))


async def _read(context: RequestContext, page: MessagePage) -> Sequence[Message]:
    return () if page.is_empty else await context.loaders.conversations.ranges.load(page.range)


async def parent(context: RequestContext, parent: Message) -> Message | None:
    """The message that this one answers."""
    if parent.parent_id is None:
        return None
    return await context.loaders.conversations.messages.load(parent.parent_id)


async def replies(context: RequestContext, parent: Message, first: int | None) -> Sequence[Message]:
    """The first messages that answer this one. BadUserInput for a number that is not from 0 to 100."""
    count = _USUAL_REPLIES if first is None else first
    if not 0 <= count <= MAX_HISTORY:
        raise BadUserInput(f"first: {count} given, 0 to {MAX_HISTORY} are allowed.")
    return await context.loaders.conversations.replies.load((parent.id, count)) if count else ()
