"""Reading a career page: what stands, what is left out, and what says that there is no player."""

import pytest

from blizzard.parsers.players import MAX_TAGS, CareerPage, read_career_page
from errors import PageUnreadable
from models.players import (
    CareerStat,
    CompetitiveRanks,
    Endorsement,
    GamemodeCareer,
    HeroComparison,
    HeroComparisonValue,
    HeroTotals,
    Platform,
    PlatformRanks,
    PlayerGamemode,
    Privacy,
    Rank,
)
from tests.blizzard.parsers import career_pages as made

GOLD = Rank(
    division="gold",
    tier=3,
    role_icon="https://img.test/role/support.f4.svg#icon",
    rank_icon="https://img.test/rank/Rank_GoldTier.aa.png",
    tier_icon="https://img.test/rank/TierDivision_3.bb.png",
)


def read(html: str) -> CareerPage:
    found = read_career_page(html)
    assert found is not None
    return found


def read_quickplay(html: str) -> GamemodeCareer:
    career = read(html).career
    assert career.pc is not None
    assert career.pc.quickplay is not None
    return career.pc.quickplay


def read_ranks(inside: str, body: str | None = None) -> CompetitiveRanks | None:
    return read(made.page(made.masthead(inside=inside), body)).competitive


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "Bad gateway", '{"error": 1}', "<html><body><p>x</p></body></html>"]
)
def test_text_without_a_main_part_is_unreadable(text: str) -> None:
    with pytest.raises(PageUnreadable, match="main part"):
        read_career_page(text)


@pytest.mark.parametrize("root", [("<main>", "</main>"), ('<div class="main-content">', "</div>")])
def test_a_main_part_without_a_masthead_is_about_nobody(root: tuple[str, str]) -> None:
    assert read_career_page(made.page("<h1>Page Not Found</h1>", "", root)) is None


@pytest.mark.parametrize(
    "root", [('<main class="main-content">', "</main>"), ('<div class="main-content">', "</div>")]
)
def test_old_and_new_roots_give_the_same_page(root: tuple[str, str]) -> None:
    assert read(made.page(root=root)) == read(made.page())


def test_the_masthead_tells_who_the_player_is() -> None:
    found = read(made.page())

    assert found.username == "Mirelle"
    assert found.avatar == "https://img.test/portrait.png"
    assert found.title == "Night Warden"
    assert found.endorsement == Endorsement(3, "https://img.test/endorsement/3-8b.svg#icon")
    assert found.privacy is Privacy.PUBLIC
    assert found.competitive == CompetitiveRanks(PlatformRanks(None, support=GOLD), None)


def test_an_empty_masthead_is_a_player_of_whom_nothing_is_known() -> None:
    found = read(made.page('<blz-section class="Profile-masthead"></blz-section>', ""))

    assert (found.username, found.avatar, found.title, found.endorsement) == ("", None, None, None)
    assert (found.competitive, found.hero_totals, found.career.pc, found.career.console) == (
        None,
        (),
        None,
        None,
    )


def test_the_name_keeps_its_white_space() -> None:
    assert read(made.page(made.masthead(name=" Mirelle\n"))).username == " Mirelle\n"


@pytest.mark.parametrize("title", ["", "No Title", "NO TITLE"])
def test_no_title_is_none(title: str) -> None:
    assert read(made.page(made.masthead(title=title))).title is None


@pytest.mark.parametrize(("file", "level"), [("0.a", 0), ("5.a", 5), ("6.a", 0), ("abc", 0)])
def test_an_endorsement_level_beyond_five_is_zero(file: str, level: int) -> None:
    inside = made.ENDORSEMENT.replace("3-8b", file)

    found = read(made.page(made.masthead(inside=inside))).endorsement

    assert found == Endorsement(level, f"https://img.test/endorsement/{file}.svg#icon")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (made.masthead(inside='<div class="Profile-player--private">Private</div>'), ""),
        (None, '<div class="Profile-private">This profile is private</div>'),
    ],
)
def test_either_mark_of_privacy_makes_a_profile_private(head: str | None, body: str) -> None:
    found = read(made.page(head, body))

    assert found.privacy is Privacy.PRIVATE
    assert found.username == "Mirelle"
    assert (found.career.pc, found.career.console) == (None, None)


