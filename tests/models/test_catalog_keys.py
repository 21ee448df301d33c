"""Keys under which what upstream publishes is kept: readable, and never one for two things."""

from dataclasses import replace
from itertools import product

import pytest

from models.catalog import (
    hero_catalog_key,
    split_hero_catalog_key,
    split_usage_catalog_key,
    usage_catalog_key,
)
from models.hero_usage import CompetitiveDivision, Region, UsageFilter
from models.locales import Locale
from models.players import Platform, PlayerGamemode

ALL_OF_EUROPE = UsageFilter(Platform.PC, PlayerGamemode.COMPETITIVE, Region.EUROPE)


def test_a_heros_page_is_kept_by_language_and_hero() -> None:
    assert hero_catalog_key("soldier-76", Locale.ZH_TW) == "zh-tw/soldier-76"


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("hero_key", ["ana", "", "a/b", "/", "en-us/ana"])
def test_a_key_of_a_heros_page_leads_back(hero_key: str, locale: Locale) -> None:
    assert split_hero_catalog_key(hero_catalog_key(hero_key, locale)) == (hero_key, locale)


@pytest.mark.parametrize("text", ["", "en-us", "ana", "xx-xx/ana", "/ana", "EN-US/ana"])
def test_other_text_is_no_key_of_a_heros_page(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        split_hero_catalog_key(text)


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        (ALL_OF_EUROPE, "pc/competitive/europe/all-maps/all"),
        (
            UsageFilter(
                Platform.CONSOLE,
                PlayerGamemode.COMPETITIVE,
                Region.ASIA,
                "kings-row",
                CompetitiveDivision.GRANDMASTER,
            ),
            "console/competitive/asia/kings-row/grandmaster",
        ),
        (
            UsageFilter(Platform.PC, PlayerGamemode.QUICKPLAY, Region.AMERICAS, "ilios"),
            "pc/quickplay/americas/ilios/all",
        ),
    ],
)
def test_rates_are_kept_by_their_filter(asked: UsageFilter, key: str) -> None:
    assert usage_catalog_key(asked) == key


def test_filters_that_are_answered_alike_share_a_key() -> None:
    quickplay = replace(ALL_OF_EUROPE, gamemode=PlayerGamemode.QUICKPLAY)

    assert usage_catalog_key(replace(ALL_OF_EUROPE, map_key="all-maps")) == usage_catalog_key(ALL_OF_EUROPE)
    assert usage_catalog_key(replace(quickplay, division=CompetitiveDivision.GOLD)) == usage_catalog_key(
        quickplay
    )


def test_filters_that_are_answered_differently_have_keys_of_their_own() -> None:
    choices = product(Platform, PlayerGamemode, Region, (None, "ilios"), (None, *CompetitiveDivision))

    keys = {usage_catalog_key(UsageFilter(*choice)) for choice in choices}

    assert len(keys) == 2 * 3 * 2 * (8 + 1)  # platforms, regions and maps; divisions in one gamemode only


def test_a_key_of_rates_leads_back_to_a_filter_of_the_same_key() -> None:
    choices = product(Platform, PlayerGamemode, Region, (None, "ilios"), (None, *CompetitiveDivision))

    for key in {usage_catalog_key(UsageFilter(*choice)) for choice in choices}:
        assert usage_catalog_key(split_usage_catalog_key(key)) == key


@pytest.mark.parametrize(
    "text", ["", "pc", "pc/competitive/europe/all-maps", "pc/competitive/mars/all-maps/all"]
)
def test_other_text_is_no_key_of_rates(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        split_usage_catalog_key(text)
