"""The small rules that turn a page's words into values: numbers, keys, divisions, tiers, titles, labels."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from blizzard.parsers.plurals import PLURAL_KEYS

_HOURS = re.compile(r"(-?\d+(?:,\d+)?):(\d+):(\d+)\n?")
_MINUTES = re.compile(r"(-?\d+):(\d+)\n?")
_WHOLE = re.compile(r"(-?\d[\d,]*)%?\n?")
_DECIMAL = re.compile(r"-?\d[\d,]*\.\d+\n?")
_NO_VALUE = {"--": 0, "NaN": 0}
# The greatest whole number that every JSON reader keeps exactly, and a length that no sane number reaches.
_LARGEST = 2**53 - 1
_LONGEST_NUMBER = 40
# Texts below this length cannot tell a greater number, whatever their form.
_SHORT = 16
# Labels are a vocabulary of some hundred short names; anything longer is not worth remembering.
_LONGEST_LABEL = 100

_NOT_ALPHANUMERIC = re.compile(r"[^a-zA-Z0-9]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TIER = re.compile(r"\d+")

_COMPARISON_PLURALS = {
    "Game Won": "Games Won",
    "Elimination per Life": "Eliminations per Life",
    "Objective Kill": "Objective Kills",
}
_ROLES = {"tank": "tank", "damage": "damage", "offense": "damage", "support": "support", "open": "open"}

# Career pages are asked for in English, yet some profiles come in the language of their owner.
# In order: Portuguese, Spanish, French, German, Italian, Japanese, Korean, Chinese (both), Russian, Polish.
_LOCALISED_CATEGORIES = {
    "Assists": "assistências|asistencias|assistances|assists|assistenze|アシスト|지원|助攻|помощь|asysty",
    "Average": "média|promedio|moyenne|durchschnitt|media|평균|среднее|średnia",
    "Best": "melhor|mejor|meilleur|bester wert|migliore|ベスト|최고 기록|最佳|лучшее|najlepszy wynik",
    "Combat": "combate|combat|kampf|combattimento|戦闘|전투|战斗|戰鬥|бой|walka",
    "Game": "jogo|juego|jeu|spiel|partita|ゲーム|게임|比赛|遊戲|игра|gra",
    "Hero Specific": (
        "para cada herói|específico del héroe|spécifique au héros|heldenspezifisch|specifico dell'eroe"
        "|ヒーロー特有|영웅별|英雄特有|英雄專屬|уникальное для героя|dla bohatera"
    ),
    "Match Awards": (
        "prêmios de partida|premios de partida|récompenses de match|match-auszeichnungen|premi partita"
        "|試合の報酬|경기 포상|比赛奖励|比賽獎勵|награды матча|nagrody meczowe"
    ),
    "Miscellaneous": "diversos|varios|divers|verschiedenes|varie|その他|기타|综合|綜合|разное|różne",
}
_ENGLISH_CATEGORIES = {
    localised: english for english, row in _LOCALISED_CATEGORIES.items() for localised in row.split("|")
}


def stat_value(text: str) -> int | float | None:
    """The number a page shows as `text`: durations in seconds, percentages 0 to 100, "--" and "NaN" 0.

    Whole numbers, percentages and durations are ints, decimals floats. Only the first part of a duration
    may have a sign or (with hours) a comma, and the sign counts for that part alone. None for text that is
    no number: pages print decimal percentages and prose now and then, and one row must not cost the rest.
    None also beyond 2^53 - 1, where numbers stop being exact in JSON.
    """
    if text.isdecimal() and len(text) < _SHORT:
        return int(text)
    if len(text) > _LONGEST_NUMBER:
        return None
    value = _seconds(text) if ":" in text else _number(text)
    if len(text) < _SHORT:
        return value
    return value if value is None or -_LARGEST <= value <= _LARGEST else None


def _seconds(text: str) -> int | None:
    if match := _MINUTES.fullmatch(text):
        return int(match[1]) * 60 + int(match[2])
    if match := _HOURS.fullmatch(text):
        return int(match[1].replace(",", "")) * 3600 + int(match[2]) * 60 + int(match[3])
    return None


def _number(text: str) -> int | float | None:
    if "." in text:
        return float(text.replace(",", "")) if _DECIMAL.fullmatch(text) else None
    if match := _WHOLE.fullmatch(text):
        return int(match[1].replace(",", ""))
    return _NO_VALUE.get(text)


def snake_case(text: str) -> str:
    """`text` as a key: accents dropped, "- " deleted, all but ASCII letters and digits to "_", lower case.

    Runs of "_" stay. Text without any Latin letter or digit gives "".
    """
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    words = _CAMEL.sub("_", text.replace("- ", ""))
    return _NOT_ALPHANUMERIC.sub("_", words).strip("_").lower()


def hero_key(name: str) -> str:
    """The key of a hero by its English name ("Soldier: 76" -> "soldier-76"), also of heroes not known yet."""
    return snake_case(name.replace(".", "").replace(":", "")).replace("_", "-")


def stat_key(label: str) -> str:
    """The key of a statistic by its label; singular and plural labels share the plural key."""
    return _known_stat_key(label) if len(label) <= _LONGEST_LABEL else _stat_key(label)


def _stat_key(label: str) -> str:
    key = snake_case(label)
    return PLURAL_KEYS.get(key, key)


_known_stat_key = lru_cache(maxsize=4096)(_stat_key)


def comparison_label(label: str) -> str:
    """A comparison's label in the plural; its key is the snake case of this."""
    return _COMPARISON_PLURALS.get(label, label)


def category_label(text: str) -> str:
    """A career category's English label, from any language it is known in; else `text` with single spaces."""
    collapsed = " ".join(text.split())
    return _ENGLISH_CATEGORIES.get(collapsed.lower(), collapsed)


@lru_cache(maxsize=256)
def category(text: str) -> tuple[str, str]:
    """Key and English label of a career category; the key is empty for words that are in no known language."""
    label = category_label(text)
    return snake_case(label), label


def title(value: object) -> str | None:
    """A player's title in English: `value` is the text, or a mapping of locales. "No Title" is None."""
    text = value.get("en_US") if isinstance(value, Mapping) else value
    if not isinstance(text, str) or not text or text.lower() == "no title":
        return None
    return text


def endorsement_level(frame: str) -> int:
    """The level that the file name of an endorsement image starts with, 0 where it does not say."""
    name = _file_name(frame)
    for part in (name.split(".")[0], name.split("-")[0]):
        if part.isdecimal() and len(part) < 4:
            return int(part)
    return 0


def division(icon: str) -> str | None:
    """The division that a rank image's file name tells, lower case; None when it names none.

    Names of divisions not known yet pass through. The image of a player without a rank names no division.
    """
    name = _file_name(icon).split(".")[0].split("-")[0].rsplit("_", 1)[-1].lower().removesuffix("tier")
    return name if name.isalpha() and name != "unranked" else None


def tier(icon: str | None) -> int | None:
    """The tier, 1 (best) to 5, after the last "_" of a tier image's file name; else None."""
    found = _TIER.match(_file_name(icon or "").rsplit("_", 1)[-1]) if "_" in _file_name(icon or "") else None
    return int(found[0]) if found and found[0] in {"1", "2", "3", "4", "5"} else None


def role_of_icon(icon: str) -> str | None:
    """tank, damage, support or open by the file name (or sprite id) of a role's icon; None for any other."""
    return _ROLES.get(re.split(r"[-.]", _file_name(icon), maxsplit=1)[0].lower())


def _file_name(url: str) -> str:
    return url.rsplit("/", 1)[-1]
