"""What a token says: who, from when until when, and what is allowed."""

from typing import Any

import pytest

from identity.callers import Caller, Scope
from identity.claims import caller_of
from identity.refused_tokens import Reason, RefusedTokenError
from tests.identity.made_tokens import NOW

LEEWAY = 30


def read(now: float = NOW, leeway: float = LEEWAY, **claims: Any) -> Caller:
    said: dict[str, object] = {"sub": "ana", "exp": NOW + 3600}
    return caller_of(said | claims, now=round(now * 1000), leeway_seconds=leeway)


def refusal(now: float = NOW, leeway: float = LEEWAY, **claims: Any) -> Reason:
    with pytest.raises(RefusedTokenError) as refused:
        read(now, leeway, **claims)
    return refused.value.reason


def test_a_caller_has_the_subject_its_scopes_and_an_end_with_the_leeway() -> None:
    caller = read(scope="games refresh")

    assert caller == Caller("ana", frozenset({Scope.GAMES, Scope.REFRESH}), (NOW + 3600 + LEEWAY) * 1000)


@pytest.mark.parametrize("leeway", [0, 30, 0.5])
def test_a_token_is_good_until_the_leeway_after_its_end(leeway: float) -> None:
    end = NOW + 3600 + leeway

    assert read(end - 0.001, leeway).subject == "ana"
    assert refusal(end, leeway) is Reason.EXPIRED


@pytest.mark.parametrize("name", ["nbf", "iat"])
@pytest.mark.parametrize("leeway", [0, 30])
def test_a_token_is_good_from_the_leeway_before_its_beginning_on(name: str, leeway: float) -> None:
    assert read(NOW - leeway, leeway, **{name: NOW}).subject == "ana"
    assert refusal(NOW - leeway - 0.001, leeway, **{name: NOW}) is Reason.NOT_YET


def test_times_may_have_parts_of_seconds() -> None:
    assert read(NOW + 0.249, 0, exp=NOW + 0.25).expires_at == NOW * 1000 + 250
    assert refusal(NOW + 0.25, 0, exp=NOW + 0.25) is Reason.EXPIRED


def test_a_token_without_an_end_is_refused() -> None:
    assert refusal(exp=None) is Reason.TIMES


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value", ["1800003600", True, -1, float("nan"), float("inf"), 253_402_300_800, [NOW], {}]
)
def test_what_is_no_time_is_refused(name: str, value: Any) -> None:
    assert refusal(**{name: value}) is Reason.TIMES


def test_the_last_second_of_the_year_9999_is_a_time() -> None:
    assert read(leeway=0, exp=253_402_300_799).expires_at == 253_402_300_799_000


@pytest.mark.parametrize("subject", ["a", "x" * 255, "ü" * 255, "auth0|5f7c8ec7c33c6c004bbafe82", " "])
def test_any_text_up_to_255_characters_is_a_subject(subject: str) -> None:
    assert read(sub=subject).subject == subject


@pytest.mark.parametrize("subject", [None, "", "x" * 256, "a\0b", "\ud800", 5, ["ana"], True])
def test_what_no_store_could_keep_as_an_owner_is_no_subject(subject: object) -> None:
    assert refusal(sub=subject) is Reason.SUBJECT


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "games admin"},
        {"scp": ["games", "admin"]},
        {"scopes": ["games", "admin"]},
        {"scp": "games admin"},
        {"scope": "openid games  email admin profile"},
        {"scopes": ["games", 5, None, ["refresh"], "admin", "GAMES"]},
        {"scope": "games admin", "scp": ["refresh"], "scopes": ["conversations"]},
    ],
)
def test_scopes_are_read_as_issuers_write_them_and_others_passed_over(claims: dict[str, Any]) -> None:
    assert read(**claims).scopes == {Scope.GAMES, Scope.ADMIN}


@pytest.mark.parametrize(
    "claims",
    [{}, {"scope": ""}, {"scope": None}, {"scope": 5}, {"scp": {"games": True}}, {"scope": "games,admin"}],
)
def test_what_names_no_scope_allows_nothing(claims: dict[str, Any]) -> None:
    assert read(**claims).scopes == frozenset()


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_can_be_given(scope: Scope) -> None:
    assert read(scope=scope.value).scopes == {scope}
