"""Conversations and what is done with them, as clients see them."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

import models.conversations
import models.paging
import resolvers.conversations
import resolvers.message_events
from models.conversations import MessageRole
from models.paging import PageArguments
from resolvers.conversations import WrittenMessage
from schema.errors import Forbidden, LimitExceeded, NotFound, RateLimited, RuleViolation, StorageUnavailable
from schema.info import Info
from schema.messages import WEIGHT, Message, MessageConnection
from schema.nodes import Node
from schema.paging import After, Before, Connection, Edge, First, Last
from schema.scalars import DateTime

ConversationParent = strawberry.Parent[models.conversations.Conversation]
ConversationId = Annotated[
    strawberry.ID, strawberry.argument(description="The conversation's id: the global one, or the bare UUID.")
]


@strawberry.type(
    description=(
        "The memory of a chatbot: what was said in one place between a person and a bot. Only its caller sees it. "
        "Unused for long enough (`CONVERSATION_TTL`), it is gone with its messages."
    )
)
class Conversation(Node):
    model = models.conversations.Conversation

    user_id: str = strawberry.field(description="The person, by the name that its caller gave.")
    channel_id: str = strawberry.field(description="The place, by the name that its caller gave.")
    created_at: DateTime = strawberry.field(description="When it began.")
    last_activity_at: DateTime = strawberry.field(
        description="When it was last begun, resumed or added to. Reading is no activity."
    )
    expires_at: DateTime | None = strawberry.field(
        description="The moment at which it is gone, unless something is said before; null for never."
    )
    message_count: int = strawberry.field(description="How many messages it has.")

    @strawberry.field(
        graphql_type=list[Message],
        metadata={"size": 10, "sized_by": ("last",), "weight": WEIGHT},
        description="The newest messages, oldest first: ready to be handed to a chat-completion model.",
    )
    @staticmethod
    async def history(
        parent: ConversationParent,
        info: Info,
        last: Annotated[int | None, strawberry.argument(description="How many, 1 to 100.")] = 10,
    ) -> list[models.conversations.Message]:
        return list(await resolvers.conversations.history(info.context, parent, last))

    @strawberry.field(
        graphql_type=MessageConnection,
        metadata={"size": 20, "sized_by": ("first", "last"), "weight": WEIGHT},
        description="All messages page by page, oldest first. Cursors stay right while messages are added.",
    )
    @staticmethod
    async def messages(
        parent: ConversationParent,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> models.paging.Connection[models.conversations.Message]:
        return await resolvers.conversations.messages(
            info.context, parent, PageArguments(first, after, last, before)
        )


@strawberry.type(description="A conversation and its place in the list.")
class ConversationEdge(Edge[Conversation]):
    pass


@strawberry.type(description="A page of conversations, last active first.")
class ConversationConnection(Connection[ConversationEdge, Conversation]):
    pass


@strawberry.input(description="Where a conversation takes place, and which one to go on with.")
class StartConversationInput:
    channel_id: str = strawberry.field(description="The place, by a name of your own; 1 to 255 characters.")
    conversation_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The conversation to go on with: the global id, or the bare UUID. When it is not there any more, or not "
            "of this user and channel, a new one begins."
        ),
    )
    user_id: str | None = strawberry.field(
        default=None,
        description="The person you speak for, by a name of your own; 1 to 255 characters. You, when not given.",
    )


@strawberry.type(description="The conversation goes on, or has begun.")
class StartConversationPayload:
    conversation: Conversation = strawberry.field(description="The conversation.")
    resumed: bool = strawberry.field(description="True when it was there before, false when it is new.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Served by its model."""
        return isinstance(value, models.conversations.Started)


StartConversationResult = Annotated[
    StartConversationPayload | LimitExceeded | RuleViolation | RateLimited | Forbidden | StorageUnavailable,
    strawberry.union("StartConversationResult", description="The conversation, or why there is none."),
]


@strawberry.input(description="What is said, and where.")
class AddMessageInput:
    conversation_id: strawberry.ID = strawberry.field(
        description="The conversation's id: the global one, or the bare UUID."
    )
    role: MessageRole = strawberry.field(description="Who says it.")
    content: str = strawberry.field(description="What is said; not empty.")
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The message that this one answers, of the same conversation."
    )
    client_key: str | None = strawberry.field(
        default=None,
        description=(
            "A name of your own for this message, 1 to 255 characters: sent again with the same one, the message is "
            "not added twice, and the first is the answer."
        ),
    )


