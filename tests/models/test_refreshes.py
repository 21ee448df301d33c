"""What a subscriber was told last: changes add up over what was skipped, and asking twice changes nothing."""

from models.refreshes import Told

FIRST = {"title": 1, "privacy": 1, "avatar": 1}
SECOND = {"title": 2, "privacy": 1, "avatar": 1}
THIRD = {"title": 2, "privacy": 2, "avatar": 1}


def test_what_differs_from_the_beginning_changed() -> None:
    told = Told()
    told.begin("ana", FIRST)

    assert told.changed("ana", 2, SECOND) == ["title"]
    assert told.changed("ana", 3, THIRD) == ["privacy"]


def test_what_a_skipped_event_would_have_told_is_told_by_the_next() -> None:
    told = Told()
    told.begin("ana", FIRST)

    assert told.changed("ana", 3, THIRD) == ["title", "privacy"]


def test_the_same_version_asked_again_is_answered_alike() -> None:
    told = Told()
    told.begin("ana", FIRST)

    assert [told.changed("ana", 2, SECOND) for _ in range(3)] == [["title"]] * 3


def test_a_player_never_told_of_is_new_in_every_field() -> None:
    assert Told().changed("ana", 1, FIRST) == ["title", "privacy", "avatar"]


def test_each_player_has_changes_of_its_own() -> None:
    told = Told()
    told.begin("ana", FIRST)
    told.begin("bob", FIRST)
    told.changed("ana", 2, SECOND)

    assert told.changed("bob", 2, THIRD) == ["title", "privacy"]
