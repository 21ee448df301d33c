"""What `storage.game_protocols.BoxScores` promises, and games at random against the plain rules, on every backend that
keeps games."""

from dataclasses import replace

import pytest

from models.baseball import Game, Play, PlayDraft, Visibility
from models.baseball_box_scores import BattingLine, PitchingLine, box_score
from models.baseball_lineups import CardRef, Lineup, LineupEntry, LineupEntryDraft, PlayerRef
from models.baseball_pages import LineRequest, ListPage, PlayRequest, RankedLine, Span
from models.baseball_states import Bases
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME
from tests.models.test_baseball_walks import Step, walk
from tests.storage.made import NOW
from tests.storage.made_games import (
    HOMER,
    OTHER_GAME,
    OWNER,
    SINGLE,
    KeptGames,
    begin,
    create,
    game_in,
    made_game_draft,
    made_play,
    play,
    roll_back,
    substitute,
)


def draft_of(made: Play) -> PlayDraft:
    return PlayDraft(
        id=made.id,
        batter_id=made.batter_id,
        pitcher_id=made.pitcher_id,
        catcher_id=made.catcher_id,
        bases_after=made.bases_after,
        stats=made.stats,
        description=made.description,
        complete=made.complete,
    )


def entry_draft_of(entry: LineupEntry) -> LineupEntryDraft:
    return LineupEntryDraft(
        id=entry.id,
        team_id=entry.team_id,
        card=entry.card,
        position=entry.position,
        batting_order=entry.batting_order,
        is_starter=entry.is_starter,
        replaces_id=entry.replaces_id,
    )


async def take(kept: KeptGames, game: Game, step: Step) -> Game:
    if step.play is not None:
        return (await play(kept, game.version, draft_of(step.play))).game
    entered = [entry_draft_of(each) for each in step.after.lineup if each.id in step.entered]
    return (await substitute(kept, entered, game.version)).game


def without_numbers(lineup: Lineup) -> list[LineupEntry]:
    """The entries without what counts versions and plays, which a walk does in its own way."""
    return [
        replace(each, sequence=0, entered_at_play=0, left_at_play=each.left_at_play and 1) for each in lineup
    ]


async def standing(kept: KeptGames) -> list[Play]:
    plays: list[Play] = []
    request = PlayRequest(GAME_ID, Span(100))
    while page := (await kept.records.list_plays([request]))[request].items:
        plays += page
        request = PlayRequest(GAME_ID, Span(100, after=plays[-1].sequence))
    return plays


async def lineup_in(kept: KeptGames) -> Lineup:
    return (await kept.records.get_lineups([GAME_ID]))[GAME_ID]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_game_at_random_is_kept_as_the_rules_have_it(kept: KeptGames, seed: int) -> None:
    steps = walk(seed)
    game = await begin(kept)

    differences = []
    for step in steps:
        game = await take(kept, game, step)
        if game.state != step.after.state:
            differences.append(step)

    lineup = await lineup_in(kept)
    box = (await kept.box_scores.get_many([GAME_ID]))[GAME_ID]
    entries = await kept.records.get_entries([each.id for each in lineup])
    assert differences == []
    assert await game_in(kept) == game
    assert without_numbers(lineup) == without_numbers(steps[-1].after.lineup)
    assert box == box_score(HOME, AWAY, await standing(kept), entries.values())


@pytest.mark.parametrize("seed", [4, 5])
async def test_a_game_at_random_goes_back_to_where_each_play_found_it(kept: KeptGames, seed: int) -> None:
    steps = walk(seed)[:60]
    game = await begin(kept)
    for step in steps:
        game = await take(kept, game, step)
    plays = [step for step in steps if step.play is not None]

    differences = []
    for to_play in range(len(plays) - 1, -1, -7):
        back = await roll_back(kept, game.version, to_play)
        before = plays[to_play].before
        game = back.game
        if (game.state, without_numbers(await lineup_in(kept))) != (
            before.state,
            without_numbers(before.lineup),
        ):
            differences.append(to_play)

    box = (await kept.box_scores.get_many([GAME_ID]))[GAME_ID]
    assert differences == []
    assert box == box_score(HOME, AWAY, await standing(kept), await lineup_in(kept))


