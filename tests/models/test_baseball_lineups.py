"""Who plays: entries stand for a card or a player, and lineups are read in batting order.

The two teams that the other tests of baseball play with are here too: `a1` to `a9` bat for the away team and `h1` to
`h9` for the home team, in this order, `ap` and `hp` pitch, and `a2` and `h2` catch.
"""

from dataclasses import replace

import pytest

from errors import RuleViolation
from models.baseball_lineups import (
    Card,
    CardRef,
    Lineup,
    LineupEntry,
    PlayerRef,
    active_lineup,
    card_of,
    plays_for,
)

AWAY, HOME = 10, 20
GAME_ID = "5b0f8d9e-1c57-4c7e-9d3a-0f6d1d1f0a01"


def entry(name: str, batting_order: int | None, *, card: Card | None = None) -> LineupEntry:
    """A starter whose name begins with the letter of the team."""
    return LineupEntry(
        id=name,
        game_id=GAME_ID,
        sequence=1,
        team_id=AWAY if name.startswith("a") else HOME,
        card=card or CardRef(int.from_bytes(name.encode())),
        position="DH",
        batting_order=batting_order,
        is_starter=True,
        entered_at_play=0,
    )


def made_lineup() -> Lineup:
    batters = [entry(f"{team}{order}", order) for team in "ah" for order in range(1, 10)]
    return (*batters, entry("ap", None), entry("hp", None))


def test_a_card_number_makes_a_card_and_a_player_number_a_player() -> None:
    assert card_of(7, None) == CardRef(7)
    assert card_of(None, 7) == PlayerRef(7)


def test_a_card_and_a_player_of_one_number_are_two() -> None:
    assert card_of(7, None) != card_of(None, 7)


@pytest.mark.parametrize(("card_id", "player_id"), [(None, None), (7, 7), (0, 0)])
def test_an_entry_stands_for_exactly_one_of_card_and_player(
    card_id: int | None, player_id: int | None
) -> None:
    with pytest.raises(RuleViolation, match=r"give exactly one of cardId and playerId\.$"):
        card_of(card_id, player_id)


def test_the_number_zero_is_a_number() -> None:
    assert card_of(0, None) == CardRef(0)
    assert card_of(None, 0) == PlayerRef(0)


def test_the_active_lineup_comes_in_batting_order_and_pitchers_last() -> None:
    shuffled = (entry("hp", None), entry("h3", 3), entry("h1", 1), entry("a1", 1), entry("h2", 2))

    assert [each.id for each in active_lineup(shuffled, HOME)] == ["h1", "h2", "h3", "hp"]


def test_who_has_left_or_was_undone_is_not_active() -> None:
    gone = replace(entry("h1", 1), left_at_play=12)
    undone = replace(entry("h2", 2), undone_by=40)

    assert active_lineup((gone, undone, entry("h3", 3)), HOME) == (entry("h3", 3),)


def test_an_entry_plays_for_its_own_team_while_it_is_active() -> None:
    lineup = (entry("a1", 1), replace(entry("a2", 2), left_at_play=3))

    assert plays_for(lineup, "a1", AWAY)
    assert not plays_for(lineup, "a1", HOME)
    assert not plays_for(lineup, "a2", AWAY)
    assert not plays_for(lineup, "a3", AWAY)
