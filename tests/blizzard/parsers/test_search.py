"""The player search: which rows count, what each says, and which one is the player meant."""

import json

import pytest

from blizzard.parsers.players import build_profile, read_career_page
from blizzard.parsers.search import find_row, read_search, read_search_row
from errors import PageUnreadable
from models.players import Endorsement, PlayerProfile, Privacy, SearchRow
from tests.blizzard.parsers import career_pages as made

ROW: dict[str, object] = {
    "name": "Mirelle",
    "isPublic": True,
    "lastUpdated": 1_700_000_000,
    "avatar": "https://img.test/row.png",
    "namecard": "https://img.test/card.png",
    "title": {"en_US": "Harbinger", "de_DE": "Vorbote"},
    "url": "abc%7Cdef",
}


def row_with(**changes: object) -> SearchRow:
    found = read_search_row(json.dumps(ROW | changes))
    assert found is not None
    return found


def profile_with(
    row: SearchRow | None, html: str | None = None, battletag: str | None = None
) -> PlayerProfile:
    page = read_career_page(made.page() if html is None else html)
    assert page is not None
    return build_profile(page, row, blizzard_id="abc%7Cdef", battletag=battletag)


def test_a_row_tells_id_privacy_time_and_looks() -> None:
    text = json.dumps(ROW)

    assert read_search(f"[{text}]") == (
        SearchRow(
            blizzard_id="abc|def",
            name="Mirelle",
            is_public=True,
            last_updated_at=1_700_000_000_000,
            avatar="https://img.test/row.png",
            namecard="https://img.test/card.png",
            title="Harbinger",
            json_text=text,
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        '"x"',
        "[",
        "<html></html>",
        "\ud800",
        "[" * 100_000,
        "[" + "[" * 100_000 + "]" * 100_000 + "]",
    ],
)
def test_what_is_no_list_is_unreadable(text: str) -> None:
    with pytest.raises(PageUnreadable, match="not a list"):
        read_search(text)


def test_no_rows_is_an_answer() -> None:
    assert read_search("[]") == ()


@pytest.mark.parametrize("member", ["name", "isPublic", "lastUpdated", "avatar", "url"])
def test_a_row_without_a_required_member_is_left_out_alone(member: str) -> None:
    short = {key: value for key, value in ROW.items() if key != member}

    assert read_search(json.dumps([short, ROW])) == (row_with(),)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 5}, {"name": ""}, {"name": "a\0b"}, {"isPublic": 1}, {"isPublic": "true"}, {"lastUpdated": "1"},
        {"lastUpdated": True}, {"lastUpdated": -1}, {"lastUpdated": 253_402_300_800}, {"lastUpdated": 1.5},
        {"avatar": None}, {"url": ""}, {"url": ["x"]}, {"namecard": 7}, {"title": 7}, {"title": ["x"]},
    ],
)  # fmt: skip
def test_a_row_with_a_wrong_type_or_value_is_left_out_alone(changes: dict[str, object]) -> None:
    assert read_search(json.dumps([ROW | changes, ROW])) == (row_with(),)


@pytest.mark.parametrize("odd", ["7", "null", "[]", '{"name": "\\ud800"}'])
def test_what_is_no_row_is_left_out_alone(odd: str) -> None:
    assert read_search(f"[{odd}, {json.dumps(ROW)}]") == (row_with(),)


@pytest.mark.parametrize("seconds", [0, 253_402_300_799])
def test_times_to_the_end_of_the_year_9999_count(seconds: int) -> None:
    assert row_with(lastUpdated=seconds).last_updated_at == seconds * 1000


def test_a_deeply_nested_row_is_left_out() -> None:
    assert read_search_row('{"portrait": ' + "[" * 100_000 + "]" * 100_000 + "}") is None


@pytest.mark.parametrize("portrait", ["https://img.test/old.png", 1])
def test_a_row_of_the_older_kind_has_no_looks(portrait: object) -> None:
    found = row_with(portrait=portrait)

    assert (found.avatar, found.namecard, found.title) == (None, None, None)
    assert found.blizzard_id == "abc|def"


def test_an_empty_portrait_is_none_at_all() -> None:
    assert row_with(portrait="").avatar == "https://img.test/row.png"


@pytest.mark.parametrize("blizzard_id", ["abc|def", "abc%7Cdef"])
def test_a_row_is_found_by_id_and_name(blizzard_id: str) -> None:
    rows = (row_with(url="other%7Cid"), row_with())

    assert find_row(rows, blizzard_id=blizzard_id, name=" Mirelle ") is rows[1]


@pytest.mark.parametrize(
    ("blizzard_id", "name"), [("abc|de", "Mirelle"), ("abc|def", "mirelle"), ("abc|def", "")]
)
def test_no_row_of_another_id_or_name_is_accepted(blizzard_id: str, name: str) -> None:
    assert find_row((row_with(),), blizzard_id=blizzard_id, name=name) is None


def test_a_private_row_is_found_and_a_public_one_preferred() -> None:
    private, public = row_with(isPublic=False), row_with()

    assert find_row((private,), blizzard_id="abc|def", name="Mirelle") is private
    assert find_row((private, public), blizzard_id="abc|def", name="Mirelle") is public


def test_a_profile_without_a_row_is_the_page_s() -> None:
    assert profile_with(None, battletag="Mirelle-1234") == PlayerProfile(
        blizzard_id="abc|def",
        battletag="Mirelle-1234",
        username="Mirelle",
        avatar="https://img.test/portrait.png",
        namecard=None,
        title="Night Warden",
        endorsement=Endorsement(3, "https://img.test/endorsement/3-8b.svg#icon"),
        privacy=Privacy.PUBLIC,
        last_updated_at=None,
        competitive=profile_with(None).competitive,
        hero_totals=profile_with(None).hero_totals,
    )


def test_a_row_s_avatar_title_namecard_and_time_win() -> None:
    found = profile_with(row_with(name="Other"))

    assert (found.avatar, found.title) == ("https://img.test/row.png", "Harbinger")
    assert (found.namecard, found.last_updated_at) == ("https://img.test/card.png", 1_700_000_000_000)
    assert found.username == "Mirelle"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("", "Night Warden"), (None, "Night Warden"), ({}, "Night Warden"),
        ("Plain", "Plain"), ("no title", None), ({"de_DE": "Vorbote"}, None), ({"en_US": ""}, None),
        ({"en_US": 7}, None),
    ],
)  # fmt: skip
def test_the_page_s_title_stands_only_where_the_row_says_nothing(title: object, expected: str | None) -> None:
    assert profile_with(row_with(title=title)).title == expected


def test_a_row_of_the_older_kind_leaves_the_page_s_looks() -> None:
    found = profile_with(row_with(portrait="x"))

    assert (found.avatar, found.title, found.namecard) == (
        "https://img.test/portrait.png",
        "Night Warden",
        None,
    )
    assert found.last_updated_at == 1_700_000_000_000


@pytest.mark.parametrize(
    ("row", "battletag", "expected"),
    [(row_with(), "Tag-1234", "Mirelle"), (None, "Tag-1234", "Tag"), (None, None, "")],
)
def test_a_page_without_a_name_takes_the_next_best(
    row: SearchRow | None, battletag: str | None, expected: str
) -> None:
    assert profile_with(row, made.page(made.masthead(name="")), battletag).username == expected
