"""Checks a token: what it may be signed with, by whom, for whom and for how long."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.exceptions import (
    InvalidAlgorithmError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    MissingRequiredClaimError,
    PyJWTError,
)

from clock import Clock
from identity.callers import Caller
from identity.claims import caller_of
from identity.key_rings import KeyRing
from identity.refused_tokens import Reason, RefusedTokenError

MAX_LENGTH = 8192
_SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
_REASONS: Mapping[type[PyJWTError], Reason] = {
    InvalidSignatureError: Reason.SIGNATURE,
    InvalidAlgorithmError: Reason.ALGORITHM,
    InvalidIssuerError: Reason.ISSUER,
    InvalidAudienceError: Reason.AUDIENCE,
}
_MISSING = {"iss": Reason.ISSUER, "aud": Reason.AUDIENCE}
# Times and subject are checked by us: the library looks at the machine's clock, and takes numbers written as text.
_UNCHECKED: Any = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "sub", "jti")}


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What every token must say. Without an audience of ours, a token that is for somebody in particular is not for us.

    `leeway_seconds` is how far the clocks of issuers may be off.
    """

    issuer: str | None = None
    audience: str | None = None
    leeway_seconds: float = 30.0


class Tokens:
    """Tells who shows a token."""

    def __init__(self, keys: KeyRing, rules: TokenRules, clock: Clock) -> None:
        self._keys = keys
        self._rules = rules
        self._clock = clock

    async def caller(self, token: str) -> Caller:
        """Who shows this token; raises RefusedTokenError."""
        if len(token) > MAX_LENGTH:
            raise RefusedTokenError(Reason.TOO_LONG)
        header = _header(token)
        if header.get("alg") not in self._keys.algorithms:
            raise RefusedTokenError(Reason.ALGORITHM)
        key = await self._keys.find(header.get("kid"))
        if key is None:
            raise RefusedTokenError(Reason.UNKNOWN_KEY)
        claims = self._claims(token, key)
        return caller_of(claims, now=self._clock.now(), leeway_seconds=self._rules.leeway_seconds)

    def _claims(self, token: str, key: jwt.PyJWK) -> Mapping[str, object]:
        rules = self._rules
        try:
            return jwt.decode(
                token,
                key,
                algorithms=self._keys.algorithms,
                issuer=rules.issuer,
                audience=rules.audience,
                options=_UNCHECKED,
            )
        except MissingRequiredClaimError as error:
            raise RefusedTokenError(_MISSING.get(error.claim, Reason.MALFORMED)) from None
        except PyJWTError as error:
            raise RefusedTokenError(_REASONS.get(type(error), Reason.MALFORMED)) from None


def _header(token: str) -> Mapping[str, Any]:
    """What a token says of itself; good for finding a key, and for nothing else."""
    if not _SHAPE.fullmatch(token):
        raise RefusedTokenError(Reason.MALFORMED)
    try:
        return jwt.get_unverified_header(token)
    except PyJWTError:
        raise RefusedTokenError(Reason.MALFORMED) from None
