"""Tokens of our own making, for development and for bots of the same house."""

from collections.abc import Collection

import jwt

from errors import StartRefused
from identity.callers import Scope
from identity.claims import MAX_SUBJECT, is_subject
from identity.options import AuthMode, IdentityOptions, check_options


def issue(
    options: IdentityOptions, subject: str, scopes: Collection[Scope], *, now: int, lifetime_seconds: int
) -> str:
    """A token that a server with the same options takes from `now` (milliseconds since 1970) on.

    Raises StartRefused where there is no secret to sign it with, and for a subject that no token may have.
    """
    if options.mode is not AuthMode.JWT:
        raise StartRefused(
            f"AUTH_MODE={options.mode.value} takes no tokens: set AUTH_MODE=jwt and JWT_SECRET."
        )
    if not options.secret and options.keys:
        raise StartRefused(
            "JWT_KEYS are public keys, which sign nothing: get tokens from whoever has the private ones, or set "
            "JWT_SECRET instead."
        )
    check_options(options)
    assert options.secret, "checked before"
    if not is_subject(subject):
        raise StartRefused(f"--subject: must have 1 to {MAX_SUBJECT} characters.")
    issued = now // 1000
    claims: dict[str, object] = {"sub": subject, "iat": issued, "exp": issued + lifetime_seconds}
    if scopes:
        claims["scope"] = " ".join(scope.value for scope in Scope if scope in scopes)
    if options.issuer:
        claims["iss"] = options.issuer
    if options.audience:
        claims["aud"] = options.audience
    return jwt.encode(claims, options.secret, algorithm="HS256")
