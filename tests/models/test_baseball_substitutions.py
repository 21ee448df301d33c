"""Who comes in and who leaves: slots, runners, and that a substitution reverts to what was before it."""

from dataclasses import replace

import pytest

from errors import RuleViolation
from models.baseball_lineups import CardRef, Lineup, LineupEntry, LineupEntryDraft, active_lineup
from models.baseball_states import Bases, GameState, GameStatus
from models.baseball_substitutions import (
    MAX_ENTRIES,
    MAX_ENTRIES_AT_ONCE,
    MAX_POSITION,
    revert_substitution,
    substitute,
)
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME, entry, made_lineup

STATE = GameState(HOME, AWAY, bases=Bases(first="a1", third="a8"), status=GameStatus.ACTIVE)


def draft(name: str, batting_order: int | None = None, replaces: str | None = None) -> LineupEntryDraft:
    team_id = AWAY if name.startswith("a") else HOME
    return LineupEntryDraft(name, team_id, CardRef(900), "SS", batting_order, replaces_id=replaces)


def made(lineup: Lineup, state: GameState, *drafts: LineupEntryDraft) -> tuple[Lineup, GameState]:
    return substitute(lineup, state, drafts, 37, game_id=GAME_ID, sequence=41)


def refusal(*drafts: LineupEntryDraft, lineup: Lineup | None = None) -> str:
    with pytest.raises(RuleViolation) as caught:
        made(lineup or made_lineup(), STATE, *drafts)
    return caught.value.message


def test_who_is_replaced_leaves_and_the_new_one_enters_at_that_play() -> None:
    lineup, state = made(made_lineup(), STATE, draft("a51", 5, "a5"))

    assert lineup[:4] + lineup[5:-1] == made_lineup()[:4] + made_lineup()[5:]
    assert lineup[4] == replace(made_lineup()[4], left_at_play=37)
    assert lineup[-1] == LineupEntry(
        id="a51",
        game_id=GAME_ID,
        sequence=41,
        team_id=AWAY,
        card=CardRef(900),
        position="SS",
        batting_order=5,
        is_starter=False,
        entered_at_play=37,
        replaces_id="a5",
    )
    assert state == STATE


def test_who_replaces_nobody_keeps_being_a_starter() -> None:
    lineup, _ = made((), STATE, draft("a1", 1), replace(draft("a2", 2), is_starter=False))

    assert [(each.id, each.is_starter, each.replaces_id) for each in lineup] == [
        ("a1", True, None),
        ("a2", False, None),
    ]


def test_a_runner_who_is_replaced_is_replaced_on_base() -> None:
    _, state = made(made_lineup(), STATE, draft("a81", 8, "a8"))

    assert state == replace(STATE, bases=Bases(first="a1", third="a81"))


def test_a_double_switch_happens_at_once() -> None:
    lineup, _ = made(made_lineup(), STATE, draft("h51", 9, "h5"), draft("h91", 5, "h9"))

    order = [each.id for each in active_lineup(lineup, HOME)]
    assert order == ["h1", "h2", "h3", "h4", "h91", "h6", "h7", "h8", "h51", "hp"]


def test_a_place_of_the_order_is_taken_once_by_each_team() -> None:
    assert refusal(draft("a51", 5)) == "Team 10 has somebody else in place 5 of its order."
    assert refusal(draft("a51", 6, "a5")) == "Team 10 has somebody else in place 6 of its order."


def test_two_newcomers_cannot_share_a_place() -> None:
    message = refusal(draft("a51", 5, "a5"), draft("a61", 5, "a6"))

    assert message == "Team 10 has somebody else in place 5 of its order."


def test_those_who_do_not_bat_share_no_place() -> None:
    lineup, _ = made(made_lineup(), STATE, draft("a91"), draft("a92"))

    assert [each.id for each in active_lineup(lineup, AWAY)][-3:] == ["ap", "a91", "a92"]


@pytest.mark.parametrize("order", [1, 9])
def test_the_order_goes_from_one_to_nine(order: int) -> None:
    lineup, _ = made((), STATE, draft("a1", order))

    assert lineup[0].batting_order == order


@pytest.mark.parametrize("order", [0, 10, -1])
def test_a_place_outside_the_order_is_refused(order: int) -> None:
    assert refusal(draft("a51", order)) == f"battingOrder: {order} given, 1 to 9 or null are allowed."


@pytest.mark.parametrize("position", ["P", "p" * MAX_POSITION])
def test_a_position_is_free_text(position: str) -> None:
    lineup, _ = made((), STATE, replace(draft("a1", 1), position=position))

    assert lineup[0].position == position


