"""What a token says, once its signature is known to be good: who, until when, and what is allowed."""

from collections.abc import Mapping

from identity.callers import Caller, Scope
from identity.refused_tokens import Reason, RefusedTokenError

MAX_SUBJECT = 255
_LATEST = 253_402_300_799
"""The last second of the year 9999."""
_SCOPES = {scope.value: scope for scope in Scope}


def caller_of(claims: Mapping[str, object], *, now: int, leeway_seconds: float) -> Caller:
    """The caller that a token's claims tell of, at `now` (milliseconds since 1970).

    `exp` and `sub` must be there. The leeway is how far the clock of whoever made the token may be off; it counts in
    the caller's `expires_at` too. Raises RefusedTokenError.
    """
    leeway = round(leeway_seconds * 1000)
    expires_at = _moment(claims, "exp")
    if expires_at is None:
        raise RefusedTokenError(Reason.TIMES)
    if expires_at + leeway <= now:
        raise RefusedTokenError(Reason.EXPIRED)
    for name in ("nbf", "iat"):
        if (_moment(claims, name) or 0) - leeway > now:
            raise RefusedTokenError(Reason.NOT_YET)
    return Caller(_subject(claims), _scopes(claims), expires_at + leeway)


def is_subject(text: str) -> bool:
    """Whether somebody may be called so: what every store can keep as the owner of a record."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return 1 <= len(text) <= MAX_SUBJECT and "\0" not in text


def _subject(claims: Mapping[str, object]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not is_subject(subject):
        raise RefusedTokenError(Reason.SUBJECT)
    return subject


def _moment(claims: Mapping[str, object], name: str) -> int | None:
    """A time in milliseconds since 1970; None where it is not said."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise RefusedTokenError(Reason.TIMES)
    return round(value * 1000)


def _scopes(claims: Mapping[str, object]) -> frozenset[Scope]:
    """The scopes by the first of the names that issuers use; words that are none of ours are passed over."""
    said = next((claims[name] for name in ("scope", "scp", "scopes") if name in claims), "")
    words = said.split(" ") if isinstance(said, str) else said if isinstance(said, list) else []
    return frozenset(_SCOPES[word] for word in words if isinstance(word, str) and word in _SCOPES)
