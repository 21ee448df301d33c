"""Reading the page of all heroes."""

import json
from dataclasses import asdict

import pytest

from blizzard.parsers.hero_lists import read_hero_list
from errors import PageUnreadable
from models.heroes import HeroCard
from tests import synthetic_heroes as made
from tests.pages import needs_pages, page


@needs_pages
@pytest.mark.pages
def test_the_saved_list_is_read_in_full() -> None:
    cards = [asdict(card) for card in read_hero_list(page("pages/heroes.html"))]

    assert [{"gamemodes": list(card.pop("gamemode_keys")), **card} for card in cards] == json.loads(
        page("expected/heroes.json")
    )


def test_cards_come_sorted_by_key_whatever_the_page_puts_first() -> None:
    html = made.hero_list(
        made.hero_card("zeph", "Zeph", badges=made.NEW_BADGE), made.hero_card("arlo", "Arlo")
    )

    assert [card.key for card in read_hero_list(html)] == ["arlo", "zeph"]


def test_a_card_tells_name_picture_role_and_sub_role() -> None:
    html = made.hero_list(made.hero_card("old-mill", "Old Mill & Co", role="tank", subrole="stalwart"))

    assert read_hero_list(html) == (
        HeroCard(
            key="old-mill",
            name="Old Mill & Co",
            portrait="https://images.example/old-mill.png",
            role="tank",
            subrole="stalwart",
            gamemode_keys=("quickplay",),
        ),
    )


@pytest.mark.parametrize(
    ("badges", "gamemodes"),
    [
        ("", ("quickplay",)),
        (made.NEW_BADGE, ("quickplay",)),
        (made.STADIUM_BADGE, ("quickplay", "stadium")),
        (made.NEW_BADGE + made.STADIUM_BADGE, ("quickplay", "stadium")),
    ],
)
def test_the_stadium_badge_alone_adds_stadium(badges: str, gamemodes: tuple[str, ...]) -> None:
    (card,) = read_hero_list(made.hero_list(made.hero_card(badges=badges)))

    assert card.gamemode_keys == gamemodes


@pytest.mark.parametrize(
    "href",
    ["/heroes/nix", "/heroes/nix/", "/ja-jp/heroes/nix/", "https://site.example/heroes/nix?from=x/y#z/q"],
)
def test_the_key_is_the_last_part_of_the_cards_path(href: str) -> None:
    (card,) = read_hero_list(made.hero_list(made.hero_card(href=href)))

    assert card.key == "nix"


@pytest.mark.parametrize(
    "broken",
    [
        made.hero_card(href=""),
        made.hero_card(href="/"),
        made.hero_card("zeph", "  "),
        '<a href="/heroes/zeph">x</a>',
    ],
)
def test_a_card_without_key_or_name_is_left_out(broken: str) -> None:
    html = made.hero_list(broken, made.hero_card("arlo", "Arlo"))

    assert [card.key for card in read_hero_list(html)] == ["arlo"]


def test_of_two_cards_with_one_key_the_first_counts() -> None:
    html = made.hero_list(made.hero_card("arlo", "Arlo"), made.hero_card("arlo", "Arlo again"))

    assert [card.name for card in read_hero_list(html)] == ["Arlo"]


def test_what_else_a_card_lacks_is_empty() -> None:
    card = (
        '<a href="/heroes/arlo"><blz-card><blz-content-block><h2>Arlo</h2></blz-content-block></blz-card></a>'
    )

    assert read_hero_list(made.hero_list(card)) == (HeroCard("arlo", "Arlo", None, "", None, ("quickplay",)),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "main part"),
        ("Bad gateway", "main part"),
        ("<html><body><p>x</p></body></html>", "main part"),
        (made.page(""), "no card"),
        (made.page(made.hero_card()), "no card"),
        (made.hero_list(made.hero_card("", "")), "no card"),
        (made.NO_HERO_PAGE, "no card"),
    ],
)
def test_a_page_without_one_card_is_unreadable(text: str, reason: str) -> None:
    with pytest.raises(PageUnreadable, match=reason):
        read_hero_list(text)


def test_the_older_kind_of_root_gives_the_same_cards() -> None:
    html = made.hero_list()
    older = html.replace("<main ", "<div ").replace("</main>", "</div>")

    assert read_hero_list(older) == read_hero_list(html)
