"""What invented pages say, in each language: a few sentences with places for names, and how it writes a birthday."""

from dataclasses import dataclass

from models.locales import Locale


@dataclass(frozen=True, slots=True)
class Language:
    """Sentences take `{name}` (of a hero or a role), `{thing}` (an ability) and `{place}`; `age` is a whole line,
    `months` are twelve words."""

    birthday: str
    age: str
    unknown: str
    months: str
    roles: tuple[str, str, str]
    role: str
    hero: str
    ability: str
    perk: str
    power: str
    summary: str
    chapters: tuple[str, str, str]
    chapter: str


_NUMBERS = "1 2 3 4 5 6 7 8 9 10 11 12"

_ENGLISH = Language(
    birthday="{month} {day}",
    age="{birthday} (Age: {age})",
    unknown="Unknown",
    months="Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    roles=("Tank", "Damage", "Support"),
    role="Whoever plays {name} has a part of the team's work to do.",
    hero="{name} left {place} with a suitcase full of maps.",
    ability="Aim first.  {thing} reaches further than it looks.",
    perk="{thing} lasts 2 seconds longer.",
    power="{thing} is 15% wider & costs 1 charge less.",
    summary="{name} has told three stories about {place}, and none of them agree.",
    chapters=("The lamp", "The long road", "Home again"),
    chapter="Nobody in {place} had expected {name}. The kettle was put on all the same.",
)
_GERMAN = Language(
    birthday="{day}. {month}",
    age="{birthday} (Alter: {age})",
    unknown="Unbekannt",
    months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    roles=("Tank", "Schaden", "Unterstützung"),
    role="Wer {name} spielt, hat im Team eine Aufgabe.",
    hero="{name} kam mit einem Koffer voller Karten aus {place}.",
    ability="Erst zielen.  {thing} reicht weiter, als es aussieht.",
    perk="{thing} hält 2 Sekunden länger.",
    power="{thing} ist 15% breiter & braucht 1 Ladung weniger.",
    summary="{name} erzählt drei Geschichten über {place}, und keine passt zur anderen.",
    chapters=("Die lampe", "Der lange weg", "Wieder daheim"),
    chapter="Niemand in {place} hatte {name} erwartet. Der Kessel kam trotzdem auf den Herd.",
)
_SPANISH = Language(
    birthday="{day} de {month}",
    age="{birthday} (edad: {age})",
    unknown="Desconocido",
    months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    roles=("Tanque", "Daño", "Apoyo"),
    role="Quien juega de {name} tiene su parte en el equipo.",
    hero="{name} salió de {place} con una maleta llena de mapas.",
    ability="Primero apunta.  {thing} llega más lejos de lo que parece.",
    perk="{thing} dura 2 segundos más.",
    power="{thing} es un 15% más ancho & gasta 1 carga menos.",
    summary="{name} cuenta tres historias sobre {place} y ninguna coincide.",
    chapters=("La lámpara", "El camino largo", "De vuelta"),
    chapter="Nadie en {place} esperaba a {name}. Aun así pusieron agua a hervir.",
)
_FRENCH = Language(
    birthday="{day} {month}",
    age="{birthday} (âge : {age} ans)",
    unknown="Inconnu",
    months="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    roles=("Tank", "Dégâts", "Soutien"),
    role="Qui joue {name} a sa part du travail.",
    hero="{name} a quitté {place} avec une valise pleine de cartes.",
    ability="Visez d'abord.  {thing} va plus loin qu'il n'y paraît.",
    perk="{thing} dure 2 secondes de plus.",
    power="{thing} est 15% plus large & coûte 1 charge de moins.",
    summary="{name} raconte trois histoires sur {place}, toutes différentes.",
    chapters=("La lampe", "La longue route", "Le retour"),
    chapter="Personne à {place} n'attendait {name}. On mit pourtant l'eau à chauffer.",
)
_ITALIAN = Language(
    birthday="{day} {month}",
    age="{birthday} (età: {age})",
    unknown="Sconosciuto",
    months="gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    roles=("Tank", "Danno", "Supporto"),
    role="Chi gioca {name} ha la sua parte nella squadra.",
    hero="{name} lasciò {place} con una valigia piena di mappe.",
    ability="Prima mira.  {thing} arriva più lontano di quanto sembri.",
    perk="{thing} dura 2 secondi in più.",
    power="{thing} è più largo del 15% & costa 1 carica in meno.",
    summary="{name} racconta tre storie su {place}, e nessuna combacia.",
    chapters=("La lampada", "La lunga strada", "Il ritorno"),
    chapter="Nessuno a {place} aspettava {name}. L'acqua fu messa sul fuoco lo stesso.",
)
_JAPANESE = Language(
    birthday="{month}月{day}日",
    age="{birthday} （年齢：{age}歳）",
    unknown="不明",
    months=_NUMBERS,
    roles=("タンク", "ダメージ", "サポート"),
    role="{name}にはチームでの役目がある。",
    hero="{name}は地図でいっぱいの鞄を持って{place}を出た。",
    ability="まず狙う。  {thing}は見た目より遠くまで届く。",
    perk="{thing}が2秒長く続く。",
    power="{thing}の幅が15%広がり & 消費が1減る。",
    summary="{name}は{place}について三つの話をするが、どれも合わない。",
    chapters=("灯り", "長い道", "帰り道"),
    chapter="{place}で{name}を待つ者はいなかった。それでも湯は沸かされた。",
)
_KOREAN = Language(
    birthday="{month}월 {day}일",
    age="{birthday} (나이: {age}세)",
    unknown="알 수 없음",
    months=_NUMBERS,
    roles=("돌격", "공격", "지원"),
    role="{name} 역할은 팀에서 맡은 일이 있다.",
    hero="{name}은(는) 지도로 가득한 가방을 들고 {place}을(를) 떠났다.",
    ability="먼저 조준한다.  {thing}은(는) 보기보다 멀리 닿는다.",
    perk="{thing}이(가) 2초 더 지속된다.",
    power="{thing}이(가) 15% 넓어지고 & 충전이 1 줄어든다.",
    summary="{name}은(는) {place}에 대해 세 가지 이야기를 하지만 모두 다르다.",
    chapters=("등불", "먼 길", "귀향"),
    chapter="{place}에서 {name}을(를) 기다린 사람은 없었다. 그래도 물은 끓고 있었다.",
)
_POLISH = Language(
    birthday="{day} {month}",
    age="{birthday} (wiek: {age})",
    unknown="Nieznane",
    months="stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    roles=("Tank", "Obrażenia", "Wsparcie"),
    role="Kto gra jako {name}, ma w drużynie swoje zadanie.",
    hero="{name} wyrusza z {place} z walizką pełną map.",
    ability="Najpierw wyceluj.  {thing} sięga dalej, niż się wydaje.",
    perk="{thing} trwa 2 sekundy dłużej.",
    power="{thing} jest o 15% szerszy & kosztuje 1 ładunek mniej.",
    summary="{name} opowiada o {place} trzy historie i żadna się nie zgadza.",
    chapters=("Lampa", "Długa droga", "Znów w domu"),
    chapter="Nikt w {place} nie czekał na {name}. Czajnik i tak postawiono na ogniu.",
)
_PORTUGUESE = Language(
    birthday="{day} de {month}",
    age="{birthday} (idade: {age})",
    unknown="Desconhecido",
    months="janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    roles=("Tanque", "Dano", "Suporte"),
    role="Quem joga de {name} tem sua parte na equipe.",
    hero="{name} saiu de {place} com uma mala cheia de mapas.",
    ability="Mire antes.  {thing} alcança mais longe do que parece.",
    perk="{thing} dura 2 segundos a mais.",
    power="{thing} fica 15% mais largo & gasta 1 carga a menos.",
    summary="{name} conta três histórias sobre {place}, e nenhuma combina.",
    chapters=("A lamparina", "A longa estrada", "De volta"),
    chapter="Ninguém em {place} esperava {name}. Mesmo assim a água foi posta no fogo.",
)
_RUSSIAN = Language(
    birthday="{day} {month}",
    age="{birthday} (возраст: {age})",
    unknown="Неизвестно",
    months="января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    roles=("Танк", "Урон", "Поддержка"),
    role="У того, кто играет за роль «{name}», есть своё дело в команде.",
    hero="{name} уходит из {place} с чемоданом карт.",
    ability="Сначала прицельтесь.  {thing} достаёт дальше, чем кажется.",
    perk="{thing} длится на 2 секунды дольше.",
    power="{thing} на 15% шире & тратит на 1 заряд меньше.",
    summary="{name} рассказывает о {place} три истории, и ни одна не сходится.",
    chapters=("Лампа", "Долгая дорога", "Снова дома"),
    chapter="Никто в {place} не ждал, что придёт {name}. Чайник всё равно поставили.",
)
_CHINESE = Language(
    birthday="{month}月{day}日",
    age="{birthday} （年齡：{age}）",
    unknown="未知",
    months=_NUMBERS,
    roles=("坦克", "攻擊", "輔助"),
    role="{name}在隊伍裡有自己的工作。",
    hero="{name}帶著一箱地圖離開{place}。",
    ability="先瞄準。  {thing}比看起來更遠。",
    perk="{thing}多持續2秒。",
    power="{thing}加寬15% & 少用1點充能。",
    summary="{name}說過三個{place}的故事，沒有一個對得上。",
    chapters=("燈", "長路", "回家"),
    chapter="{place}沒有人在等{name}。水還是燒上了。",
)

LANGUAGES = {
    Locale.EN_US: _ENGLISH,
    Locale.EN_GB: _ENGLISH,
    Locale.DE_DE: _GERMAN,
    Locale.ES_ES: _SPANISH,
    Locale.ES_MX: _SPANISH,
    Locale.FR_FR: _FRENCH,
    Locale.IT_IT: _ITALIAN,
    Locale.JA_JP: _JAPANESE,
    Locale.KO_KR: _KOREAN,
    Locale.PL_PL: _POLISH,
    Locale.PT_BR: _PORTUGUESE,
    Locale.RU_RU: _RUSSIAN,
    Locale.ZH_TW: _CHINESE,
}


def tag(locale: Locale) -> str:
    """What ends an invented text, so that its language can be told; nothing in the default locale."""
    return "" if locale is Locale.EN_US else f" [{locale.value}]"
