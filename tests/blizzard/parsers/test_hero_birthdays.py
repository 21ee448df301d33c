"""Birthday and age in one line, in every language."""

import time

import pytest

from blizzard.parsers.birthdays import read_birthday
from models.locales import Locale


@pytest.mark.parametrize(
    ("line", "birthday", "age"),
    [
        ("Jan 1 (Age: 62)", "Jan 1", 62),
        ("Aug 6 (Age : 26)", "Aug 6", 26),
        ("Aug 6 (Age:26)", "Aug 6", 26),
        ("5月3日 （年齢：41）", "5月3日", 41),
        ("5월 3일 (나이: 41세)", "5월 3일", 41),
        ("3 мая (Возраст: 41 год)", "3 мая", 41),
        ("Unknown (Age: 32)", None, 32),
        ("Jan 1 (Age: 62) ", None, None),
        ("Jan 1  (Age: 62)", None, None),
        ("Jan 1(Age: 62)", None, None),
        ("Jan (1) (Age: 62)", "Jan", 62),
        ("Jan 1 (Age:  62)", None, None),
        ("Jan 1 (Age 62)", None, None),
        ("Jan 1 (Age: 62", None, None),
        (" (Age: 62)", None, None),
        ("Unknown (Age: Unknown)", None, None),
        ("Unknown", None, None),
        ("", None, None),
    ],
)
def test_a_line_tells_birthday_and_age_or_neither(line: str, birthday: str | None, age: int | None) -> None:
    assert read_birthday(line, Locale.EN_US) == (birthday, age)


UNKNOWN = {
    Locale.DE_DE: "Unbekannt",
    Locale.EN_GB: "Unknown",
    Locale.EN_US: "Unknown",
    Locale.ES_ES: "Desconocido",
    Locale.ES_MX: "Desconocido",
    Locale.FR_FR: "Inconnu",
    Locale.IT_IT: "Sconosciuto",
    Locale.JA_JP: "不明",
    Locale.KO_KR: "알 수 없음",
    Locale.PL_PL: "Nieznane",
    Locale.PT_BR: "Desconhecido",
    Locale.RU_RU: "Неизвестно",
    Locale.ZH_TW: "未知",
}


@pytest.mark.parametrize("locale", Locale)
def test_each_language_has_its_word_for_an_unknown_birthday(locale: Locale) -> None:
    assert read_birthday(f"{UNKNOWN[locale]} (x: 7)", locale) == (None, 7)


def test_the_word_of_another_language_is_a_birthday_like_any_other() -> None:
    assert read_birthday("Unknown (Alter: 7)", Locale.DE_DE) == ("Unknown", 7)


@pytest.mark.parametrize(
    ("digits", "age"),
    [("0", None), ("1", 1), ("999999999", 999_999_999), ("1000000000", None), ("9" * 5000, None)],
)
def test_an_age_is_at_least_one_and_has_nine_digits_at_most(digits: str, age: int | None) -> None:
    assert read_birthday(f"Jan 1 (Age: {digits})", Locale.EN_US) == ("Jan 1", age)


@pytest.mark.parametrize("line", ["x (:" + "1" * 40_000, "x" * 40_000, "x " * 20_000, "x (" + "(" * 40_000])
def test_a_line_made_to_be_slow_is_not(line: str) -> None:
    started_at = time.process_time()

    found = read_birthday(line, Locale.EN_US)

    assert found == (None, None)
    assert time.process_time() - started_at < 1
