"""Career pages and searches of invented players: read by the real parsers they are what was put in."""

import pytest

from blizzard.parsers.players import CareerPage, read_career_page
from blizzard.parsers.search import find_row, read_search
from blizzard.simulator import Moment, Page, PlayerKind, Players, SimulatedPlayer, Site
from models.players import HeroTotals, SearchRow
from tests.blizzard.simulator.facts import career_facts

SEED = 7
STARTED_AT = 1_800_000_000_000
START = Moment(STARTED_AT, STARTED_AT)
URL = "http://127.0.0.1:8001"
IMAGES = f"{URL}/images"
KINDS = list(PlayerKind)


def later(seconds: int) -> Moment:
    return Moment(STARTED_AT + seconds * 1000, STARTED_AT)


def site(players: int = 1000, seed: int = SEED) -> Site:
    return Site(URL, seed=seed, players=players)


def read(player: SimulatedPlayer, moment: Moment = START) -> CareerPage:
    page = read_career_page(site().career_text(player, moment))
    assert page is not None
    return page


def first(kind: PlayerKind) -> SimulatedPlayer:
    return site().players.first(kind)


def get(path: str, moment: Moment = START) -> Page:
    return site().answer(path, {}, moment)


@pytest.mark.parametrize("number", range(45))
def test_a_career_page_is_read_as_the_figures_it_was_written_from(number: int) -> None:
    player = site().players.numbered(number)

    assert read(player) == career_facts(SEED, player, 0, IMAGES)


def test_a_career_page_is_read_as_its_figures_after_changes() -> None:
    player = first(PlayerKind.RESTLESS)

    assert read(player, later(599)) == career_facts(SEED, player, 9, IMAGES)


@pytest.mark.parametrize(
    ("kind", "has_pc", "has_console", "is_ranked"),
    [
        (PlayerKind.RANKED, True, False, True),
        (PlayerKind.PRIVATE, False, False, False),
        (PlayerKind.CONSOLE, False, True, True),
        (PlayerKind.RESTLESS, True, False, True),
        (PlayerKind.BOTH, True, True, True),
        (PlayerKind.NEVER_RANKED, True, False, False),
        (PlayerKind.UNRANKED, True, False, True),
        (PlayerKind.EMPTY, False, False, False),
        (PlayerKind.OPEN_QUEUE, True, False, True),
    ],
)
def test_each_kind_of_player_shows_what_it_is_called_for(
    kind: PlayerKind, has_pc: bool, has_console: bool, is_ranked: bool
) -> None:
    page = read(first(kind))

    assert (page.career.pc is not None) == has_pc
    assert (page.career.console is not None) == has_console
    assert (page.competitive is not None) == is_ranked


def test_a_player_without_a_rank_this_season_keeps_the_season() -> None:
    competitive = read(first(PlayerKind.UNRANKED)).competitive

    assert competitive is not None
    assert competitive.pc is not None
    assert (competitive.pc.season, competitive.pc.tank, competitive.pc.open) == (22, None, None)


@pytest.mark.parametrize("number", range(0, 900, 9))
def test_pages_of_whole_careers_are_as_large_as_real_ones(number: int) -> None:
    size = len(site().career_text(site().players.numbered(number), START))

    assert 300_000 < size < 950_000


def test_a_page_stays_the_same_to_the_byte_until_the_next_change() -> None:
    player = first(PlayerKind.RESTLESS)
    at_start = site().career_text(player, START)

    assert site().career_text(player, later(59)) == at_start
    assert site().career_text(player, later(60)) != at_start


@pytest.mark.parametrize("kind", KINDS)
def test_players_without_haste_stay_the_same_for_an_hour(kind: PlayerKind) -> None:
    player = first(kind)
    is_same = site().career_text(player, START) == site().career_text(player, later(3600))

    assert is_same == (kind is not PlayerKind.RESTLESS)


def _sums(totals: tuple[HeroTotals, ...]) -> list[int]:
    return [
        sum(getattr(hero, name) for hero in totals)
        for name in ("time_played", "games_played", "games_won", "eliminations", "damage", "healing")
    ]


@pytest.mark.parametrize("minute", range(1, 30, 4))
def test_figures_only_grow(minute: int) -> None:
    player = first(PlayerKind.RESTLESS)
    before, after = (_sums(read(player, later(60 * each)).hero_totals) for each in (minute, minute + 1))

    # Three heroes in each of two gamemodes play nine minutes more.
    assert after[0] - before[0] == 2 * 3 * 540
    assert [new >= old for old, new in zip(before, after, strict=True)] == [True] * len(before)


