"""Invented games for the tests of storage, and how they are written in one word.

The teams are those of the tests of the rules: `a1` to `a9` and `h1` to `h9` bat, `ap` and `hp` pitch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models.baseball import Game, GameDraft, PlayDraft, created
from models.baseball_changes import (
    ChangeRange,
    ClientKey,
    GameChange,
    GameLimits,
    Recorded,
    RolledBack,
    RolledPlay,
    Substituted,
    Written,
)
from models.baseball_lineups import CardRef, LineupEntryDraft
from models.baseball_pages import PlayRequest, Span
from models.baseball_rolls import DiceRollDraft, RollType
from models.baseball_states import NOBODY_ON, Bases, StateChange
from models.baseball_stats import PlayStats
from storage import BoxScores, GameRecords, Games
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME, made_lineup
from tests.storage.made import NOW

OWNER = "ana"
OTHER_GAME = "5b0f8d9e-1c57-4c7e-9d3a-0f6d1d1f0a02"
DAY = 86_400_000
LIMITS = GameLimits(versions=1_000, rolls=1_000)

OUT = PlayStats(pa=1, ab=1, outs_recorded=1)
SINGLE = PlayStats(pa=1, ab=1, hit=1)
HOMER = PlayStats(pa=1, ab=1, hit=1, homerun=1, runs=1, rbi=1)


@dataclass(frozen=True, slots=True)
class KeptGames:
    """What a storage keeps of games."""

    games: Games
    records: GameRecords
    box_scores: BoxScores


def made_game_draft(game_id: str = GAME_ID, *, owner: str = OWNER, league: str = "spring") -> GameDraft:
    return GameDraft(game_id, owner, league, HOME, AWAY, "solo")


def made_game(game_id: str = GAME_ID, *, at: int = NOW, league: str = "spring") -> Game:
    """What a draft becomes."""
    return created(made_game_draft(game_id, league=league), at)


def made_key(key: str = "key", digest: str = "input", *, caller: str = OWNER, at: int = NOW) -> ClientKey:
    return ClientKey(caller, key, digest, at + DAY)


def starters(prefix: str = "") -> list[LineupEntryDraft]:
    return [
        LineupEntryDraft(f"{prefix}{each.id}", each.team_id, each.card, each.position, each.batting_order)
        for each in made_lineup()
    ]


def pinch_runner(name: str, replaces: str) -> LineupEntryDraft:
    """Somebody for a batter of the away team, in his place of the order."""
    return LineupEntryDraft(name, AWAY, CardRef(1_000), "PR", int(replaces[1]), replaces_id=replaces)


def made_play(
    name: str, batter: str, stats: PlayStats = OUT, bases: Bases = NOBODY_ON, *, pitcher: str = "hp"
) -> PlayDraft:
    return PlayDraft(name, batter, pitcher, bases, stats, f"Play {name}.")


def made_roll(name: str, *, team_id: int | None = AWAY, kind: RollType = RollType.AT_BAT) -> DiceRollDraft:
    return DiceRollDraft(name, kind, "[3, 4]", NOW - 5, team_id, '{"of": "x"}')


async def create(
    kept: KeptGames, draft: GameDraft | None = None, *, key: ClientKey | None = None, now: int = NOW
) -> Written:
    """Keep a game."""
    return await kept.games.create(draft or made_game_draft(), key=key, now=now)


async def begin(kept: KeptGames, game_id: str = GAME_ID, prefix: str = "") -> Game:
    """Keep a game with its starters: version 1."""
    await create(kept, made_game_draft(game_id))
    return (await substitute(kept, starters(prefix), 0, game_id)).game


async def substitute(
    kept: KeptGames,
    entries: Sequence[LineupEntryDraft],
    version: int,
    game_id: str = GAME_ID,
    *,
    key: ClientKey | None = None,
) -> Substituted:
    """Let some come in."""
    return await kept.games.substitute(game_id, entries, expected_version=version, key=key, now=NOW)


async def play(
    kept: KeptGames,
    version: int,
    *drafts: PlayDraft | RolledPlay,
    key: ClientKey | None = None,
    game_id: str = GAME_ID,
    now: int = NOW,
    limits: GameLimits = LIMITS,
) -> Recorded:
    """Record plays."""
    plays = [each if isinstance(each, RolledPlay) else RolledPlay(each) for each in drafts]
    return await kept.games.record(game_id, plays, expected_version=version, key=key, now=now, limits=limits)


async def update(
    kept: KeptGames, version: int, wanted: StateChange, *, key: ClientKey | None = None, now: int = NOW
) -> Written:
    """Change the state by hand."""
    return await kept.games.update(GAME_ID, wanted, expected_version=version, key=key, now=now)


async def roll_back(
    kept: KeptGames, version: int, to_play: int, *, key: ClientKey | None = None
) -> RolledBack:
    """Go back."""
    return await kept.games.roll_back(GAME_ID, to_play, expected_version=version, key=key, now=NOW)


async def game_in(kept: KeptGames, game_id: str = GAME_ID) -> Game | None:
    """A game as it is kept."""
    return (await kept.games.get_many([game_id])).get(game_id)


async def log_of(kept: KeptGames, game_id: str = GAME_ID, *, after: int = 0) -> Sequence[GameChange]:
    """The log of a game after a version."""
    every = ChangeRange(game_id, after, 1_000)
    return (await kept.games.get_changes([every]))[every]


async def plays_in(kept: KeptGames, *, include_undone: bool = False) -> Sequence[str]:
    """The ids of a game's plays in order."""
    request = PlayRequest(GAME_ID, Span(100), include_undone)
    return [each.id for each in (await kept.records.list_plays([request]))[request].items]