@strawberry.type(description="The message is kept.")
class AddMessagePayload:
    message: Message = strawberry.field(description="The message.")
    conversation: Conversation = strawberry.field(description="Its conversation, as it is with the message.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Served by its model."""
        return isinstance(value, models.conversations.Appended)


AddMessageResult = Annotated[
    AddMessagePayload
    | LimitExceeded
    | NotFound
    | RuleViolation
    | RateLimited
    | Forbidden
    | StorageUnavailable,
    strawberry.union("AddMessageResult", description="The message, or why it was not added."),
]


@strawberry.input(description="Which conversation to forget.")
class DeleteConversationInput:
    conversation_id: strawberry.ID = strawberry.field(
        description="The conversation's id: the global one, or the bare UUID."
    )


@strawberry.type(description="The conversation is gone for good.")
class DeleteConversationPayload:
    messages: int = strawberry.field(description="How many messages went with it.")

    @strawberry.field(description="The id that it had.")
    @staticmethod
    def conversation_id(parent: strawberry.Parent[resolvers.conversations.Deleted]) -> strawberry.ID:
        return strawberry.ID(parent.conversation_id)

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Served by its model."""
        return isinstance(value, resolvers.conversations.Deleted)


DeleteConversationResult = Annotated[
    DeleteConversationPayload | NotFound | Forbidden | StorageUnavailable,
    strawberry.union("DeleteConversationResult", description="What was deleted, or why nothing was deleted."),
]


@strawberry.type
class ConversationQuery:
    @strawberry.field(
        graphql_type=Conversation | None,
        description="A conversation of yours; null when there is none, any more or at all.",
    )
    @staticmethod
    async def conversation(
        info: Info,
        id: ConversationId,  # noqa: A002
    ) -> models.conversations.Conversation | None:
        return await resolvers.conversations.conversation(info.context, id)

    @strawberry.field(
        graphql_type=ConversationConnection | None,
        metadata={"size": 20, "sized_by": ("first", "last")},
        description="Your conversations, last active first.",
    )
    @staticmethod
    async def conversations(
        info: Info,
        user_id: Annotated[
            str | None, strawberry.argument(description="Only those of this person; of any when not given.")
        ] = None,
        channel_id: Annotated[
            str | None, strawberry.argument(description="Only those in this place; in any when not given.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> models.paging.Connection[models.conversations.Conversation]:
        return await resolvers.conversations.conversations(
            info.context, user_id, channel_id, PageArguments(first, after, last, before)
        )


@strawberry.type
class ConversationMutation:
    @strawberry.mutation(
        graphql_type=StartConversationResult,
        description="Go on with a conversation of yours, or begin one. Moves the time at which it is gone.",
    )
    @staticmethod
    async def start_conversation(
        info: Info,
        input: Annotated[StartConversationInput, strawberry.argument(description="Where, and which.")],  # noqa: A002
    ) -> models.conversations.Started:
        return await resolvers.conversations.start_conversation(
            info.context, input.channel_id, input.user_id, input.conversation_id
        )

    @strawberry.mutation(
        graphql_type=AddMessageResult,
        description="Add a message to a conversation of yours. Moves the time at which that is gone.",
    )
    @staticmethod
    async def add_message(
        info: Info,
        input: Annotated[AddMessageInput, strawberry.argument(description="What, and where.")],  # noqa: A002
    ) -> models.conversations.Appended:
        return await resolvers.conversations.add_message(
            info.context,
            WrittenMessage(
                input.conversation_id, input.role, input.content, input.parent_id, input.client_key
            ),
        )

    @strawberry.mutation(
        graphql_type=DeleteConversationResult,
        description="Forget a conversation of yours with all its messages.",
    )
    @staticmethod
    async def delete_conversation(
        info: Info,
        input: Annotated[DeleteConversationInput, strawberry.argument(description="Which.")],  # noqa: A002
    ) -> resolvers.conversations.Deleted:
        return await resolvers.conversations.delete_conversation(info.context, input.conversation_id)


@strawberry.type
class ConversationSubscription:
    @strawberry.subscription(
        graphql_type=Message,
        # A message may be 32 KiB, a connection may have a hundred subscriptions, and what does not wait is read later.
        metadata={"most_waiting": 10},
        description=(
            "Each message of a conversation of yours, once and in order; completed when the conversation is gone. "
            "Whoever was cut off goes on with `after`, the last sequence seen."
        ),
    )
    @staticmethod
    def message_added(
        info: Info,
        conversation_id: ConversationId,
        after: Annotated[
            int | None,
            strawberry.argument(
                description=(
                    "Only messages with a greater sequence, those that are there already included; 0 is all of them. "
                    "When not given, only those added from now on."
                )
            ),
        ] = None,
    ) -> AsyncGenerator[models.conversations.Message, None]:
        return resolvers.message_events.message_added(info.context, conversation_id, after)
