"""Birthday and age as a hero's page writes them in one line, in every language."""

import re

from models.locales import Locale

_LINE = re.compile(r"([^()（）]*[^()（） ]) [(（][^:：]*[:：] ?(\d++).*[)）]", re.DOTALL)
# Beyond this a number is no age, and might not fit where an age is kept.
_LONGEST_AGE = 9

_UNKNOWN = {
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


def read_birthday(line: str, locale: Locale) -> tuple[str | None, int | None]:
    """Birthday and age (years, at least 1) from a line such as "Jan 1 (Age: 62)".

    The birthday stays text in the page's language, None when it is that language's word for "unknown". Round
    brackets and colon may be full-width. A line of any other shape tells neither.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        return None, None
    birthday, digits = match.groups()
    age = int(digits) if len(digits) <= _LONGEST_AGE else 0
    return None if birthday == _UNKNOWN[locale] else birthday, age or None
