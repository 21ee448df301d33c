"""Languages in which Blizzard publishes its pages about heroes and roles."""

from enum import Enum


class Locale(Enum):
    """The thirteen locales; the value is how addresses of pages spell it."""

    EN_US = "en-us"
    DE_DE = "de-de"
    EN_GB = "en-gb"
    ES_ES = "es-es"
    ES_MX = "es-mx"
    FR_FR = "fr-fr"
    IT_IT = "it-it"
    JA_JP = "ja-jp"
    KO_KR = "ko-kr"
    PL_PL = "pl-pl"
    PT_BR = "pt-br"
    RU_RU = "ru-ru"
    ZH_TW = "zh-tw"
