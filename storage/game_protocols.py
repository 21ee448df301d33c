"""What every backend must do with games of baseball. The rules for all repositories stand in `storage.protocols`.

What a game is made of is told apart by its versions: a play, lineup entries that came in together, a change of state
and a rollback make one each. Rosters, dice rolls without a play and sessions change no version.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from models.baseball import Game, GameDraft, Play
from models.baseball_box_scores import BoxScore
from models.baseball_changes import (
    ChangeRange,
    ClientKey,
    GameChange,
    GameLimits,
    GameRecovery,
    Recorded,
    Rolled,
    RolledBack,
    RolledPlay,
    Rostered,
    Substituted,
    Written,
)
from models.baseball_lineups import Lineup, LineupEntry, LineupEntryDraft, RosterEntry, RosterEntryDraft
from models.baseball_pages import (
    BattingPage,
    GameRequest,
    LineRequest,
    ListPage,
    PitchingPage,
    PlayRequest,
    RollRequest,
)
from models.baseball_rolls import DiceRoll, DiceRollDraft, GameSession, GameSessionDraft
from models.baseball_states import StateChange


class Games(Protocol):
    """Games, and what moves them on.

    A write looks, in this order, and writes nothing when it refuses: for its client key, which its caller has used for
    the same input (what was written then, with the game as it was right after that; plays, entries and rolls say what
    has become of them since) or for another one (`errors.RuleViolation`); for the game (`errors.NotFound`); for its
    version (`errors.VersionConflict` with the current one); for the rules of `models.baseball` and for ids that are
    taken (`errors.RuleViolation`); for limits (`errors.LimitExceeded`). A key is remembered with what it wrote: what
    changes nothing is not. Who may write is the caller's to know: an owner never changes.
    """

    async def create(self, draft: GameDraft, *, key: ClientKey | None, now: int) -> Written:
        """Keep a new game, version 0, as `models.baseball.created` makes it. An id that is there already: the game as
        it was created when the draft is the same, else `errors.RuleViolation`."""
        ...

    async def update(
        self, game_id: str, wanted: StateChange, *, expected_version: int, key: ClientKey | None, now: int
    ) -> Written:
        """Change the state by hand, as `models.baseball_states.change` does. When nothing would differ, nothing is
        written and the game is given as it is."""
        ...

    async def record(
        self,
        game_id: str,
        plays: Sequence[RolledPlay],
        *,
        expected_version: int,
        key: ClientKey | None,
        now: int,
        limits: GameLimits,
    ) -> Recorded:
        """Add plays one after the other, with their rolls and the states they lead to; all or none. The first one makes
        the version after the expected one. A roll of a play has the play's version, and the next free number."""
        ...

    async def substitute(
        self,
        game_id: str,
        entries: Sequence[LineupEntryDraft],
        *,
        expected_version: int,
        key: ClientKey | None,
        now: int,
    ) -> Substituted:
        """Let these come in together, as `models.baseball_substitutions.substitute` does: one version."""
        ...

    async def roll_back(
        self, game_id: str, to_play: int, *, expected_version: int, key: ClientKey | None, now: int
    ) -> RolledBack:
        """Go back to when the play after `to_play` had not been made: one more entry of the log.

        The standing plays after `to_play` are undone, and whatever was written since the first of them was: lineup
        entries that came in (those they replaced play again), rolls, changes by hand. What came before it stays,
        substitutions since `to_play` included; so going back to 0 keeps the starters. Rosters and the session stay.

        `to_play` is the last play: nothing is written. It is past the last play, or below 0: `errors.RuleViolation`.
        """
        ...

    async def get_many(self, game_ids: Collection[str]) -> Mapping[str, Game]:
        """Games by id, in one read. Ids without one are left out."""
        ...

    async def list(self, requests: Collection[GameRequest]) -> Mapping[GameRequest, ListPage[Game]]:
        """Pages of games, newest first, all in one read; every request is answered."""
        ...

    async def get_changes(
        self, ranges: Collection[ChangeRange]
    ) -> Mapping[ChangeRange, Sequence[GameChange]]:
        """Entries of logs by version, oldest first; every range is answered, that of no game by nothing. An entry has
        its game as it was right after it; plays and lineup entries say what has become of them since."""
        ...

    async def recover(self, game_ids: Collection[str]) -> Mapping[str, GameRecovery]:
        """All that engines need to go on, of one moment for all of the games. Ids without a game are left out."""
        ...

    async def sweep_keys(self, now: int, limit: int) -> int:
        """Forget at most `limit` client keys that ended. Returns how many; 0 = nothing is left to forget."""
        ...


