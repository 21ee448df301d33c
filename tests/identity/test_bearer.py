"""Where a token is looked for, and what counts as none."""

import pytest

from identity.bearer import sent_token
from identity.refused_tokens import Reason, RefusedTokenError


@pytest.mark.parametrize("written", [b"Bearer abc", b"bearer abc", b"BEARER abc", b"Bearer   abc "])
def test_the_header_is_read_whatever_the_case_of_its_scheme(written: bytes) -> None:
    assert sent_token({b"authorization": written}, {}) == "abc"


@pytest.mark.parametrize(
    "init",
    [
        {"Authorization": "Bearer abc"},
        {"authorization": "Bearer abc"},
        {"AUTHORIZATION": "bearer abc"},
        {"headers": {"Authorization": "Bearer abc"}},
        {"headers": {"authorization": "Bearer abc"}, "other": 1},
    ],
)
def test_the_first_message_of_a_socket_is_read_however_clients_write_it(init: dict[str, object]) -> None:
    assert sent_token({}, init) == "abc"


@pytest.mark.parametrize("headers", [{}, {b"authorization": b""}, {b"cookie": b"Bearer abc"}])
@pytest.mark.parametrize(
    "init", [{}, {"Authorization": None}, {"authorization": ""}, {"headers": None}, {"headers": "Bearer abc"}]
)
def test_what_says_nothing_is_no_token(headers: dict[bytes, bytes], init: dict[str, object]) -> None:
    assert sent_token(headers, init) is None


@pytest.mark.parametrize("written", [b"Basic abc", b"abc", b"Bearer,abc", b"Token abc", b" "])
def test_another_scheme_is_refused_and_not_passed_over(written: bytes) -> None:
    with pytest.raises(RefusedTokenError) as refused:
        sent_token({b"authorization": written}, {})

    assert refused.value.reason is Reason.MALFORMED


@pytest.mark.parametrize("value", [1, True, ["Bearer abc"], {"token": "abc"}, "abc"])
def test_what_is_no_bearer_token_in_the_first_message_is_refused(value: object) -> None:
    with pytest.raises(RefusedTokenError) as refused:
        sent_token({}, {"Authorization": value})

    assert refused.value.reason is Reason.MALFORMED


def test_the_same_token_in_all_places_is_one() -> None:
    init = {"Authorization": "bearer abc", "headers": {"authorization": "Bearer abc"}}

    assert sent_token({b"authorization": b"Bearer abc"}, init) == "abc"


@pytest.mark.parametrize(
    ("header", "init"),
    [
        (b"Bearer abc", {"Authorization": "Bearer abd"}),
        (b"Bearer abc", {"headers": {"authorization": "Bearer abd"}}),
        (b"", {"Authorization": "Bearer abc", "authorization": "Bearer abd"}),
    ],
)
def test_two_different_tokens_are_refused(header: bytes, init: dict[str, object]) -> None:
    with pytest.raises(RefusedTokenError) as refused:
        sent_token({b"authorization": header}, init)

    assert refused.value.reason is Reason.TWO_TOKENS
