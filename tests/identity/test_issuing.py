"""Tokens of our own making are taken by a server with the same settings, and made by no other."""

from typing import Any

import pytest

from errors import StartRefused
from identity.callers import Caller, Scope
from identity.identity import Identity
from identity.issuing import issue
from identity.options import AuthMode, IdentityOptions
from tests.identity.made_tokens import NOW, SECRET
from tests.refresh.held_clock import HeldClock

FULL = IdentityOptions(AuthMode.JWT, secret=SECRET, issuer="https://id.example", audience="playgraph")


def issued(options: IdentityOptions, subject: str = "ana", *scopes: Scope) -> str:
    return issue(options, subject, scopes, now=NOW * 1000 + 999, lifetime_seconds=60)


@pytest.mark.parametrize("options", [FULL, IdentityOptions(AuthMode.JWT, secret=SECRET)])
async def test_a_token_is_taken_by_a_server_with_the_same_options(
    clock: HeldClock, options: IdentityOptions
) -> None:
    token = issued(options, "ana", Scope.GAMES, Scope.CONVERSATIONS)

    caller = await Identity(options, clock, lambda _: None).caller(
        {b"authorization": f"Bearer {token}".encode()}, {}
    )

    assert caller == Caller("ana", frozenset({Scope.GAMES, Scope.CONVERSATIONS}), (NOW + 90) * 1000)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mode": AuthMode.LOCAL}, "AUTH_MODE=local takes no tokens: set AUTH_MODE=jwt and JWT_SECRET."),
        ({"mode": AuthMode.PUBLIC, "secret": SECRET}, "AUTH_MODE=public takes no tokens: "),
        (
            {"mode": AuthMode.JWT, "keys": "https://id.example/"},
            "JWT_KEYS are public keys, which sign nothing: ",
        ),
        ({"mode": AuthMode.JWT, "secret": "short"}, "JWT_SECRET has 5 bytes"),
        ({"mode": AuthMode.JWT}, "AUTH_MODE=jwt needs something to check tokens with"),
        ({"mode": AuthMode.JWT, "secret": SECRET, "keys": "k"}, "JWT_SECRET and JWT_KEYS are both set"),
    ],
)
def test_without_a_secret_to_sign_with_there_is_no_token(given: dict[str, Any], words: str) -> None:
    with pytest.raises(StartRefused) as refused:
        issued(IdentityOptions(**given))

    assert refused.value.message.startswith(words)


@pytest.mark.parametrize("subject", ["", "x" * 256, "a\0b"])
def test_a_subject_that_no_token_may_have_is_refused(subject: str) -> None:
    with pytest.raises(StartRefused, match="--subject: must have 1 to 255 characters"):
        issued(FULL, subject)


def test_a_subject_of_255_characters_is_taken() -> None:
    assert issued(FULL, "x" * 255).count(".") == 2