@pytest.mark.parametrize("position", ["", "  ", "p" * (MAX_POSITION + 1)])
def test_a_position_without_text_or_with_too_much_is_refused(position: str) -> None:
    message = refusal(replace(draft("a51"), position=position))

    assert message == "position: 1 to 40 characters are allowed, and not only blanks."


def test_a_team_that_does_not_play_has_no_lineup() -> None:
    assert refusal(replace(draft("a51"), team_id=30)) == "teamId: team 30 does not play in this game."


def test_only_an_active_entry_of_the_same_team_is_replaced() -> None:
    lineup, _ = made(made_lineup(), STATE, draft("a51", 5, "a5"))
    message = "replacesId: this is no active lineup entry of team 10."

    assert refusal(draft("a52", 5, "h5")) == message
    assert refusal(draft("a52", 5, "nobody")) == message
    assert refusal(draft("a52", 5, "a5"), lineup=lineup) == message


def test_a_newcomer_cannot_be_replaced_in_the_same_moment() -> None:
    message = refusal(draft("a51", 5, "a5"), draft("a52", 5, "a51"))

    assert message == "replacesId: this is no active lineup entry of team 10."


def test_an_entry_is_replaced_by_one_only() -> None:
    message = refusal(draft("a51", 5, "a5"), draft("a52", None, "a5"))

    assert message == "replacesId: an entry is replaced once only."


def test_who_has_left_does_not_come_back_under_the_same_entry() -> None:
    lineup, state = made(made_lineup(), STATE, draft("a51", 5, "a5"))
    message = "An entry of this id is in the lineup already: who comes back needs a new one."

    assert refusal(draft("a5", 5, "a51"), lineup=lineup) == message
    assert refusal(draft("a52"), draft("a52")) == message
    back, _ = made(lineup, state, replace(draft("a53", 5, "a51"), card=lineup[4].card))
    assert back[-1].card == made_lineup()[4].card


@pytest.mark.parametrize("status", [GameStatus.COMPLETED, GameStatus.ABANDONED])
def test_nobody_comes_into_a_game_that_has_ended(status: GameStatus) -> None:
    with pytest.raises(RuleViolation, match=rf"^The game is {status.value}: "):
        made(made_lineup(), replace(STATE, status=status), draft("a51", 5, "a5"))


def test_a_lineup_is_made_before_the_first_play() -> None:
    lineup, state = made((), GameState(HOME, AWAY), draft("a1", 1))

    assert [each.id for each in lineup] == ["a1"]
    assert state == GameState(HOME, AWAY)


def test_a_hundred_come_in_at_once_and_not_one_more() -> None:
    many = [draft(f"a{number}") for number in range(1000, 1001 + MAX_ENTRIES_AT_ONCE)]

    lineup, _ = made((), STATE, *many[:-1])

    assert len(lineup) == MAX_ENTRIES_AT_ONCE
    assert refusal(*many) == "entries: 101 given, 1 to 100 are allowed."
    assert refusal() == "entries: 0 given, 1 to 100 are allowed."


def test_a_game_has_a_thousand_entries_and_not_one_more() -> None:
    almost = tuple(entry(f"a{number}", None) for number in range(1000, 999 + MAX_ENTRIES))

    full, _ = made(almost, STATE, draft("h1"))

    assert len(full) == MAX_ENTRIES
    assert refusal(draft("h2"), lineup=full) == "entries: a game has 1000 at most, and 1000 are there."


def test_a_reverted_substitution_never_happened() -> None:
    after = made(made_lineup(), STATE, draft("a81", 8, "a8"), draft("h51", 9, "h5"), draft("h91", 5, "h9"))

    assert revert_substitution(*after, {"a81", "h51", "h91"}) == (made_lineup(), STATE)


def test_reverted_starters_leave_an_empty_lineup() -> None:
    after = made((), STATE, draft("a1", 1), draft("h1", 1))

    assert revert_substitution(*after, {"a1", "h1"}) == ((), STATE)


def test_a_chain_of_substitutions_reverts_one_by_one_or_at_once() -> None:
    first = made(made_lineup(), STATE, draft("a81", 8, "a8"))
    second = made(*first, draft("a82", 8, "a81"))

    assert revert_substitution(*second, {"a82"}) == first
    assert revert_substitution(*second, {"a81", "a82"}) == (made_lineup(), STATE)


def test_reverting_nobody_changes_nothing() -> None:
    assert revert_substitution(made_lineup(), STATE, set()) == (made_lineup(), STATE)
