"""What `storage.game_protocols.Games` promises of changes, sentence by sentence, on every backend that keeps games."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from errors import LimitExceeded, NotFound, RuleViolation, VersionConflict
from models.baseball import Visibility
from models.baseball_changes import (
    GameLimits,
    GameRolledBack,
    PlayRecorded,
    Recorded,
    RolledBack,
    RolledPlay,
    StateChanged,
    SubstitutionMade,
    Written,
)
from models.baseball_states import Bases, GameStatus, HalfInning, StateChange
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME
from tests.storage.made import NOW
from tests.storage.made_games import (
    DAY,
    HOMER,
    OTHER_GAME,
    SINGLE,
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
    plays_in,
    roll_back,
    starters,
    substitute,
    update,
)
from tests.storage.probes import take_turns

Write = Callable[[KeptGames, int], Awaitable[object]]
WRITES: dict[str, Write] = {
    "update": lambda kept, version: update(kept, version, StateChange(outs=1)),
    "record": lambda kept, version: play(kept, version, made_play("p", "a1")),
    "substitute": lambda kept, version: substitute(kept, [pinch_runner("x", "a1")], version),
    "roll back": lambda kept, version: roll_back(kept, version, 0),
}


async def test_a_new_game_is_kept_under_the_id_of_its_draft(kept: KeptGames) -> None:
    written = await create(kept)

    assert written == Written(made_game())
    assert await kept.games.get_many([GAME_ID, OTHER_GAME]) == {GAME_ID: made_game()}
    assert await log_of(kept) == []


async def test_an_existing_id_with_the_same_input_gives_the_game_as_it_was_created(kept: KeptGames) -> None:
    await create(kept)
    await update(kept, 0, StateChange(outs=1))

    again = await create(kept, now=NOW + 9)

    assert again == Written(made_game(), repeated=True)
    assert await game_in(kept) == replace(made_game(), outs=1, version=1)


@pytest.mark.parametrize(
    "other",
    [
        made_game_draft(owner="bob"),
        made_game_draft(league="autumn"),
        replace(made_game_draft(), mode="duel"),
        replace(made_game_draft(), visibility=Visibility.PRIVATE),
        replace(made_game_draft(), home_team_id=30),
        replace(made_game_draft(), away_team_id=30),
    ],
    ids=["owner", "league", "mode", "visibility", "home", "away"],
)
async def test_an_existing_id_with_other_input_is_refused(kept: KeptGames, other: object) -> None:
    await create(kept)

    with pytest.raises(RuleViolation, match=r"^There is another game of this id already\.$"):
        await create(kept, other)  # type: ignore[arg-type]

    assert await game_in(kept) == made_game()


async def test_a_repeated_key_creates_no_second_game(kept: KeptGames) -> None:
    await create(kept, key=made_key())

    again = await create(kept, made_game_draft(OTHER_GAME), key=made_key())

    assert again == Written(made_game(), repeated=True)
    assert await game_in(kept, OTHER_GAME) is None


async def test_a_play_moves_the_game_on_by_one_version(kept: KeptGames) -> None:
    before = await begin(kept)

    recorded = await play(kept, 1, made_play("p1", "a1", SINGLE, Bases("a1")), now=NOW + 5)

    expected = replace(
        before, version=2, play_count=1, bases=Bases("a1"), status=GameStatus.ACTIVE, updated_at=NOW + 5
    )
    assert recorded.game == await game_in(kept) == expected
    assert [(each.sequence, each.number, each.created_at) for each in recorded.plays] == [(2, 1, NOW + 5)]
    assert await kept.records.get_plays(["p1", "p2"]) == {"p1": recorded.plays[0]}


async def test_plays_are_recorded_together_each_with_a_version_of_its_own(kept: KeptGames) -> None:
    await begin(kept)
    drafts = [made_play(f"p{number}", f"a{number}") for number in (1, 2, 3)]

    recorded = await play(kept, 1, *drafts)

    log = await log_of(kept, after=1)
    assert (recorded.game.version, recorded.game.play_count) == (4, 3)
    assert (recorded.game.half, recorded.game.outs) == (HalfInning.BOTTOM, 0)
    assert [each.game.outs for each in log] == [1, 2, 0]
    assert log[-1] == PlayRecorded(recorded.game, recorded.plays[2])
    assert await plays_in(kept) == ["p1", "p2", "p3"]


async def test_plays_of_which_one_breaks_a_rule_are_not_recorded_at_all(kept: KeptGames) -> None:
    before = await begin(kept)

    with pytest.raises(RuleViolation, match=r"^The batter is no active lineup entry of team 10"):
        await play(kept, 1, RolledPlay(made_play("p1", "a1"), (made_roll("r1"),)), made_play("p2", "h1"))

    assert await game_in(kept) == before
    assert (await plays_in(kept), len(await log_of(kept))) == ([], 1)
    assert await kept.records.get_rolls(["p1"]) == {}


@pytest.mark.parametrize("count", [0, 101])
async def test_no_plays_and_too_many_plays_are_refused(kept: KeptGames, count: int) -> None:
    before = await begin(kept)

    with pytest.raises(RuleViolation, match=rf"^plays: {count} given, 1 to 100 are allowed\.$"):
        await play(kept, 1, *(made_play(f"p{number}", "a1") for number in range(count)))

    assert await game_in(kept) == before


async def test_rolls_are_recorded_with_their_play(kept: KeptGames) -> None:
    await begin(kept)
    drafts = (made_roll("r1"), made_roll("r2", team_id=None))

    await play(kept, 1, RolledPlay(made_play("p1", "a1"), drafts), made_play("p2", "a2"))

    rolls = (await kept.records.get_rolls(["p1", "p2"]))["p1"]
    assert [(each.id, each.number, each.game_version, each.play_number) for each in rolls] == [
        ("r1", 1, 2, 1),
        ("r2", 2, 2, 1),
    ]
    assert (rolls[0].values, rolls[0].context, rolls[0].team_id, rolls[1].team_id) == (
        "[3, 4]",
        '{"of": "x"}',
        AWAY,
        None,
    )


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_another_version_than_the_kept_one_is_a_conflict(kept: KeptGames, write: Write) -> None:
    before = await begin(kept)

    with pytest.raises(VersionConflict) as early:
        await write(kept, 0)
    with pytest.raises(VersionConflict) as late:
        await write(kept, 2)

    assert (early.value.current_version, late.value.current_version) == (1, 1)
    assert await game_in(kept) == before
    assert len(await log_of(kept)) == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_a_game_that_is_not_there_is_not_written(kept: KeptGames, write: Write) -> None:
    with pytest.raises(NotFound, match=r"^There is no such game\.$"):
        await write(kept, 0)

    assert await game_in(kept) is None


async def test_of_twenty_writers_of_one_version_one_gets_on(kept: KeptGames) -> None:
    await begin(kept)

    outcomes = await asyncio.gather(
        *(play(kept, 1, made_play(f"p{number}", "a1")) for number in range(20)), return_exceptions=True
    )

    game = await game_in(kept)
    conflicts = [each.current_version for each in outcomes if isinstance(each, VersionConflict)]
    assert game is not None
    assert (game.version, game.outs, len(await plays_in(kept))) == (2, 1, 1)
    assert conflicts == [2] * 19


async def test_of_different_writers_of_one_version_one_gets_on_too(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, made_play("p1", "a1"))
    writers = [
        *(play(kept, 2, made_play(f"q{number}", "a2")) for number in range(5)),
        *(substitute(kept, [pinch_runner(f"x{number}", "a3")], 2) for number in range(5)),
        *(roll_back(kept, 2, 0) for _ in range(5)),
        *(update(kept, 2, StateChange(outs=2)) for _ in range(5)),
    ]

    outcomes = await asyncio.gather(*writers, return_exceptions=True)

    conflicts = [each.current_version for each in outcomes if isinstance(each, VersionConflict)]
    assert conflicts == [3] * 19
    assert [each.game.version for each in await log_of(kept)] == [1, 2, 3]
    assert (await log_of(kept))[-1].game == await game_in(kept)


async def test_twenty_repetitions_at_once_are_one_write(kept: KeptGames) -> None:
    await begin(kept)

    outcomes = await asyncio.gather(
        *(play(kept, 1, made_play(f"p{number}", "a1"), key=made_key()) for number in range(20))
    )

    assert sorted(each.repeated for each in outcomes) == [False] + [True] * 19
    assert len({each.plays for each in outcomes}) == 1
    assert len(await plays_in(kept)) == 1


async def test_a_repeated_key_gives_the_plays_and_the_game_of_the_first_time(kept: KeptGames) -> None:
    await begin(kept)
    first = await play(kept, 1, made_play("p1", "a1"), made_play("p2", "a2"), key=made_key())
    await play(kept, 3, made_play("p3", "a3"))

    again = await play(kept, 1, made_play("q", "a1"), key=made_key())

    assert again == Recorded(first.game, True, first.plays)
    assert await plays_in(kept) == ["p1", "p2", "p3"]


async def test_a_key_used_for_other_input_is_refused(kept: KeptGames) -> None:
    await begin(kept)
    first = await play(kept, 1, made_play("p1", "a1"), key=made_key())

    with pytest.raises(RuleViolation, match=r"^This client key was used for another input\.$"):
        await play(kept, 2, made_play("p2", "a2"), key=made_key(digest="other"))

    assert await game_in(kept) == first.game


async def test_keys_are_each_callers_own(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, made_play("p1", "a1"), key=made_key())

    other = await play(kept, 2, made_play("p2", "a2"), key=made_key(caller="bob"))

    assert (other.repeated, other.game.version) == (False, 3)


async def test_a_key_is_forgotten_at_its_end(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, made_play("p1", "a1"), key=made_key())

    before = await play(kept, 2, made_play("p2", "a2"), key=made_key(), now=NOW + DAY - 1)
    after = await play(kept, 2, made_play("p2", "a2"), key=made_key(at=NOW + DAY), now=NOW + DAY)
    again = await play(kept, 2, made_play("p2", "a2"), key=made_key(), now=NOW + DAY)

    assert (before.repeated, after.repeated, again.repeated) == (True, False, True)
    assert again.plays == after.plays


async def test_ended_keys_are_swept(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, made_play("p1", "a1"), key=made_key("one"))
    await play(kept, 2, made_play("p2", "a2"), key=made_key("two"))

    swept = [await kept.games.sweep_keys(NOW + DAY - 1, 10)]
    swept += [await kept.games.sweep_keys(NOW + DAY, 1) for _ in range(3)]

    assert swept == [0, 1, 1, 0]


async def test_a_refused_write_does_not_use_its_key(kept: KeptGames) -> None:
    await begin(kept)

    with pytest.raises(VersionConflict):
        await play(kept, 0, made_play("p1", "a1"), key=made_key())
    later = await play(kept, 1, made_play("p1", "a1"), key=made_key())

    assert not later.repeated


async def test_ids_that_are_taken_are_refused(kept: KeptGames) -> None:
    await begin(kept)
    await begin(kept, OTHER_GAME, "other ")
    before = (await play(kept, 1, RolledPlay(made_play("p1", "a1"), (made_roll("r1"),)))).game

    with pytest.raises(RuleViolation, match=r"^There is a play of this id already\.$"):
        await play(kept, 2, made_play("p1", "a2"))
    with pytest.raises(RuleViolation, match=r"^There is a dice roll of this id already\.$"):
        await play(kept, 2, RolledPlay(made_play("p2", "a2"), (made_roll("r2"), made_roll("r1"))))
    with pytest.raises(RuleViolation, match=r"^There is a lineup entry of this id already\.$"):
        await substitute(kept, [pinch_runner("other a1", "a1")], 2)

    assert await game_in(kept) == before
    assert (await plays_in(kept), await kept.records.get_rolls(["p2"])) == (["p1"], {})


async def test_a_game_has_as_many_versions_as_the_limit_and_no_more(kept: KeptGames) -> None:
    await begin(kept)
    limits = GameLimits(versions=3, rolls=1)
    before = (await play(kept, 1, made_play("p1", "a1"), made_play("p2", "a2"), limits=limits)).game

    with pytest.raises(LimitExceeded, match=r"^A game has at most 3 versions\.$") as refusal:
        await play(kept, 3, made_play("p3", "a3"), limits=limits)

    assert refusal.value.limit == 3
    assert await game_in(kept) == before


async def test_a_game_has_as_many_rolls_as_the_limit_and_no_more(kept: KeptGames) -> None:
    await begin(kept)
    limits = GameLimits(versions=9, rolls=2)
    drafts = (made_roll("r1"), made_roll("r2"))
    before = (await play(kept, 1, RolledPlay(made_play("p1", "a1"), drafts), limits=limits)).game

    with pytest.raises(LimitExceeded, match=r"^A game has at most 2 dice rolls\.$"):
        await play(kept, 2, RolledPlay(made_play("p2", "a2"), (made_roll("r3"),)), limits=limits)

    assert await game_in(kept) == before


async def test_the_state_is_changed_by_hand(kept: KeptGames) -> None:
    before = await begin(kept)

    written = await update(kept, 1, StateChange(inning=3, bases=Bases("a1")), now=NOW + 5)

    expected = replace(before, version=2, inning=3, bases=Bases("a1"), updated_at=NOW + 5)
    assert written == Written(expected)
    assert (await log_of(kept))[1:] == [StateChanged(expected)]


async def test_a_change_that_changes_nothing_writes_nothing(kept: KeptGames) -> None:
    before = await begin(kept)

    written = await update(kept, 1, StateChange(inning=1, outs=0), now=NOW + 5)

    assert written == Written(before)
    assert (await game_in(kept), len(await log_of(kept))) == (before, 1)


async def test_who_comes_in_stands_on_the_base_of_whom_he_replaces(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, made_play("p1", "a1", SINGLE, Bases("a1")))

    made = await substitute(kept, [pinch_runner("x", "a1")], 2, key=made_key())
    again = await substitute(kept, [pinch_runner("y", "a1")], 2, key=made_key())

    lineup = (await kept.records.get_lineups([GAME_ID]))[GAME_ID]
    assert (made.game.bases, made.game.version) == (Bases("x"), 3)
    assert again == replace(made, repeated=True)
    assert (lineup[0].left_at_play, lineup[-1], len(lineup)) == (1, made.entries[0], 21)
    assert (await log_of(kept))[-1] == SubstitutionMade(made.game, made.entries)


async def test_two_in_one_place_of_the_order_are_refused(kept: KeptGames) -> None:
    before = await begin(kept)

    with pytest.raises(RuleViolation, match=r"^Team 10 has somebody else in place 1 of its order\.$"):
        await substitute(kept, [replace(pinch_runner("x", "a1"), replaces_id=None)], 1)

    assert await game_in(kept) == before
    assert len((await kept.records.get_lineups([GAME_ID]))[GAME_ID]) == len(starters())


async def test_going_back_undoes_plays_substitutions_rolls_and_state_together(kept: KeptGames) -> None:
    await begin(kept)
    first = await play(kept, 1, RolledPlay(made_play("p1", "a1", SINGLE, Bases("a1")), (made_roll("r1"),)))
    await substitute(kept, [pinch_runner("x", "a1")], 2)
    lineup = await kept.records.get_lineups([GAME_ID])
    between = await game_in(kept)
    await play(kept, 3, RolledPlay(made_play("p2", "a2", SINGLE, Bases("a2", "x")), (made_roll("r2"),)))
    await substitute(kept, [pinch_runner("y", "a2"), pinch_runner("z", "a3")], 4)
    await update(kept, 5, StateChange(home_score=7))

    back = await roll_back(kept, 6, 1)

    assert between is not None
    expected = replace(between, version=7)
    assert back == RolledBack(expected, False, plays=1, substitutions=2, rolls=1)
    assert await game_in(kept) == expected
    assert await kept.records.get_lineups([GAME_ID]) == lineup
    assert await plays_in(kept) == ["p1"]
    assert await plays_in(kept, include_undone=True) == ["p1", "p2"]
    assert (await log_of(kept))[-1] == GameRolledBack(expected, 1, plays=1, substitutions=2, rolls=1)
    undone = await kept.records.get_plays(["p1", "p2"])
    rolls = await kept.records.get_rolls(["p1", "p2"])
    assert [undone[name].undone_by for name in ("p1", "p2")] == [None, 7]
    assert [rolls[name][0].undone_by for name in ("p1", "p2")] == [None, 7]
    assert undone["p1"] == first.plays[0]


async def test_after_going_back_numbers_begin_again_and_sequences_do_not(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, RolledPlay(made_play("p1", "a1"), (made_roll("r1"),)))
    await roll_back(kept, 2, 0)

    recorded = await play(kept, 3, RolledPlay(made_play("q1", "a1", HOMER), (made_roll("r2"),)))

    rolls = await kept.records.get_rolls(["q1"])
    assert [(each.number, each.sequence) for each in recorded.plays] == [(1, 4)]
    assert (recorded.game.play_count, recorded.game.away_score) == (1, 1)
    assert rolls["q1"][0].number == 2


async def test_going_back_to_the_beginning_keeps_the_starters(kept: KeptGames) -> None:
    before = await begin(kept)
    await play(kept, 1, made_play("p1", "a1"), made_play("p2", "a2"))

    back = await roll_back(kept, 3, 0)

    assert back == RolledBack(replace(before, version=4), False, plays=2)
    assert len((await kept.records.get_lineups([GAME_ID]))[GAME_ID]) == len(starters())


async def test_going_back_to_now_changes_nothing(kept: KeptGames) -> None:
    await begin(kept)
    before = (await play(kept, 1, made_play("p1", "a1"))).game

    back = await roll_back(kept, 2, 1)

    assert back == RolledBack(before)
    assert (await game_in(kept), len(await log_of(kept))) == (before, 2)


@pytest.mark.parametrize("to_play", [-1, 2])
async def test_going_back_past_either_end_is_refused(kept: KeptGames, to_play: int) -> None:
    await begin(kept)
    before = (await play(kept, 1, made_play("p1", "a1"))).game

    with pytest.raises(RuleViolation, match=rf"^toPlay: {to_play} given, 0 to 1 can be gone back to\.$"):
        await roll_back(kept, 2, to_play)

    assert (await game_in(kept), await plays_in(kept)) == (before, ["p1"])


async def test_a_repeated_rollback_is_one_rollback(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, made_play("p1", "a1"), made_play("p2", "a2"))
    first = await roll_back(kept, 3, 1, key=made_key())

    again = await roll_back(kept, 3, 1, key=made_key())

    assert again == replace(first, repeated=True)
    assert [each.game.version for each in await log_of(kept)] == [1, 2, 3, 4]


async def test_a_completed_game_goes_on_where_it_is_rolled_back_to(kept: KeptGames) -> None:
    await begin(kept)
    await update(kept, 1, StateChange(inning=9, half=HalfInning.BOTTOM))
    won = await play(kept, 2, made_play("p1", "h1", HOMER, pitcher="ap"))

    back = await roll_back(kept, 3, 0)

    assert (won.game.status, won.game.winner_team_id) == (GameStatus.COMPLETED, HOME)
    assert (back.game.status, back.game.winner_team_id) == (GameStatus.PENDING, None)
    assert (back.game.inning, back.game.home_score) == (9, 0)


@pytest.mark.parametrize("turns", range(0, 36, 3))
async def test_a_cancelled_play_is_there_whole_or_not_at_all(kept: KeptGames, turns: int) -> None:
    await begin(kept)
    drafts = (RolledPlay(made_play("p1", "a1"), (made_roll("r1"),)), RolledPlay(made_play("p2", "a2")))

    recording = asyncio.create_task(play(kept, 1, *drafts, key=made_key()))
    await take_turns(turns)
    recording.cancel()
    await asyncio.wait([recording])
    again = await play(kept, 1, *drafts, key=made_key())

    assert again.game == await game_in(kept)
    assert (again.game.version, again.game.play_count) == (3, 2)
    assert [each.game.version for each in await log_of(kept)] == [1, 2, 3]
    assert (await plays_in(kept), len((await kept.records.get_rolls(["p1"]))["p1"])) == (["p1", "p2"], 1)