@pytest.mark.parametrize(
    ("symbol", "role_icon"),
    [
        ('href="TANK.e363.SVG#ICON"', None),
        ('xlink:href="TANK.e363.SVG#ICON"', None),
        ('xlink:href="https://img.test/tank-1.svg#icon"', "https://img.test/tank-1.svg#icon"),
        ('href="http://img.test/tank-1.svg"', "http://img.test/tank-1.svg"),
    ],
)
def test_a_role_icon_drawn_inline_gives_the_role_and_its_url_if_it_is_one(
    symbol: str, role_icon: str | None
) -> None:
    drawn = f'<svg class="Profile-playerSummary--role"><use {symbol}></use></svg>'
    wrapper = made.ROLE.replace('<img src="https://img.test/role/support.f4.svg#icon">', drawn)

    found = read_ranks(made.ranks(wrapper, "controller-view"))

    assert found is not None
    assert found.pc is None
    assert found.console == PlatformRanks(
        None, tank=Rank("gold", 3, role_icon, GOLD.rank_icon, GOLD.tier_icon)
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("GoldTier", "ChampionTier", ("champion", 3)),
        ("TierDivision_3", "TierDivision_0", ("gold", None)),
        ("TierDivision_3", "TierDivision_6", ("gold", None)),
        ("TierDivision_3", "TierDivision_5", ("gold", 5)),
    ],
)
def test_an_odd_division_or_tier_leaves_the_rank(
    before: str, after: str, expected: tuple[str, int | None]
) -> None:
    found = read_ranks(made.ranks(made.ROLE.replace(before, after)))

    assert found is not None
    assert found.pc is not None
    assert found.pc.support is not None
    assert (found.pc.support.division, found.pc.support.tier) == expected


@pytest.mark.parametrize(("before", "after"), [("Rank_GoldTier", "Rank_"), ("role/support", "role/healer")])
def test_a_rank_without_readable_division_or_role_is_left_out_alone(before: str, after: str) -> None:
    tank = made.ROLE.replace("role/support", "role/tank")

    found = read_ranks(made.ranks(made.ROLE.replace(before, after) + tank))

    assert found is not None
    assert found.pc is not None
    assert (found.pc.support, found.pc.damage, found.pc.open) == (None, None, None)
    assert found.pc.tank is not None


@pytest.mark.parametrize(
    ("season", "expected"),
    [
        ("22", CompetitiveRanks(PlatformRanks(22), None)),
        ("0", None), ("-1", None), ("x", None), ("9" * 5000, None),
    ],
)  # fmt: skip
def test_a_season_alone_is_a_record_unless_it_is_none(season: str, expected: CompetitiveRanks | None) -> None:
    section = made.career_section("competitive-view", "", f' data-latestHeroStatRankSeasonOW2="{season}"')

    assert read_ranks("", made.view(made.played(sections=section))) == expected


def test_statistics_stand_under_hero_and_category_in_page_order() -> None:
    found = read_quickplay(made.page())

    assert [hero.hero_key for hero in found.career_stats] == ["all-heroes", "quillon"]
    assert [block.category for block in found.career_stats[1].categories] == [
        "game", "combat", "assists", "best", "average",
    ]  # fmt: skip
    assert found.career_stats[1].categories[1].stats == (
        CareerStat("eliminations", "Eliminations", 1250),
        CareerStat("deaths", "Deaths", 100),
        CareerStat("all_damage_done", "All Damage Done", 98765),
        CareerStat("deaths", "Death", 7),
    )


