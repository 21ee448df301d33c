"""What the tests of conversations say to a server, and how they make what others own."""

from typing import Any
from uuid import uuid4

from models.conversations import Conversation, ConversationDraft, MessageDraft, MessageRange, MessageRole
from tests.app.server import Server

START = """
  mutation ($input: StartConversationInput!) { startConversation(input: $input) {
    __typename
    ... on StartConversationPayload {
      resumed
      conversation { id userId channelId createdAt lastActivityAt expiresAt messageCount history { content } }
    }
    ... on LimitExceeded { limit }
    ... on Error { code message }
  } }
"""
ADD = """
  mutation ($input: AddMessageInput!) { addMessage(input: $input) {
    __typename
    ... on AddMessagePayload {
      added: message { id sequence role chatRole content createdAt parent { id } replies { id } }
      conversation {
        id messageCount lastActivityAt expiresAt history(last: 3) { sequence content parent { sequence } }
      }
    }
    ... on LimitExceeded { limit }
    ... on Error { code message }
  } }
"""
DELETE = """
  mutation ($id: ID!) { deleteConversation(input: {conversationId: $id}) {
    __typename ... on DeleteConversationPayload { conversationId messages } ... on Error { code message }
  } }
"""
READ = """
  query ($id: ID!) { conversation(id: $id) {
    id userId channelId lastActivityAt expiresAt messageCount
    history(last: 100) { id sequence content parent { id } replies { sequence } }
  } }
"""
NODE = """
  query ($id: ID!) { node(id: $id) {
    __typename id ... on Conversation { channelId history { content } } ... on Message { content }
  } }
"""
READS = 'playgraph_storage_reads_total{repository="conversations"}'
NOT_FOUND = {"__typename": "NotFound", "code": "NOT_FOUND", "message": "There is no such conversation."}


async def ask(server: Server, query: str, **variables: object) -> Any:
    """What the one field of an operation that must not fail gives."""
    return next(iter((await server.data(query, variables)).values()))


async def start(server: Server, channel: str = "general", **given: object) -> str:
    """The id of a conversation, begun or gone on with."""
    started = await ask(server, START, input={"channelId": channel, **given})
    assert started["__typename"] == "StartConversationPayload", started
    found: str = started["conversation"]["id"]
    return found


async def add(server: Server, conversation_id: str, content: str, **given: object) -> dict[str, Any]:
    """What adding a message gives, a person's unless another role is given."""
    written = {"conversationId": conversation_id, "role": "USER", "content": content, **given}
    found: dict[str, Any] = await ask(server, ADD, input=written)
    return found


async def said(server: Server, conversation_id: str, *contents: str) -> list[str]:
    """Add messages; their ids."""
    return [(await add(server, conversation_id, each))["added"]["id"] for each in contents]


async def read(server: Server, conversation_id: str) -> Any:
    """A conversation with its newest hundred messages; None when it is not there."""
    return await ask(server, READ, id=conversation_id)


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in answer["errors"]]


async def keep(
    server: Server, caller: str, count: int = 1, *, channel: str = "general", ttl: int | None = None
) -> Conversation:
    """A conversation of any caller with so many messages, each the reply to the one before; put into storage."""
    kept, now = server.storage.conversations, server.clock.now()
    expires_at = None if ttl is None else now + 1000 * ttl
    draft = ConversationDraft(str(uuid4()), caller, "ada", channel)
    started = await kept.start(draft, resume_id=None, now=now, expires_at=expires_at, limit=10_000)
    conversation, parent_id = started.conversation, None
    for number in range(count):
        role = (MessageRole.USER, MessageRole.ASSISTANT)[number % 2]
        message = MessageDraft(str(uuid4()), role, f"message {number + 1}", parent_id)
        appended = await kept.append(
            conversation.id, message, caller=caller, now=now, expires_at=expires_at, limit=10_000
        )
        conversation, parent_id = appended.conversation, appended.message.id
    return conversation


async def first_message(server: Server, conversation_id: str) -> str:
    """The id of a living conversation's first message, whoever's it is."""
    wanted = MessageRange(conversation_id, 1, 1)
    found = await server.storage.conversations.get_ranges([wanted], now=server.clock.now())
    return found[wanted][0].id
