"""Player ids in Blizzard's addresses."""

import json

import pytest

from blizzard.ids import (
    battletag,
    canonical_id,
    career_path,
    id_from_url,
    is_blizzard_id,
    player_id_from_url,
    search_name,
    search_path,
)
from tests.pages import BLIZZARD

VECTORS = BLIZZARD / "vectors" / "helpers.json"
HOST = "https://overwatch.blizzard.com"

needs_vectors = pytest.mark.skipif(
    not VECTORS.is_file(), reason="the recorded figures (../shared/blizzard) are not here"
)


@pytest.mark.parametrize(("text", "canonical"), [("a%7Cb", "a|b"), ("a|b", "a|b"), ("Ab-123", "Ab-123")])
def test_an_id_is_kept_with_its_bar(text: str, canonical: str) -> None:
    assert canonical_id(text) == canonical


@pytest.mark.parametrize(
    ("text", "is_id"),
    [
        ("aa%7Cbb", True),
        ("aa|bb", True),
        ("aa%7cbb", False),
        ("Name-1234", False),
        ("a-b|c", False),
        ("", False),
    ],
)
def test_an_id_of_blizzards_has_a_bar_and_no_dash(text: str, is_id: bool) -> None:
    assert is_blizzard_id(text) is is_id


@pytest.mark.parametrize(
    ("player_id", "path"),
    [
        ("Wanderer-1234", "/en-us/career/Wanderer-1234/"),
        ("aa|bb", "/en-us/career/aa%7Cbb/"),
        ("aa%7Cbb", "/en-us/career/aa%7Cbb/"),
        ("a%20b", "/en-us/career/a%2520b/"),
        ("玩家-123", "/en-us/career/%E7%8E%A9%E5%AE%B6-123/"),
    ],
)
def test_the_path_of_a_career_page(player_id: str, path: str) -> None:
    assert career_path(player_id) == path


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("Jörg", "J%C3%B6rg"),
        ("a/b c", "a%2Fb%20c"),
        ("", ""),
        ("..", "%2E%2E"),
        (".a", ".a"),
        ("a?b#c", "a%3Fb%23c"),
        ("\ud800", "%3F"),
    ],
)
def test_the_path_of_a_search(name: str, segment: str) -> None:
    assert search_path(name) == f"/en-us/search/account-by-name/{segment}/"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"{HOST}/en-us/career/aa%7Cbb/", "aa|bb"),
        (f"{HOST}/en-us/career/aa|bb/x/", "aa|bb"),
        ("/career/aa%7Cbb", "aa|bb"),
        (f"{HOST}/career/aa?x=1", "aa"),
        (f"{HOST}/en-us/career/J%C3%B6rg-1234/", "Jörg-1234"),
        (f"{HOST}/career/", None),
        (f"{HOST}/en-us/", None),
    ],
)
def test_the_id_in_an_address(url: str, found: str | None) -> None:
    assert id_from_url(url) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"{HOST}/en-us/career/aa%7Cbb/", "aa|bb"),
        (f"{HOST}/en-us/career/login/", None),
        (f"{HOST}/en-us/", None),
    ],
)
def test_an_address_names_a_player_or_none(url: str, found: str | None) -> None:
    assert player_id_from_url(url) == found


@pytest.mark.parametrize(("player_id", "name"), [("Wanderer-1234", "Wanderer"), ("Wanderer", "Wanderer")])
def test_a_player_is_searched_for_by_name(player_id: str, name: str) -> None:
    assert search_name(player_id) == name


@pytest.mark.parametrize(
    ("asked", "username", "tag"),
    [
        ("wanderer-1234", "Wanderer", "Wanderer-1234"),
        ("wanderer-1234", " Wanderer ", "Wanderer-1234"),
        ("STRASSE-1234", "Straße", "Straße-1234"),
        ("Jörg-1234", "JO\u0308RG", "JÖRG-1234"),
        ("wanderer-1234", "Wanderers", "wanderer-1234"),
        ("wanderer-1234", "", "wanderer-1234"),
    ],
)
def test_a_battletag_takes_the_capitals_of_the_displayed_name(asked: str, username: str, tag: str) -> None:
    assert battletag(asked, username) == tag


@pytest.mark.pages
@needs_vectors
def test_recorded_addresses_and_ids() -> None:
    recorded = json.loads(VECTORS.read_text())
    paths = {"/en-us/career": career_path, "/en-us/search/account-by-name": search_path}

    urls = [HOST + paths[row["in"][0]](row["in"][1]) for row in recorded["request_url"]]
    verdicts = [is_blizzard_id(row["in"]) for row in recorded["is_blizzard_id"]]
    found = [id_from_url(row["in"]) for row in recorded["blizzard_id_from_url"]]

    assert urls == [row["out"] for row in recorded["request_url"]]
    assert verdicts == [row["out"] for row in recorded["is_blizzard_id"]]
    # Ids are kept decoded, and a query is no part of an id: the one row where this differs.
    expected = [
        row["out"] and canonical_id(row["out"]).partition("?")[0] for row in recorded["blizzard_id_from_url"]
    ]
    assert found == expected
