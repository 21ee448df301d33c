"""What whoever looks after the server may see and remove of a caller's."""

from typing import Annotated

import strawberry

import models.conversations
import models.paging
import resolvers.erasure
from models.paging import PageArguments
from schema.conversations import ConversationConnection
from schema.errors import Forbidden, StorageUnavailable
from schema.info import Info
from schema.paging import After, Before, First, Last

_WHOSE = "The caller, by the subject of their tokens."


@strawberry.input(description="Whose conversations to remove.")
class EraseCallerInput:
    caller: str = strawberry.field(description=_WHOSE)


@strawberry.type(description="Nothing of the caller is kept any more.")
class EraseCallerPayload:
    model = models.conversations.Removed

    conversations: int = strawberry.field(
        description="How many conversations were removed, expired ones that were not swept yet included."
    )
    messages: int = strawberry.field(description="How many messages went with them.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Served by its model."""
        return isinstance(value, cls.model)


EraseCallerResult = Annotated[
    EraseCallerPayload | Forbidden | StorageUnavailable,
    strawberry.union("EraseCallerResult", description="What was removed, or why not all of it."),
]


@strawberry.type
class ErasureQuery:
    @strawberry.field(
        graphql_type=ConversationConnection | None,
        metadata={"size": 20, "sized_by": ("first", "last")},
        description=(
            "For admins: the conversations of any caller, last active first. Asked for from the end (`last`, "
            "`before`), none is missed while they move."
        ),
    )
    @staticmethod
    async def caller_conversations(
        info: Info,
        caller: Annotated[str, strawberry.argument(description=_WHOSE)],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> models.paging.Connection[models.conversations.Conversation]:
        return await resolvers.erasure.caller_conversations(
            info.context, caller, PageArguments(first, after, last, before)
        )


@strawberry.type
class ErasureMutation:
    @strawberry.mutation(
        graphql_type=EraseCallerResult,
        description=(
            "For admins: remove all conversations of a caller. Take their token away first, or they may begin new ones."
        ),
    )
    @staticmethod
    async def erase_caller(
        info: Info,
        input: Annotated[EraseCallerInput, strawberry.argument(description="Whose.")],  # noqa: A002
    ) -> models.conversations.Removed:
        return await resolvers.erasure.erase_caller(info.context, input.caller)
