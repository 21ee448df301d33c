"""What a game of baseball was worth to its teams, batters and pitchers, added up from its plays.

This is the plain reference: whoever adds up in a database has to come to the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from models.baseball import Play
from models.baseball_lineups import Card, LineupEntry
from models.baseball_states import HalfInning
from models.baseball_stats import OUTS_IN_A_HALF, PlayStats


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team's line. `runs_by_inning` goes up to the last inning in which it was at bat in a play; `errors` are
    those it made in the field."""

    team_id: int
    runs_by_inning: tuple[int, ...]
    runs: int
    hits: int
    errors: int


@dataclass(frozen=True, slots=True)
class BattingLine:
    """The sums of the plays in which a card was at bat, in all its lineup entries.

    A play does not say which runner scored or stole. So `runs` are those that scored while this card was at bat, and
    steals are likewise the batter's. The sum over a team is right all the same.
    """

    team_id: int
    card: Card
    pa: int = 0
    ab: int = 0
    runs: int = 0
    hits: int = 0
    doubles: int = 0
    triples: int = 0
    homeruns: int = 0
    rbi: int = 0
    walks: int = 0
    strikeouts: int = 0
    hit_by_pitch: int = 0
    sacrifices: int = 0
    stolen_bases: int = 0
    caught_stealing: int = 0

    @property
    def average(self) -> float | None:
        """Hits per at-bat, in thousandths, halves rounded up; None without an at-bat."""
        return _quotient(self.hits, self.ab, 1000)

    def plus(self, stats: PlayStats) -> "BattingLine":
        """With one more play."""
        return replace(
            self,
            pa=self.pa + stats.pa,
            ab=self.ab + stats.ab,
            runs=self.runs + stats.runs,
            hits=self.hits + stats.hit,
            doubles=self.doubles + stats.double,
            triples=self.triples + stats.triple,
            homeruns=self.homeruns + stats.homerun,
            rbi=self.rbi + stats.rbi,
            walks=self.walks + stats.bb,
            strikeouts=self.strikeouts + stats.so,
            hit_by_pitch=self.hit_by_pitch + stats.hbp,
            sacrifices=self.sacrifices + stats.sac,
            stolen_bases=self.stolen_bases + stats.stolen_bases,
            caught_stealing=self.caught_stealing + stats.caught_stealing,
        )


@dataclass(frozen=True, slots=True)
class PitchingLine:
    """The sums of the plays in which a card pitched, in all its lineup entries. `runs` are all, earned or not."""

    team_id: int
    card: Card
    outs_recorded: int = 0
    hits: int = 0
    runs: int = 0
    walks: int = 0
    strikeouts: int = 0
    homeruns: int = 0

    @property
    def innings_pitched(self) -> float:
        """As statistics write it: whole innings before the point, the outs of the next one, 0 to 2, behind it. So 5.2
        is five innings and two outs, and such figures must not be added up: add outs."""
        innings, outs = divmod(self.outs_recorded, OUTS_IN_A_HALF)
        return (innings * 10 + outs) / 10

    @property
    def whip(self) -> float | None:
        """Walks and hits per inning pitched, in hundredths, halves rounded up; None without an out."""
        return _quotient((self.walks + self.hits) * OUTS_IN_A_HALF, self.outs_recorded, 100)

    def plus(self, stats: PlayStats) -> "PitchingLine":
        """With one more play."""
        return replace(
            self,
            outs_recorded=self.outs_recorded + stats.outs_recorded,
            hits=self.hits + stats.hit,
            runs=self.runs + stats.runs,
            walks=self.walks + stats.bb,
            strikeouts=self.strikeouts + stats.so,
            homeruns=self.homeruns + stats.homerun,
        )


@dataclass(frozen=True, slots=True)
class BoxScore:
    """The lines of both teams; of the players the away team's come first, then by their first play in that role."""

    home: TeamLine
    away: TeamLine
    batting: tuple[BattingLine, ...]
    pitching: tuple[PitchingLine, ...]


def box_score(
    home_team_id: int, away_team_id: int, plays: Sequence[Play], lineup: Iterable[LineupEntry]
) -> BoxScore:
    """The box score of a game's plays, given in their order; those undone do not count, unfinished ones do.

    The lineup has everybody who bats or pitches in a play that counts.
    """
    standing = [play for play in plays if play.undone_by is None]
    entries = {entry.id: entry for entry in lineup}
    return BoxScore(
        home=_team_line(home_team_id, HalfInning.BOTTOM, standing),
        away=_team_line(away_team_id, HalfInning.TOP, standing),
        batting=_away_first(_batting(standing, entries), away_team_id),
        pitching=_away_first(_pitching(standing, entries), away_team_id),
    )


def _team_line(team_id: int, bats_in: HalfInning, plays: Sequence[Play]) -> TeamLine:
    at_bat = [play for play in plays if play.half is bats_in]
    runs = [0] * max((play.inning for play in at_bat), default=0)
    for play in at_bat:
        runs[play.inning - 1] += play.stats.runs
    return TeamLine(
        team_id=team_id,
        runs_by_inning=tuple(runs),
        runs=sum(runs),
        hits=sum(play.stats.hit for play in at_bat),
        errors=sum(play.stats.errors for play in plays if play.half is not bats_in),
    )


def _batting(plays: Sequence[Play], entries: Mapping[str, LineupEntry]) -> Iterable[BattingLine]:
    lines: dict[tuple[int, Card], BattingLine] = {}
    for play in plays:
        batter = entries[play.batter_id]
        key = (batter.team_id, batter.card)
        lines[key] = lines.get(key, BattingLine(*key)).plus(play.stats)
    return lines.values()


def _pitching(plays: Sequence[Play], entries: Mapping[str, LineupEntry]) -> Iterable[PitchingLine]:
    lines: dict[tuple[int, Card], PitchingLine] = {}
    for play in plays:
        pitcher = entries[play.pitcher_id]
        key = (pitcher.team_id, pitcher.card)
        lines[key] = lines.get(key, PitchingLine(*key)).plus(play.stats)
    return lines.values()


_Line = TypeVar("_Line", BattingLine, PitchingLine)


def _away_first(lines: Iterable[_Line], away_team_id: int) -> tuple[_Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.team_id != away_team_id))


def _quotient(dividend: int, divisor: int, parts: int) -> float | None:
    # In whole numbers up to the last step: no two machines round it differently.
    return (2 * parts * dividend + divisor) // (2 * divisor) / parts if divisor else None
