"""Reading the roles from the home page."""

import json
from dataclasses import asdict

import pytest

from blizzard.parsers.roles import read_roles_page
from errors import PageUnreadable
from models.roles import RoleCard
from tests import synthetic_heroes as made
from tests.pages import needs_pages, page


@needs_pages
@pytest.mark.pages
def test_the_saved_home_page_is_read_in_full() -> None:
    roles = read_roles_page(page("pages/home.html"))

    assert [asdict(role) for role in roles] == json.loads(page("expected/roles.json"))


def test_roles_come_in_the_pages_order_with_one_capital() -> None:
    html = made.home_page({"support": ("  HEIL UND MEHR ", " Hilft. "), "tank": ("坦克", "站在前面。")})

    assert read_roles_page(html) == (
        RoleCard("support", "Heil und mehr", "https://images.example/Support.svg", "Hilft."),
        RoleCard("tank", "坦克", "https://images.example/Tank.svg", "站在前面。"),
    )


def test_only_the_first_three_are_roles() -> None:
    html = made.home_page({**made.ROLES, "open": ("Open", "More.")})

    assert [role.key for role in read_roles_page(html)] == ["tank", "damage", "support"]


@pytest.mark.parametrize(
    ("icons", "keys"),
    [
        (["Tank.svg", "", "Support.svg"], ["tank", "support"]),
        (["Tank.svg", "Tank.svg", "Support.svg"], ["tank", "support"]),
        (["Tank.svg"], ["tank"]),
    ],
)
def test_a_role_without_a_key_of_its_own_is_left_out(icons: list[str], keys: list[str]) -> None:
    assert [role.key for role in read_roles_page(made.home_page(icons=icons))] == keys


def test_a_role_without_a_name_is_left_out_and_one_without_a_description_is_not() -> None:
    html = made.home_page({"tank": (" ", "Stands."), "damage": ("Damage", "")})

    assert read_roles_page(html) == (RoleCard("damage", "Damage", "https://images.example/Damage.svg", ""),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "main part"),
        ("Bad gateway", "main part"),
        (made.page(""), "no role"),
        (made.home_page(icons=[]), "no role"),
        (made.home_page().replace("homepage-features-heroes", "homepage-other"), "no role"),
        (made.hero_page(), "no role"),
    ],
)
def test_a_page_without_roles_is_unreadable(text: str, reason: str) -> None:
    with pytest.raises(PageUnreadable, match=reason):
        read_roles_page(text)
