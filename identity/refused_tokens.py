"""Why a token is not taken: for the log and the figures, and what of it a client is told."""

from enum import Enum


class Reason(Enum):
    """What is wrong with a token, or with how it was sent."""

    TOO_LONG = "too_long"
    MALFORMED = "malformed"
    TWO_TOKENS = "two_tokens"
    ALGORITHM = "algorithm"
    UNKNOWN_KEY = "unknown_key"
    NO_KEYS = "no_keys"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    TIMES = "times"
    SUBJECT = "subject"


# Of the others a client learns no more than that it must get another token: which check failed helps whoever forges.
_TOLD = {
    Reason.EXPIRED: "The token has expired.",
    Reason.TOO_LONG: "The token is too long.",
    Reason.TWO_TOKENS: "Two different tokens were sent.",
    Reason.NO_KEYS: "Tokens cannot be checked just now.",
}


class RefusedTokenError(Exception):
    """A token is not taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason

    @property
    def told(self) -> str:
        """What a client is told."""
        return _TOLD.get(self.reason, "The token is not valid here.")