def test_totals_take_the_first_row_and_count_wins_from_losses() -> None:
    assert read(made.page()).hero_totals == (
        HeroTotals(
            platform=Platform.PC, gamemode=PlayerGamemode.QUICKPLAY, hero_key="quillon", games_played=21,
            games_won=10, games_lost=11, time_played=3600, eliminations=1250, assists=40, deaths=100,
            damage=98765, healing=12000,
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("played", "lost", "expected"),
    [
        ("5", "-1", (5, 3, 2)),
        ("7", "-1", (7, 3, 4)),
        ("4", "9", (4, 0, 9)),
        ("4", "4", (4, 0, 4)),
        ("4", "?", (4, 4, 0)),
    ],
)
def test_losses_that_cannot_be_are_mended(played: str, lost: str, expected: tuple[int, int, int]) -> None:
    rows = {"Game": [("Time Played", "00:01"), ("Games Played", played), ("Games Lost", lost)]}
    section = made.career_section(inner=made.select(("1", "Quillon")) + made.hero_stats(1, rows))

    (totals,) = read(made.page(body=made.view(made.played(sections=section)))).hero_totals

    assert (totals.games_played, totals.games_won, totals.games_lost) == expected


@pytest.mark.parametrize(("time", "count"), [("00:00", 0), ("00:01", 1), ("soon", 0), ("1.5", 0)])
def test_a_hero_has_totals_only_with_time_played(time: str, count: int) -> None:
    rows = {"Game": [("Time Played", time), ("Games Played", "3")]}
    section = made.career_section(inner=made.select(("1", "Quillon")) + made.hero_stats(1, rows))

    found = read(made.page(body=made.view(made.played(sections=section))))

    assert len(found.hero_totals) == count
    assert found.career.pc is not None


def test_comparisons_are_those_offered_that_have_bars() -> None:
    options = made.select(("0x01", "Time Played"), ("0x02", "Game Won"), ("0x03", "Moon Beams - Best"))
    groups = (
        made.bars("0x09", made.bar("ana", "Ana", "0"))
        + made.bars("0x03", made.bar(None, "Wrecking Ball", "12") + made.bar("quillon", "Quillon", "many"))
        + made.bars("0x01", "")
        + made.bars("0x02", made.bar("ana", "Ana", "7"))
    )

    found = read_quickplay(made.page(body=made.view(made.played(made.top_heroes(inner=options + groups)))))

    assert found.hero_comparisons == (
        HeroComparison(
            "moon_beams_best",
            "Moon Beams - Best",
            (HeroComparisonValue("wrecking-ball", 12), HeroComparisonValue("quillon", None)),
        ),
        HeroComparison("games_won", "Games Won", (HeroComparisonValue("ana", 7),)),
    )


def test_what_has_no_label_is_left_out_and_the_rest_stands() -> None:
    rows = made.stat_row("", "5") + made.stat_row("Deaths", "4") + '<div class="stat-item"><p>Alone</p></div>'
    headless = f'<div class="category"><div class="content">{made.stat_row("Kills", "1")}</div></div>'
    span = f'<span class="stats-container option-1">{headless}{made.category("Odd Things", rows)}<div></div></span>'
    unnamed = made.hero_stats(7) + '<span class="stats-container"></span><div></div>'
    section = made.career_section(inner=made.select(("1", "Quillon"), ("2", "")) + unnamed + span)

    found = read_quickplay(made.page(body=made.view(made.played(sections=section))))

    (hero,) = found.career_stats
    (block,) = hero.categories
    assert (hero.hero_key, block.category, block.label) == ("quillon", "odd_things", "Odd Things")
    assert block.stats == (CareerStat("deaths", "Deaths", 4),)


def test_a_career_without_its_top_heroes_stands() -> None:
    found = read_quickplay(made.page(body=made.view(made.career_section())))

    assert found.hero_comparisons == ()
    assert len(found.career_stats) == 2


def test_top_heroes_without_a_career_stand() -> None:
    found = read_quickplay(made.page(body=made.view(made.played(sections=""))))

    assert found.career_stats == ()
    assert len(found.hero_comparisons) == 1


def test_a_gamemode_that_the_page_calls_empty_is_none() -> None:
    empty = made.top_heroes(inner='<h2 class="Profile-heroSummary--noData">No data</h2>')

    found = read(made.page(body=made.view(made.played(empty, made.career_section(inner="")))))

    assert found.career.pc is None


def test_platforms_are_kept_apart() -> None:
    body = made.view(made.played(), "controller-view")

    found = read(made.page(body=body))

    assert found.career.pc is None
    assert found.career.console == read(made.page()).career.pc
    assert [totals.platform for totals in found.hero_totals] == [Platform.CONSOLE]


def test_white_space_and_comments_between_elements_change_nothing() -> None:
    spaced = made.page().replace("><", ">\n <!-- x -->\t<")

    assert read(spaced) == read(made.page())


def test_lone_surrogates_in_the_text_are_dropped() -> None:
    found = read(
        made.page().replace("Eliminations", "Elimi\ud800nations").replace("Mirelle", "Mi\udfffrelle")
    )

    assert found == read(made.page())


def test_as_many_tags_as_the_limit_are_read_and_one_more_is_not() -> None:
    # Paragraphs close one another, so that the tree stays flat.
    page = "<main>" + "<p>" * (MAX_TAGS - 2) + "</main>"

    assert read_career_page(page) is None
    with pytest.raises(PageUnreadable):
        read_career_page(page + "<p>")


@pytest.mark.parametrize("page", ["<main>", "<main><section>", "<html><body><main class='main-content'><p>"])
def test_a_page_cut_short_before_its_masthead_says_nothing_about_the_player(page: str) -> None:
    with pytest.raises(PageUnreadable):
        read_career_page(page)


@pytest.mark.parametrize("page", ["<main></main>", "<div class='main-content'></div></html>"])
def test_a_whole_page_without_a_masthead_is_about_nobody(page: str) -> None:
    assert read_career_page(page) is None
