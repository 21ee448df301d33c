"""Player ids: one spelling for each, and nothing that is no id gets any further."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import BadUserInput
from models.player_ids import normalize_player_id


@pytest.mark.parametrize(
    ("text", "player_id"),
    [
        ("Wanderer-1234", "Wanderer-1234"),
        ("Wanderer#1234", "Wanderer-1234"),
        ("  Wanderer-1234\n", "Wanderer-1234"),
        ("\u3000Wanderer-1234\u00a0", "Wanderer-1234"),
        ("wANDERER-1234", "wANDERER-1234"),
        ("Jo\u0308rg-1234", "Jörg-1234"),
        ("각나-1234", "각나-1234"),
        ("玩家一-31415", "玩家一-31415"),
        ("ผู้เล่น-1234", "ผู้เล่น-1234"),
        ("٣٤٥-1234", "٣٤٥-1234"),
        ("0a1b|2c3d", "0a1b|2c3d"),
        ("0a1b%7C2c3d", "0a1b|2c3d"),
        ("0A1B|2c3d", "0A1B|2c3d"),
    ],
)
def test_each_id_has_one_spelling(text: str, player_id: str) -> None:
    assert normalize_player_id(text) == player_id


@pytest.mark.parametrize(
    "text",
    ["ab-123", "a" * 32 + "-123", "ab-1234567890", "a|b", f"{'a' * 64}|{'b' * 64}", " " * 194 + "ab-123"],
)
def test_ids_at_a_limit_are_taken(text: str) -> None:
    assert normalize_player_id(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a-123",
        "a" * 33 + "-123",
        "ab-12",
        "ab-12345678901",
        "ab-12a",
        "ab-١٢٣",
        "ab",
        "ab-",
        "-123",
        "ab-123-4",
        "ab 1-123",
        "ab_c-123",
        "ab/c-123",
        "../-123",
        "\u0301ab-123",
        "ab\u200d-123",
        "ab\x00-123",
        "\x00ab-123",
        "ab-123\x00",
        "\x1fab-123",
        "ab-123\x85",
        "\ud800ab-123",
        "|b",
        "a|",
        "a|b|c",
        "g|b",
        "a%7cb",
        f"{'a' * 65}|b",
        f"a|{'b' * 65}",
        " " * 195 + "ab-123",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadUserInput, match="is no player id"):
        normalize_player_id(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 40, '"' + "x" * 40 + '" is'),
        ("x" * 41, '"' + "x" * 40 + '…" is'),
        ("a\x00\ud800b", '"a\ufffd\ufffdb" is'),
    ],
)
def test_a_refusal_repeats_at_most_forty_printable_characters(text: str, shown: str) -> None:
    with pytest.raises(BadUserInput) as refused:
        normalize_player_id(text)

    assert refused.value.message.startswith(shown)


def test_a_long_text_is_refused_unread() -> None:
    with pytest.raises(BadUserInput) as refused:
        normalize_player_id("a" * 10_000_000 + "-1234")

    assert len(refused.value.message) == 154


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_spelling_is_its_own_spelling_or_there_is_none(text: str) -> None:
    assert spelled(spelled(text)) == spelled(text)


def spelled(text: str) -> str:
    try:
        return normalize_player_id(text)
    except BadUserInput:
        return ""
