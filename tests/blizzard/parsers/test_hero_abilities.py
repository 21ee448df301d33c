"""What a hero can do: abilities, perks and Stadium powers, each name with what belongs to it."""

import pytest

from blizzard.parsers.hero_pages import read_hero_page
from models.heroes import Ability, AbilityVideo, HeroPage, Perk, Perks
from models.locales import Locale
from tests import synthetic_heroes as made


def read(**parts: str) -> HeroPage:
    found = read_hero_page(made.hero_page(**parts), Locale.EN_US)
    assert found is not None
    return found


def read_abilities(
    *, tabs: str = made.TABS, slides: str = made.SLIDES, videos: str = made.VIDEOS
) -> tuple[Ability, ...]:
    return read(abilities=made.abilities(tabs, slides, videos)).abilities


def film(name: str) -> AbilityVideo:
    return AbilityVideo(*(f"https://films.example/{name}.{kind}" for kind in ("jpg", "mp4", "webm")))


LANTERN = Ability("Lantern", "Lights the way.", "https://images.example/lantern.png", film("lantern"))
INK_STEP = Ability("Ink Step", "Walks through walls.", "https://images.example/ink.png", film("ink"))


def test_abilities_have_name_description_icon_and_video() -> None:
    assert read_abilities() == (LANTERN, INK_STEP)


def test_a_description_belongs_to_the_name_above_it() -> None:
    slides = made.slide("Ink Step", "Walks through walls.") + made.slide("Lantern", "Lights the way.")

    assert read_abilities(slides=slides) == (LANTERN, INK_STEP)


def test_a_description_without_a_name_of_a_tab_counts_for_its_place() -> None:
    slides = made.slide("", "Lights the way.") + made.slide("INK STEP", "Walks through walls.")

    assert read_abilities(slides=slides) == (LANTERN, INK_STEP)


def test_abilities_of_one_name_keep_their_order() -> None:
    slides = made.slide("Lantern", "First.") + made.slide("Lantern", "Second.")

    found = read_abilities(tabs=made.tab("Lantern") * 2, slides=slides)

    assert [ability.description for ability in found] == ["First.", "Second."]


def test_a_description_that_is_missing_is_empty_and_shifts_no_other() -> None:
    found = read_abilities(slides=made.slide("Ink Step", "Walks through walls."))

    assert [ability.description for ability in found] == ["", "Walks through walls."]


def test_a_video_belongs_to_the_tab_of_its_number() -> None:
    assert read_abilities(videos=made.video(1, "ink") + made.video(0, "lantern")) == (LANTERN, INK_STEP)


def test_videos_without_a_number_count_for_their_place() -> None:
    assert read_abilities(videos=made.video(None, "lantern") + made.video(None, "ink")) == (LANTERN, INK_STEP)


@pytest.mark.parametrize(
    ("videos", "films"),
    [
        ("", [None, None]),
        (made.video(0, "lantern"), [film("lantern"), None]),
        (made.video(1, "ink"), [None, film("ink")]),
        (made.VIDEOS.replace(' webm="', ' web="'), [None, None]),
        (made.VIDEOS + made.video(2, "more"), [film("lantern"), film("ink")]),
    ],
)
def test_an_ability_without_a_whole_video_has_none(videos: str, films: list[AbilityVideo | None]) -> None:
    assert [ability.video for ability in read_abilities(videos=videos)] == films


def test_a_tab_without_a_label_is_left_out() -> None:
    tabs = made.tab(None) + made.tab("Ink Step", "ink.png")

    assert read_abilities(tabs=tabs) == (INK_STEP,)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("  Lights\nthe way. ", "Lights the way."),
        ("Lights\r\nthe way.", "Lights the way."),
        ("Lights <img src='x.png'/> the way.", "Lights  the way."),
        ("<img src='x.png'/> Lights&#13;the way.", "Lightsthe way."),
        ("A &amp; <b>B</b>", "A & B"),
        ("", ""),
    ],
)
def test_a_description_is_one_line_with_its_inner_spaces_kept(sent: str, text: str) -> None:
    assert read_abilities(slides=made.slide("Lantern", sent))[0].description == text


@pytest.mark.parametrize("inner", ["", "<blz-carousel-section></blz-carousel-section>", made.SLIDES])
def test_a_container_without_tabs_is_a_hero_without_abilities(inner: str) -> None:
    assert read(abilities=f'<div class="abilities-container">{inner}</div>').abilities == ()


def perk(side: str, name: str) -> Perk:
    return Perk(name, f"{name} helps.", f"https://images.example/{side}.png")


def test_perks_are_minor_and_major_the_left_one_first() -> None:
    assert read().perks == Perks(
        minor=(perk("left", "Oil"), perk("right", "Wick")),
        major=(perk("left", "Flame"), perk("right", "Smoke")),
    )


def test_perks_stand_by_their_side_and_not_by_their_place() -> None:
    turned = made.perk_category("minor", made.perk("right", "Wick") + made.perk("left", "Oil"))

    assert read(perks=made.perks(turned)).perks == Perks((perk("left", "Oil"), perk("right", "Wick")), ())


def test_perks_without_a_side_count_for_their_place() -> None:
    sideless = made.perk_category("major", made.perk("", "Flame") + made.perk("", "Smoke"))

    assert read(perks=made.perks(sideless)).perks == Perks((), (perk("", "Flame"), perk("", "Smoke")))


def test_a_perk_without_a_name_is_left_out() -> None:
    category = made.perk_category("minor", made.perk("left", " ") + made.perk("right", "Wick"))

    assert read(perks=made.perks(category)).perks == Perks((perk("right", "Wick"),), ())


def test_stadium_powers_are_counted_once_and_keep_their_white_space() -> None:
    cards = made.power(" Long Burn", "Burns <span>10%</fg> longer. ") + made.power(
        "Bright Burn", "Dims&nbsp;less."
    )

    icon = "https://images.example/power.png"
    assert read(stadium=made.stadium(cards)).stadium_powers == (
        Perk(" Long Burn", "Burns 10% longer. ", icon),
        Perk("Bright Burn", "Dims\xa0less.", icon),
    )


def test_a_stadium_without_a_carousel_has_no_power() -> None:
    assert read(stadium='<div class="stadium-wrapper"></div>').stadium_powers == ()


def test_a_power_without_a_name_is_left_out() -> None:
    found = read(stadium=made.stadium(made.power("") + made.power("Long Burn"))).stadium_powers

    assert [power.name for power in found or ()] == ["Long Burn"]
