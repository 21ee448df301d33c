"""A caller, once it is known who it is."""

from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """What a token may allow beside the public reads."""

    CONVERSATIONS = "conversations"
    GAMES = "games"
    REFRESH = "refresh"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks. `subject` is who owns what they make; None: nobody that is known, who may read what is public.

    `expires_at` (milliseconds since 1970) is when they have to prove again who they are; None: never.
    """

    subject: str | None
    scopes: frozenset[Scope] = frozenset()
    expires_at: int | None = None

    def may(self, scope: Scope) -> bool:
        """Whether the caller has this scope. ADMIN stands for no other one."""
        return scope in self.scopes


NOBODY = Caller(None)
LOCAL = Caller("local", frozenset(Scope))
