"""Whose things an operation is about: always those of its caller."""

from errors import Unauthenticated
from resolvers.context import RequestContext


def owner(context: RequestContext) -> str:
    """The subject of the caller. Unauthenticated where nobody knows who asks."""
    if context.caller.subject is None:
        raise Unauthenticated("Conversations belong to their caller: say who you are first.")
    return context.caller.subject
