"""What `storage.game_protocols.GameRecords`, and the reads of `Games`, promise on every backend that keeps games."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from errors import LimitExceeded, NotFound, RuleViolation
from models.baseball import GameDraft, Visibility
from models.baseball_changes import ChangeRange, ClientKey, GameRecovery, Rolled, RolledPlay, Rostered
from models.baseball_lineups import CardRef, PlayerRef, RosterEntryDraft
from models.baseball_pages import GamePlace, GameRequest, ListPage, PlayRequest, RollRequest, Span
from models.baseball_rolls import GameSession, GameSessionDraft, RollType
from models.baseball_states import GameStatus, StateChange
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME
from tests.storage.made import NOW
from tests.storage.made_games import (
    OTHER_GAME,
    OWNER,
    KeptGames,
    begin,
    create,
    game_in,
    log_of,
    made_game,
    made_game_draft,
    made_key,
    made_play,
    made_roll,
    pinch_runner,
    play,
    roll_back,
    substitute,
    update,
)
from tests.storage.probes import ODD_NAMES, ODD_TEXTS

ROSTER = [RosterEntryDraft("e1", HOME, CardRef(7)), RosterEntryDraft("e2", AWAY, PlayerRef(7))]


async def add_roster(
    kept: KeptGames,
    entries: list[RosterEntryDraft] = ROSTER,
    *,
    key: ClientKey | None = None,
    limit: int = 100,
) -> Rostered:
    return await kept.records.add_roster(GAME_ID, entries, key=key, now=NOW, limit=limit)


async def throw(
    kept: KeptGames, *names: str, key: ClientKey | None = None, limit: int = 100, game_id: str = GAME_ID
) -> Rolled:
    rolls = [made_roll(each) for each in names]
    return await kept.records.record_rolls(game_id, rolls, key=key, now=NOW, limit=limit)


async def thrown(kept: KeptGames, request: RollRequest | None = None) -> list[str]:
    asked = request or RollRequest(GAME_ID, Span(100))
    return [each.id for each in (await kept.records.list_rolls([asked]))[asked].items]


async def test_roster_entries_are_added_in_order_and_change_no_version(kept: KeptGames) -> None:
    await create(kept)

    added = await add_roster(kept)

    assert added.game == await game_in(kept) == made_game()
    assert [(each.id, each.game_id, each.team_id, each.card) for each in added.entries] == [
        ("e1", GAME_ID, HOME, CardRef(7)),
        ("e2", GAME_ID, AWAY, PlayerRef(7)),
    ]
    assert await kept.records.get_rosters([GAME_ID, OTHER_GAME]) == {GAME_ID: list(added.entries)}
    assert await kept.records.get_roster_entries(["e2", "e3"]) == {"e2": added.entries[1]}


async def test_a_repeated_key_adds_no_second_roster(kept: KeptGames) -> None:
    await create(kept)
    first = await add_roster(kept, key=made_key())

    again = await add_roster(kept, [replace(ROSTER[0], id="x")], key=made_key())
    await kept.records.remove_roster("e1")
    later = await add_roster(kept, [replace(ROSTER[0], id="x")], key=made_key())

    assert again == replace(first, repeated=True)
    assert later.entries == first.entries[1:]


async def test_rosters_take_as_many_entries_as_the_limit_and_no_more(kept: KeptGames) -> None:
    await create(kept)
    await add_roster(kept, limit=2)
    await kept.records.remove_roster("e1")

    with pytest.raises(
        RuleViolation, match=r"^The rosters of a game take 2 entries, those removed included\.$"
    ):
        await add_roster(kept, [RosterEntryDraft("e3", HOME, CardRef(8))], limit=2)

    assert [each.id for each in (await kept.records.get_rosters([GAME_ID]))[GAME_ID]] == ["e2"]


async def test_who_plays_for_a_third_team_is_on_no_roster(kept: KeptGames) -> None:
    await create(kept)

    with pytest.raises(RuleViolation, match=r"^teamId: team 30 does not play in this game\.$"):
        await add_roster(kept, [*ROSTER, RosterEntryDraft("e3", 30, CardRef(8))])

    assert await kept.records.get_rosters([GAME_ID]) == {}


async def test_a_roster_entry_is_removed_once(kept: KeptGames) -> None:
    await create(kept)
    await add_roster(kept)

    game = await kept.records.remove_roster("e1")
    with pytest.raises(NotFound, match=r"^There is no such roster entry\.$"):
        await kept.records.remove_roster("e1")

    assert game == made_game()
    assert [each.id for each in (await kept.records.get_rosters([GAME_ID]))[GAME_ID]] == ["e2"]


async def test_rolls_without_a_play_have_the_version_of_their_game(kept: KeptGames) -> None:
    game = await begin(kept)

    rolled = await throw(kept, "r1", "r2")

    assert rolled.game == await game_in(kept) == game
    assert [(each.number, each.game_version, each.play_id) for each in rolled.rolls] == [
        (1, 1, None),
        (2, 1, None),
    ]
    assert await thrown(kept) == ["r1", "r2"]


async def test_a_repeated_key_gives_the_rolls_of_the_first_time(kept: KeptGames) -> None:
    await create(kept)
    first = await throw(kept, "r1", "r2", key=made_key())

    again = await throw(kept, "r1", "r2", key=made_key())

    assert again == replace(first, repeated=True)
    assert await thrown(kept) == ["r1", "r2"]


async def test_twenty_repetitions_of_rolls_at_once_are_one(kept: KeptGames) -> None:
    await create(kept)

    outcomes = await asyncio.gather(*(throw(kept, "r1", "r2", key=made_key()) for _ in range(20)))

    assert sorted(each.repeated for each in outcomes) == [False] + [True] * 19
    assert await thrown(kept) == ["r1", "r2"]


async def test_rolls_of_twenty_writers_are_numbered_without_a_gap(kept: KeptGames) -> None:
    await create(kept)

    rolled = await asyncio.gather(*(throw(kept, f"r{number}", f"s{number}") for number in range(20)))

    assert sorted(each.number for made in rolled for each in made.rolls) == list(range(1, 41))


async def test_a_game_has_as_many_rolls_as_the_limit_and_no_more(kept: KeptGames) -> None:
    await create(kept)
    await throw(kept, "r1", "r2", limit=2)

    with pytest.raises(LimitExceeded, match=r"^A game has at most 2 dice rolls\.$") as refusal:
        await throw(kept, "r3", limit=2)

    assert refusal.value.limit == 2
    assert await thrown(kept) == ["r1", "r2"]


async def test_a_roll_of_an_id_that_is_kept_is_refused_with_all_beside_it(kept: KeptGames) -> None:
    await create(kept)
    await throw(kept, "r1")

    with pytest.raises(RuleViolation, match=r"^There is a dice roll of this id already\.$"):
        await throw(kept, "r2", "r1")
    after = await throw(kept, "r3")

    assert await thrown(kept) == ["r1", "r3"]
    assert after.rolls[0].number == 2


async def test_rolls_since_the_first_undone_play_are_undone(kept: KeptGames) -> None:
    await begin(kept)
    await throw(kept, "before")
    await play(kept, 1, made_play("p1", "a1"))
    await throw(kept, "after")

    back = await roll_back(kept, 2, 0)

    request = RollRequest(GAME_ID, Span(10))
    rolls = (await kept.records.list_rolls([request]))[request].items
    assert back.rolls == 1
    assert [(each.id, each.undone_by) for each in rolls] == [("before", None), ("after", 3)]


WRITES: dict[str, Callable[[KeptGames], Awaitable[object]]] = {
    "rolls": lambda kept: throw(kept, "r1"),
    "roster": add_roster,
    "session": lambda kept: kept.records.save_session(GameSessionDraft(GAME_ID, (), NOW), now=NOW),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_nothing_is_kept_of_a_game_that_is_not_there(
    kept: KeptGames, write: Callable[[KeptGames], Awaitable[object]]
) -> None:
    with pytest.raises(NotFound, match=r"^There is no such game\.$"):
        await write(kept)

    assert await thrown(kept) == []
    assert await kept.records.get_rosters([GAME_ID]) == {}
    assert await kept.records.get_sessions([GAME_ID]) == {}


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_a_session_is_kept_as_it_came(kept: KeptGames, text: str) -> None:
    await create(kept)
    draft = GameSessionDraft(GAME_ID, (text, "bob"), NOW - 5, text)

    saved = await kept.records.save_session(draft, now=NOW)

    assert saved == GameSession(GAME_ID, (text, "bob"), NOW - 5, text, NOW)
    assert await kept.records.get_sessions([GAME_ID, OTHER_GAME]) == {GAME_ID: saved}


async def test_a_session_gives_way_to_one_of_no_earlier_action(kept: KeptGames) -> None:
    await create(kept)
    await kept.records.save_session(GameSessionDraft(GAME_ID, ("ana",), NOW, "{}"), now=NOW)

    same = await kept.records.save_session(GameSessionDraft(GAME_ID, ("bob",), NOW), now=NOW + 1)
    older = await kept.records.save_session(GameSessionDraft(GAME_ID, ("eve",), NOW - 1), now=NOW + 2)

    assert same == GameSession(GAME_ID, ("bob",), NOW, None, NOW + 1)
    assert older == same
    assert await kept.records.get_sessions([GAME_ID]) == {GAME_ID: same}


async def test_plays_are_read_in_pages_from_either_end(kept: KeptGames) -> None:
    await begin(kept)
    recorded = await play(kept, 1, *(made_play(f"p{number}", f"a{number}") for number in (1, 2, 3)))
    await play(kept, 4, made_play("p4", "h1", pitcher="ap"))
    await roll_back(kept, 5, 3)
    first = PlayRequest(GAME_ID, Span(2))
    last = PlayRequest(GAME_ID, Span(2, from_end=True))
    between = PlayRequest(GAME_ID, Span(5, after=2, before=4))
    undone = PlayRequest(GAME_ID, Span(1, after=4), include_undone=True)
    past = PlayRequest(GAME_ID, Span(5, after=4))
    nothing = PlayRequest(OTHER_GAME, Span(5))

    pages = await kept.records.list_plays([first, last, between, undone, past, nothing])

    p1, p2, p3 = recorded.plays
    assert pages[first] == ListPage((p1, p2), 3, has_behind=True)
    assert pages[last] == ListPage((p2, p3), 3, has_before=True)
    assert pages[between] == ListPage((p2,), 3, has_before=True, has_behind=True)
    assert [each.id for each in pages[undone].items] == ["p4"]
    assert (pages[undone].total, pages[undone].has_before, pages[undone].has_behind) == (4, True, False)
    assert pages[past] == ListPage((), 3, has_before=True)
    assert pages[nothing] == ListPage()


async def test_rolls_are_read_by_team_and_type(kept: KeptGames) -> None:
    await create(kept)
    rolls = [
        made_roll("r1"),
        made_roll("r2", team_id=HOME),
        made_roll("r3", kind=RollType.D20),
        made_roll("r4", team_id=None, kind=RollType.D20),
    ]
    await kept.records.record_rolls(GAME_ID, rolls, key=None, now=NOW, limit=10)

    assert await thrown(kept, RollRequest(GAME_ID, Span(9), team_id=AWAY)) == ["r1", "r3"]
    assert await thrown(kept, RollRequest(GAME_ID, Span(9), type=RollType.D20)) == ["r3", "r4"]
    assert await thrown(kept, RollRequest(GAME_ID, Span(9), AWAY, RollType.D20)) == ["r3"]
    assert await thrown(kept, RollRequest(GAME_ID, Span(1, after=1), AWAY)) == ["r3"]


def listed(number: int, owner: str, league: str, visibility: Visibility) -> GameDraft:
    return replace(made_game_draft(f"game {number}", owner=owner, league=league), visibility=visibility)


async def test_games_are_listed_newest_first_by_league_status_and_reader(kept: KeptGames) -> None:
    for number, owner, league, visibility in (
        (1, OWNER, "spring", Visibility.PUBLIC),
        (2, OWNER, "spring", Visibility.PRIVATE),
        (3, "bob", "spring", Visibility.PRIVATE),
        (4, "bob", "autumn", Visibility.PUBLIC),
    ):
        await create(kept, listed(number, owner, league, visibility), now=NOW + number)
    await kept.games.update(
        "game 1", StateChange(status=GameStatus.ABANDONED), expected_version=0, key=None, now=NOW
    )
    requests = [
        GameRequest(None, 9),
        GameRequest(OWNER, 9),
        GameRequest("nobody", 9),
        GameRequest(None, 9, league="spring"),
        GameRequest(None, 9, status=GameStatus.PENDING),
        GameRequest(OWNER, 1, after=GamePlace(NOW + 4, "game 4")),
        GameRequest(None, 1, before=GamePlace(NOW + 1, "game 1"), from_end=True),
        GameRequest(None, 9, league="winter"),
    ]

    pages = await kept.games.list(requests)

    found = [[each.id[-1] for each in pages[request].items] for request in requests]
    assert found == [
        ["4", "3", "2", "1"],
        ["4", "2", "1"],
        ["4", "1"],
        ["3", "2", "1"],
        ["4", "3", "2"],
        ["2"],
        ["2"],
        [],
    ]
    assert [pages[request].total for request in requests] == [4, 3, 2, 3, 3, 3, 4, 0]
    assert (pages[requests[5]].has_before, pages[requests[5]].has_behind) == (True, True)


async def test_a_log_is_read_after_a_version_up_to_a_limit(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, *(made_play(f"p{number}", f"a{number}") for number in (1, 2, 3)))
    ranges = [ChangeRange(GAME_ID, 1, 2), ChangeRange(GAME_ID, 0, 1), ChangeRange(GAME_ID, 4, 9)]
    ranges.append(ChangeRange(OTHER_GAME, 0, 9))

    found = await kept.games.get_changes(ranges)

    assert [[change.game.version for change in found[each]] for each in ranges] == [[2, 3], [1], [], []]


async def test_recovery_gives_what_stands_at_one_moment(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, RolledPlay(made_play("p1", "a1"), (made_roll("r1"),)))
    await substitute(kept, [pinch_runner("x", "a2")], 2)
    await play(kept, 3, RolledPlay(made_play("p2", "x"), (made_roll("r2"),)))
    back = await roll_back(kept, 4, 1)
    session = await kept.records.save_session(GameSessionDraft(GAME_ID, ("ana",), NOW, "{}"), now=NOW)

    found = await kept.games.recover([GAME_ID, OTHER_GAME])

    lineup = (await kept.records.get_lineups([GAME_ID]))[GAME_ID]
    active = tuple(each for each in lineup if each.is_active)
    plays = await kept.records.get_plays(["p1"])
    rolls = await kept.records.get_rolls(["p1"])
    assert found == {GAME_ID: GameRecovery(back.game, active, (plays["p1"],), tuple(rolls["p1"]), session)}
    assert (len(active), active[-1].id) == (20, "x")


async def test_a_new_game_is_recovered_too(kept: KeptGames) -> None:
    await create(kept)

    found = await kept.games.recover([GAME_ID])

    assert found == {GAME_ID: GameRecovery(made_game(), (), (), (), None)}


async def test_an_undone_entry_is_still_found_by_its_id(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, made_play("p1", "a1"))
    made = await substitute(kept, [pinch_runner("x", "a2")], 2)
    await roll_back(kept, 3, 0)

    entries = await kept.records.get_entries(["x", "a2", "y"])

    assert entries["x"] == replace(made.entries[0], undone_by=4)
    assert (entries["a2"].left_at_play, set(entries)) == (None, {"x", "a2"})


async def test_the_log_keeps_the_game_of_each_version(kept: KeptGames) -> None:
    await create(kept)
    first = (await update(kept, 0, StateChange(inning=2))).game
    second = (await update(kept, 1, StateChange(inning=3))).game

    assert [each.game for each in await log_of(kept)] == [first, second]
