"""Settings, `.env.example` and README's table tell the same, and a wrong value is refused in one clear line."""

import re

import pytest

from errors import StartRefused
from settings import Settings, load_settings
from tests.architecture.sources import ROOT


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    return "" if value is None else str(value)


DEFAULTS = {name.upper(): _default(name) for name in Settings.model_fields}


def test_the_example_file_has_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()

    written = dict(
        line.removeprefix("# ").split("=", 1) for line in lines if re.match(r"(# )?[A-Z_]+=", line)
    )

    assert written == DEFAULTS


def test_the_table_in_readme_has_every_setting_with_its_default() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", text, re.MULTILINE)

    assert {name: default for name, default, _ in rows} == DEFAULTS
    assert {name: meaning for name, _, meaning in rows} == {
        name.upper(): field.description for name, field in Settings.model_fields.items()
    }


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "70000", "PORT: "),
        ("PORT", "http", "PORT: "),
        ("BLIZZARD_URL", "ftp://example.org", "BLIZZARD_URL: must be an address like"),
        ("STORAGE_TYPE", "paper", "STORAGE_TYPE: "),
        ("THROTTLE_MIN_DELAY", "-1", "THROTTLE_MIN_DELAY: "),
        ("UNKNOWN_PLAYER_RETRY_MULTIPLIER", "0.5", "UNKNOWN_PLAYER_RETRY_MULTIPLIER: "),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(StartRefused) as refusal:
        load_settings()

    assert refusal.value.message.startswith(words)
    assert "\n" not in refusal.value.message


def test_explicit_values_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")

    assert load_settings(port=9100).port == 9100