async def test_a_game_without_plays_has_an_empty_box_score_and_no_game_has_none(kept: KeptGames) -> None:
    await create(kept)

    found = await kept.box_scores.get_many([GAME_ID, OTHER_GAME])

    assert found == {GAME_ID: box_score(HOME, AWAY, [], [])}


def asked(
    span: Span, *, reader: str | None = None, league: str = "spring", card: CardRef | PlayerRef | None = None
) -> LineRequest:
    return LineRequest(reader, league, span, card)


def card_of(name: str) -> CardRef:
    """The card of a starter."""
    return CardRef(int.from_bytes(name.encode()))


async def test_batting_lines_are_summed_over_a_league_most_hits_first(kept: KeptGames) -> None:
    await begin(kept)
    await begin(kept, OTHER_GAME, "other ")
    await play(kept, 1, made_play("p1", "a1"), made_play("p2", "a2", HOMER), made_play("p3", "a1", HOMER))
    other = made_play("q1", "other a1", SINGLE, Bases("other a1"), pitcher="other hp")
    await play(kept, 1, other, game_id=OTHER_GAME)
    every, second, last = asked(Span(9)), asked(Span(1, after=1)), asked(Span(1, from_end=True))
    one, nobody, winter = (
        asked(Span(9), card=card_of("a2")),
        asked(Span(9), card=PlayerRef(1)),
        asked(Span(9), league="winter"),
    )

    pages = await kept.box_scores.list_batting([every, second, last, one, nobody, winter])

    first_line = RankedLine(
        1, BattingLine(AWAY, card_of("a1"), pa=3, ab=3, runs=1, hits=2, homeruns=1, rbi=1)
    )
    second_line = RankedLine(
        2, BattingLine(AWAY, card_of("a2"), pa=1, ab=1, runs=1, hits=1, homeruns=1, rbi=1)
    )
    assert pages[every] == ListPage((first_line, second_line), 2)
    assert pages[second] == pages[last] == ListPage((second_line,), 2, has_before=True)
    assert pages[one] == ListPage((replace(second_line, rank=1),), 1)
    assert (pages[nobody], pages[winter]) == (ListPage(), ListPage())


async def test_pitching_lines_are_summed_over_a_league_and_undone_plays_are_not(kept: KeptGames) -> None:
    await begin(kept)
    await play(kept, 1, *(made_play(f"p{number}", f"a{number}") for number in (1, 2, 3)))
    await play(kept, 4, made_play("p4", "h1", pitcher="ap"), made_play("p5", "h2", HOMER, pitcher="ap"))
    await roll_back(kept, 6, 4)
    every = asked(Span(9))

    pages = await kept.box_scores.list_pitching([every])

    assert [each.line for each in pages[every].items] == [
        PitchingLine(HOME, card_of("hp"), outs_recorded=3),
        PitchingLine(AWAY, card_of("ap"), outs_recorded=1),
    ]


async def test_private_games_count_for_their_owner_alone(kept: KeptGames) -> None:
    await create(kept, replace(made_game_draft(), visibility=Visibility.PRIVATE))
    starters = [
        LineupEntryDraft("a1", AWAY, PlayerRef(1), "SS", 1),
        LineupEntryDraft("hp", HOME, PlayerRef(2), "P"),
    ]
    await substitute(kept, starters, 0)
    await play(kept, 1, made_play("p1", "a1"), now=NOW)
    requests = [asked(Span(9), reader=reader) for reader in (OWNER, None, "bob")]

    pages = await kept.box_scores.list_batting(requests)

    assert [pages[request].total for request in requests] == [1, 1, 0]
    assert pages[requests[0]].items[0].line.card == PlayerRef(1)
