"""Messages, as clients see them."""

from typing import Annotated, Optional

import strawberry

import models.conversations
import resolvers.conversations
from models.conversations import MessageRole
from schema.info import Info
from schema.nodes import Node
from schema.paging import Connection, Edge
from schema.scalars import DateTime

WEIGHT = 20
"""What a message costs beside its fields: it is read whole, and may be 32 KiB. So what is read for an answer is bounded
where `ANSWER_MAX_BYTES` bounds what it tells."""

MessageParent = strawberry.Parent[models.conversations.Message]


@strawberry.type(description="One thing that was said. It never changes.")
class Message(Node):
    model = models.conversations.Message

    sequence: int = strawberry.field(
        description="Its number in the conversation: 1, 2, 3, ... without a gap, in the order in which they were added."
    )
    role: MessageRole = strawberry.field(description="Who said it.")
    created_at: DateTime = strawberry.field(description="When it was added.")

    @strawberry.field(description="What was said.")
    @staticmethod
    def content(parent: MessageParent, info: Info) -> str:
        return info.context.contents.take(parent.content)

    @strawberry.field(description="`user` or `assistant`: the role as chat-completion models write it.")
    @staticmethod
    def chat_role(parent: MessageParent) -> str:
        return parent.role.value

    @strawberry.field(
        graphql_type=Optional["Message"],
        metadata={"weight": WEIGHT},
        description="The message that this one answers; null for none.",
    )
    @staticmethod
    async def parent(parent: MessageParent, info: Info) -> models.conversations.Message | None:
        return await resolvers.conversations.parent(info.context, parent)

    @strawberry.field(
        graphql_type=list["Message"],
        metadata={"size": 20, "sized_by": ("first",), "weight": WEIGHT},
        description="The messages that answer this one, oldest first.",
    )
    @staticmethod
    async def replies(
        parent: MessageParent,
        info: Info,
        first: Annotated[
            int | None, strawberry.argument(description="How many from the first on; at most 100.")
        ] = 20,
    ) -> list[models.conversations.Message]:
        return list(await resolvers.conversations.replies(info.context, parent, first))


@strawberry.type(description="A message and its place in the conversation.")
class MessageEdge(Edge[Message]):
    pass


@strawberry.type(description="A page of a conversation's messages, oldest first.")
class MessageConnection(Connection[MessageEdge, Message]):
    pass
