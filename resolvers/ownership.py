"""Whose things an operation is about: always those of its caller."""

from errors import Forbidden, Unauthenticated
from identity.callers import Scope
from resolvers.context import RequestContext


def owner(context: RequestContext) -> str:
    """The subject of the caller. Unauthenticated where nobody knows who asks."""
    if context.caller.subject is None:
        raise Unauthenticated("Conversations belong to their caller: say who you are first.")
    return context.caller.subject


def require_admin(context: RequestContext) -> None:
    """Unauthenticated where nobody knows who asks, Forbidden for everybody but an admin."""
    owner(context)
    if not context.caller.may(Scope.ADMIN):
        raise Forbidden("This is for those who look after the server: it needs the scope admin.")
