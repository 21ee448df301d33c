"""Who calls, in each mode; and what is told, counted and logged of a token that is not taken."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from errors import Forbidden, Unauthenticated
from identity.callers import LOCAL, NOBODY
from identity.identity import Identity
from identity.options import AuthMode, IdentityOptions
from tests.identity.made_tokens import CLAIMS, NOW, SECRET, jwks, rs256, rsa_key, rsa_member, signed
from tests.identity.provider import Provider
from tests.refresh.held_clock import HeldClock

OWN = {b"host": b"127.0.0.1:8000"}


def identity(mode: str, clock: HeldClock, reasons: list[str] | None = None, **given: Any) -> Identity:
    taken = [] if reasons is None else reasons
    return Identity(IdentityOptions(AuthMode(mode), **given), clock, taken.append)


def sent(token: str) -> dict[bytes, bytes]:
    return {b"authorization": f"Bearer {token}".encode()}


@pytest.mark.parametrize(("mode", "caller"), [("local", LOCAL), ("public", NOBODY)])
@pytest.mark.parametrize("headers", [{}, sent("abc"), {b"authorization": b"Basic abc"}, sent("x" * 9000)])
async def test_where_no_tokens_are_taken_none_is_looked_at(
    clock: HeldClock, mode: str, caller: object, headers: dict[bytes, bytes]
) -> None:
    reasons: list[str] = []

    found = await identity(mode, clock, reasons).caller(headers | OWN, {"Authorization": 5})

    assert (found, reasons) == (caller, [])


async def test_a_request_of_elsewhere_is_not_its_owners_and_the_log_says_why(clock: HeldClock) -> None:
    with capture_logs() as logs, pytest.raises(Forbidden, match=r"Ask by the name 127\.0\.0\.1") as refused:
        await identity("local", clock).caller({b"host": b"evil.example"}, {})

    assert logs == [{"event": "caller_refused", "reason": refused.value.message, "log_level": "info"}]


@pytest.mark.parametrize("mode", ["public", "jwt"])
async def test_where_nobody_is_taken_for_the_owner_any_name_will_do(clock: HeldClock, mode: str) -> None:
    secret = SECRET if mode == "jwt" else None

    assert await identity(mode, clock, secret=secret).caller({b"host": b"evil.example"}, {}) == NOBODY


async def test_without_a_token_nobody_calls(clock: HeldClock) -> None:
    assert await identity("jwt", clock, secret=SECRET).caller({}, {}) == NOBODY


async def test_a_good_token_tells_who_calls(clock: HeldClock) -> None:
    caller = await identity("jwt", clock, secret=SECRET).caller(sent(signed()), {})

    assert (caller.subject, caller.expires_at) == ("ana", (NOW + 3630) * 1000)


@pytest.mark.parametrize(
    ("headers", "init", "reason", "told"),
    [
        (sent(signed(secret="t" * 32)), {}, "signature", "The token is not valid here."),
        (sent(signed({"sub": "ana", "exp": NOW - 30})), {}, "expired", "The token has expired."),
        (sent(signed({"exp": NOW + 1})), {}, "subject", "The token is not valid here."),
        (sent("x" * 8193), {}, "too_long", "The token is too long."),
        (sent("abc"), {}, "malformed", "The token is not valid here."),
        (sent(""), {}, "malformed", "The token is not valid here."),
        (sent(signed()), {"Authorization": "Bearer x"}, "two_tokens", "Two different tokens were sent."),
    ],
)
async def test_a_bad_token_is_counted_and_logged_by_its_reason_and_never_repeated(
    clock: HeldClock, headers: dict[bytes, bytes], init: dict[str, object], reason: str, told: str
) -> None:
    reasons: list[str] = []

    with capture_logs() as logs, pytest.raises(Unauthenticated) as refused:
        await identity("jwt", clock, reasons, secret=SECRET).caller(headers, init)

    assert (refused.value.message, reasons) == (told, [reason])
    assert logs == [{"event": "token_refused", "reason": reason, "log_level": "info"}]


async def test_issuer_audience_and_leeway_are_those_of_the_options(clock: HeldClock) -> None:
    strict = identity("jwt", clock, secret=SECRET, issuer="i", audience="a", leeway_seconds=0)

    caller = await strict.caller(sent(signed(CLAIMS | {"iss": "i", "aud": "a"})), {})

    assert caller.expires_at == (NOW + 3600) * 1000
    with pytest.raises(Unauthenticated):
        await strict.caller(sent(signed(CLAIMS | {"iss": "i"})), {})
    with pytest.raises(Unauthenticated):
        await strict.caller(sent(signed(CLAIMS | {"aud": "a"})), {})


async def test_a_provider_is_asked_when_the_server_opens(clock: HeldClock, provider: Provider) -> None:
    provider.text = jwks(rsa_member(rsa_key(), kid="a"))
    known = identity("jwt", clock, keys=provider.url)

    async with known.opened():
        caller = await known.caller(sent(rs256(rsa_key(), "a")), {})

    assert caller.subject == "ana"
    assert provider.asked == ["/jwks.json"]


async def test_a_provider_that_is_down_keeps_nobody_without_a_token_out(
    clock: HeldClock, provider: Provider
) -> None:
    provider.status = 503
    known = identity("jwt", clock, keys=provider.url)

    async with known.opened():
        nobody = await known.caller({}, {})
        with pytest.raises(Unauthenticated, match=r"Tokens cannot be checked just now\."):
            await known.caller(sent(rs256(rsa_key(), "a")), {})

    assert nobody == NOBODY