class GameRecords(Protocol):
    """What games have besides their state: lineups, rosters, plays, dice rolls, sessions.

    Writes look for keys, games, rules and limits as those of `Games` do; they change no version.
    """

    async def add_roster(
        self,
        game_id: str,
        entries: Sequence[RosterEntryDraft],
        *,
        key: ClientKey | None,
        now: int,
        limit: int,
    ) -> Rostered:
        """Add roster entries, all or none. `errors.RuleViolation`: a team that does not play in the game, or more than
        `limit` entries ever added to it. A repeated key gives those that are still there."""
        ...

    async def remove_roster(self, entry_id: str) -> Game:
        """Take an entry off its roster. Returns its game; `errors.NotFound` when there is none (any more)."""
        ...

    async def record_rolls(
        self, game_id: str, rolls: Sequence[DiceRollDraft], *, key: ClientKey | None, now: int, limit: int
    ) -> Rolled:
        """Add rolls without a play, all or none: with the next free numbers, in their order, and the game's version.
        `errors.LimitExceeded` when the game would have more than `limit`, those undone included."""
        ...

    async def save_session(self, draft: GameSessionDraft, *, now: int) -> GameSession:
        """Keep a session in the place of the game's last one, unless that one's last action is later: then nothing
        changes. Returns what is kept afterwards; `errors.NotFound` when there is no such game."""
        ...

    async def get_lineups(self, game_ids: Collection[str]) -> Mapping[str, Lineup]:
        """The lineups of games, who has left included and who was undone not, in one read. A game without one, or none
        at all, is left out; likewise in the other methods."""
        ...

    async def get_rosters(self, game_ids: Collection[str]) -> Mapping[str, Sequence[RosterEntry]]:
        """The rosters of games in the order of their adding, in one read."""
        ...

    async def get_sessions(self, game_ids: Collection[str]) -> Mapping[str, GameSession]:
        """The sessions of games, in one read. One whose snapshot this code cannot read counts as not kept."""
        ...

    async def get_entries(self, entry_ids: Collection[str]) -> Mapping[str, LineupEntry]:
        """Lineup entries by id, undone ones included, in one read."""
        ...

    async def get_roster_entries(self, entry_ids: Collection[str]) -> Mapping[str, RosterEntry]:
        """Roster entries by id, in one read."""
        ...

    async def get_plays(self, play_ids: Collection[str]) -> Mapping[str, Play]:
        """Plays by id, undone ones included, in one read."""
        ...

    async def get_rolls(self, play_ids: Collection[str]) -> Mapping[str, Sequence[DiceRoll]]:
        """The rolls recorded with each of these plays by number, undone ones included, in one read."""
        ...

    async def list_plays(self, requests: Collection[PlayRequest]) -> Mapping[PlayRequest, ListPage[Play]]:
        """Pages of games' plays, all in one read; every request is answered."""
        ...

    async def list_rolls(self, requests: Collection[RollRequest]) -> Mapping[RollRequest, ListPage[DiceRoll]]:
        """Pages of games' rolls, all in one read; every request is answered."""
        ...


class BoxScores(Protocol):
    """Sums of standing plays, added up where they are kept. They equal those of `models.baseball_box_scores`."""

    async def get_many(self, game_ids: Collection[str]) -> Mapping[str, BoxScore]:
        """The box scores of games, of one moment for all of them. Ids without a game are left out."""
        ...

    async def list_batting(self, requests: Collection[LineRequest]) -> Mapping[LineRequest, BattingPage]:
        """Pages of leagues' batting lines: most hits first, of equal ones by team, cards before players, then by the
        number of either. Every request is answered."""
        ...

    async def list_pitching(self, requests: Collection[LineRequest]) -> Mapping[LineRequest, PitchingPage]:
        """Pages of leagues' pitching lines: most outs first, of equal ones as batting lines. Every request is
        answered."""
        ...
