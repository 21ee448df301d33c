"""Faults: the pace, their shares, and that damaged pages leave the parsers as facts or as PageUnreadable."""

from collections.abc import Callable
from functools import partial

import pytest

from blizzard.parsers.hero_lists import read_hero_list
from blizzard.parsers.hero_pages import read_hero_page
from blizzard.parsers.hero_usage import UsageAnswer, read_hero_usage
from blizzard.parsers.players import CareerPage, read_career_page
from blizzard.parsers.roles import read_roles_page
from blizzard.parsers.search import read_search
from blizzard.simulator import RESERVED_NAMES, Fault, Faults, Moment, PlayerKind, Site
from blizzard.simulator.damage import damage
from blizzard.simulator.draws import draw
from blizzard.simulator.faults import Pace
from errors import PageUnreadable
from models.heroes import HeroPage
from models.locales import Locale

START = Moment(1_800_000_000_000, 1_800_000_000_000)
SITE = Site("http://127.0.0.1:8001", seed=7, players=200)
PAGE_FAULTS = [Fault.TRUNCATED, Fault.MISSING, Fault.REORDERED, Fault.MISTYPED]
OTHER_FAULTS = [Fault.SLOW, Fault.ERROR, Fault.REFUSED, Fault.DROPPED, Fault.CUT]

CAREER = SITE.career_text(SITE.players.first(PlayerKind.BOTH), START)
EMPTY = SITE.career_text(SITE.players.first(PlayerKind.EMPTY), START)


def text_of(path: str) -> str:
    return SITE.answer(path, {}, START).text


KINDS: dict[str, tuple[str, Callable[[str], object], type]] = {
    "career": (CAREER, read_career_page, CareerPage),
    "empty career": (EMPTY, read_career_page, CareerPage),
    "search": (text_of("/en-us/search/account-by-name/otter/"), read_search, tuple),
    "heroes": (text_of("/en-us/heroes/"), read_hero_list, tuple),
    "hero": (text_of("/en-us/heroes/ana/"), partial(read_hero_page, locale=Locale.EN_US), HeroPage),
    "roles": (text_of("/en-us/"), read_roles_page, tuple),
    "rates": (text_of("/en-us/rates/data/"), read_hero_usage, UsageAnswer),
}


def outcome(kind: str, text: str) -> object:
    """What the parser makes of a text: facts, None for "there is none", or the one error that it may raise."""
    try:
        return KINDS[kind][1](text)
    except PageUnreadable as error:
        return error


def damaged(kind: str, fault: Fault, seed: int, times: int) -> str:
    chance = draw(seed, kind, fault.name)
    text = KINDS[kind][0]
    for _ in range(times):
        text = damage(text, fault, chance)
    return text


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("fault", PAGE_FAULTS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "career"])
def test_a_damaged_page_is_facts_or_unreadable(kind: str, fault: Fault, seed: int) -> None:
    text = damaged(kind, fault, seed, 1 + seed % 4)

    assert isinstance(outcome(kind, text), KINDS[kind][2] | PageUnreadable | None)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", PAGE_FAULTS)
def test_a_damaged_career_is_facts_or_unreadable(fault: Fault, seed: int) -> None:
    text = damaged("career", fault, seed, 1 + seed)

    assert isinstance(outcome("career", text), CareerPage | PageUnreadable | None)


@pytest.mark.parametrize("kind", KINDS)
def test_an_undamaged_page_is_facts(kind: str) -> None:
    assert isinstance(outcome(kind, KINDS[kind][0]), KINDS[kind][2])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("career", PageUnreadable),
        ("search", tuple),
        ("rates", UsageAnswer),
        ("heroes", PageUnreadable),
        ("hero", PageUnreadable),
        ("roles", PageUnreadable),
    ],
)
def test_ten_megabytes_are_read_or_refused(kind: str, expected: type) -> None:
    text = damaged(kind, Fault.OVERSIZED, 0, 1)

    assert 10_000_000 <= len(text) < 10_000_100
    assert isinstance(outcome(kind, text), expected)


@pytest.mark.parametrize("fault", PAGE_FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_the_same_every_time_and_does_something(kind: str, fault: Fault) -> None:
    text = damaged(kind, fault, 1, 3)

    assert text != KINDS[kind][0]
    assert text == damaged(kind, fault, 1, 3)


def test_a_missing_section_is_a_whole_element() -> None:
    text = damage('<main><div class="a"><div>in</div></div></main>', Fault.MISSING, draw(0))

    assert text in {"", '<main><div class="a"></div></main>', "<main></main>"}


def test_two_sections_change_places() -> None:
    texts = {damage("<h1>a</h1><h2>b</h2>", Fault.REORDERED, draw(seed)) for seed in range(8)}

    assert texts == {"<h1>a</h1><h2>b</h2>", "<h2>b</h2><h1>a</h1>"}


@pytest.mark.parametrize("fault", OTHER_FAULTS)
@pytest.mark.parametrize("text", [EMPTY, "[]"])
def test_faults_of_the_connection_leave_the_page_alone(fault: Fault, text: str) -> None:
    assert damage(text, fault, draw(0)) == text


@pytest.mark.parametrize("text", ["", "[]", "{}", "plain"])
@pytest.mark.parametrize("fault", PAGE_FAULTS)
def test_there_may_be_nothing_to_damage(fault: Fault, text: str) -> None:
    assert text.startswith(damage(text, fault, draw(0)))


def test_faults_come_in_their_shares() -> None:
    faults = Faults(shares={Fault.ERROR: 0.25, Fault.SLOW: 1.0})

    drawn = [faults.drawn(draw(3, number)) for number in range(1000)]

    assert sum(Fault.SLOW in each for each in drawn) == 1000
    assert 220 < sum(Fault.ERROR in each for each in drawn) < 280
    assert set().union(*drawn) == {Fault.ERROR, Fault.SLOW}


def test_without_shares_nothing_goes_wrong() -> None:
    assert [Faults().drawn(draw(3, number)) for number in range(100)] == [frozenset()] * 100


@pytest.mark.parametrize(
    ("times", "admitted"),
    [
        ([0, 1, 2], [True, True, False]),
        ([0, 1, 999], [True, True, False]),
        ([0, 1, 1000], [True, True, True]),
        ([0, 1, 1000, 1000, 1001], [True, True, True, False, True]),
        ([0, 1, 2, 3, 1000], [True, True, False, False, True]),
    ],
)
def test_a_pace_of_two_a_second_admits_two_in_any_second(times: list[int], admitted: list[bool]) -> None:
    pace = Pace(Faults(pace=2, pace_seconds=1.0))

    assert [pace.admits(now) for now in times] == admitted


def test_without_a_pace_everything_is_admitted() -> None:
    pace = Pace(Faults())

    assert [pace.admits(0) for _ in range(100)] == [True] * 100


@pytest.mark.parametrize(("name", "fault"), RESERVED_NAMES.items())
def test_there_is_a_player_of_each_reserved_name(name: str, fault: Fault) -> None:
    player = SITE.players.by_battletag(f"{name}-1000")

    assert player is not None
    assert player.name == fault.name.capitalize()
    assert SITE.players.by_blizzard_id(player.blizzard_id) == player
    assert list(SITE.players.named(name.lower())) == [player]
    assert SITE.players.by_battletag(f"{name}-1001") is None