@pytest.mark.parametrize("number", [0, 1, 39, 40, 999])
def test_a_player_is_found_again_by_either_id_in_any_capitals(number: int) -> None:
    players = Players(SEED, 1000)
    player = players.numbered(number)

    assert players.by_battletag(player.battletag) == player
    assert players.by_battletag(player.battletag.swapcase()) == player
    assert players.by_blizzard_id(player.blizzard_id) == player
    assert player in players.named(player.name.upper())


@pytest.mark.parametrize(
    "battletag", ["Otter-1041", "Otter-1067", "Nobody-1042", "Otter", "Otter-", "-1042", "Otter-1_042", ""]
)
def test_a_battletag_that_no_player_has_finds_nobody(battletag: str) -> None:
    assert Players(SEED, 1000).by_battletag(battletag) is None


def test_the_count_of_players_is_exact() -> None:
    players = Players(SEED, 1000)
    last, beyond = players.numbered(999), players.numbered(1000)

    assert players.by_blizzard_id(last.blizzard_id) == last
    assert players.by_battletag(beyond.battletag) is None
    assert players.by_blizzard_id(beyond.blizzard_id) is None


@pytest.mark.parametrize("text", ["", "|", "12|34", "zz|09", "otter", f"{2**80:x}|0", "-1|0"])
def test_an_id_that_nobody_has_finds_nobody(text: str) -> None:
    assert Players(SEED, 1000).by_blizzard_id(text) is None


def test_players_do_not_depend_on_how_many_there_are_but_on_the_seed() -> None:
    assert Players(SEED, 10).numbered(5) == Players(SEED, 10**6).numbered(5)
    assert Players(SEED, 10).numbered(5) != Players(SEED + 1, 10).numbered(5)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    player, other = site().players.numbered(0), site(seed=8).players.numbered(0)

    text = site().career_text(player, START)

    assert site(players=3).career_text(player, START) == text
    assert site(seed=8).career_text(other, START) != text


def test_a_battletag_leads_to_the_page_of_its_id() -> None:
    player = first(PlayerKind.RANKED)

    redirect = get("/en-us/career/otter-1042/")

    assert (redirect.status, redirect.text) == (302, "")
    assert redirect.location == f"/en-us/career/{player.blizzard_id.replace('|', '%7C')}/"
    assert get(redirect.location).text == site().career_text(player, START)


@pytest.mark.parametrize("player_id", ["Nobody-1042", "Otter-1", "abc%7Cdef", "%00", "x" * 300])
def test_nobodys_page_has_status_404_and_says_that_there_is_none(player_id: str) -> None:
    page = get(f"/en-us/career/{player_id}/")

    assert page.status == 404
    assert read_career_page(page.text) is None


def search(name: str, moment: Moment = START) -> tuple[SearchRow, ...]:
    return read_search(get(f"/en-us/search/account-by-name/{name}/", moment).text)


def test_a_search_lists_everybody_of_a_name_private_ones_too() -> None:
    rows = search("OTTER")

    expected = list(site().players.named("Otter"))
    assert len(rows) == 25
    assert [row.blizzard_id for row in rows] == [player.blizzard_id for player in expected]
    assert [row.is_public for row in rows] == [player.kind is not PlayerKind.PRIVATE for player in expected]
    assert [row.title for row in rows] == [player.title for player in expected]
    assert not all(row.is_public for row in rows)


@pytest.mark.parametrize(("seconds", "changes"), [(0, 0), (59, 0), (60, 1), (61, 1), (120, 2)])
def test_the_time_of_the_last_change_moves_with_the_profile(seconds: int, changes: int) -> None:
    player = first(PlayerKind.RESTLESS)

    row = find_row(search("Lynx", later(seconds)), blizzard_id=player.blizzard_id, name="Lynx")

    # The player's number, 3, is how many seconds before the start the first change was.
    assert row is not None
    assert row.last_updated_at == STARTED_AT - 3000 + changes * 60_000


def test_a_search_for_nobodys_name_finds_nobody() -> None:
    assert search("Nobody") == ()


def test_names_in_any_script_are_found() -> None:
    assert {row.name for row in search("%E3%82%AB%E3%83%AF%E3%82%A6%E3%82%BD")} == {"カワウソ"}
