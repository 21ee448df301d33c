"""One game of nine innings written down by hand, with the box score that was added up by hand beside it.

Between two bars is a play: the place of the batter in the order, what happened, who is then on first, second and third
(by place in the order), and how many runs scored, `w` behind them where nobody batted them in. `sub` puts somebody else
in a place of the order of the team at bat, `new` another pitcher into the field.
"""

from dataclasses import dataclass, replace

from models.baseball import Play, PlayDraft, apply, play_from
from models.baseball_box_scores import BattingLine, PitchingLine, TeamLine, box_score
from models.baseball_lineups import Lineup, LineupEntryDraft, PlayerRef, active_lineup
from models.baseball_states import Bases, GameState, GameStatus, HalfInning
from models.baseball_stats import PlayStats
from models.baseball_substitutions import substitute
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME

SCRIPT = """
top 1:    1 1B 1-- 0 | 2 SB -1- 0 | 2 GO --1 0 | 3 SF --- 1 | 4 K --- 0
bottom 1: 1 BB 1-- 0 | 2 DP --- 0 | 3 2B -3- 0 | 4 1B 4-- 1 | 5 FO 4-- 0
top 2:    5 K --- 0 | 6 HBP 6-- 0 | 7 1B 76- 0 | 8 FO 76- 0 | 9 GO --- 0
bottom 2: 6 GO --- 0 | 7 K --- 0 | 8 GO --- 0
top 3:    1 FO --- 0 | 2 2B -2- 0 | 3 1B 3-- 1 | 4 HR --- 2 | 5 GO --- 0 | 6 K --- 0
bottom 3: 9 1B 9-- 0 | 1 SH -9- 0 | 2 1B 2-9 0 | 3 SF 2-- 1 | 4 CS --- 0
top 4:    7 BB 7-- 0 | 8 DP --- 0 | 9 K --- 0
bottom 4: 4 FO --- 0 | 5 E 5-- 0 | 6 K 5-- 0 | 7 GO --- 0
top 5:    1 K --- 0 | 2 GO --- 0 | 3 FO --- 0
bottom 5: 8 1B 8-- 0 | 9 WP -8- 0 | 9 1B 9-- 1 | 1 FO 9-- 0 | 2 K 9-- 0 | 3 HR --- 2 | new ap2 | 4 GO --- 0
top 6:    4 2B -4- 0 | 5 GO --4 0 | 6 WP --- 1w | 6 1B 6-- 0 | 7 DP --- 0
bottom 6: 5 BB 5-- 0 | 6 FC 6-- 0 | 7 K 6-- 0 | 8 GO --- 0
top 7:    new hp2 | 8 K --- 0 | 9 K --- 0 | 1 3B --1 0 | 2 GO --- 0
bottom 7: 9 GO --- 0 | 1 FO --- 0 | 2 1B 2-- 0 | 3 K 2-- 0
top 8:    3 BB 3-- 0 | 4 K 3-- 0 | 5 1B 53- 0 | sub 6 | 6 PO 5-- 0 | 6 K 5-- 0
bottom 8: 4 1B 4-- 0 | sub 4 | 5 SB -4- 0 | 5 FO -4- 0 | 6 GO --4 0 | 7 FO --4 0
top 9:    new hp3 | 7 FO --- 0 | 8 2B -8- 0 | 9 GO --8 0 | 1 K --8 0
bottom 9: new ap3 | 8 K --- 0 | 9 BB 9-- 0 | 1 1B 1-9 0 | 2 BB 219 0 | 3 FO 219 0 | 4 1B 421 1
"""

AT_BAT = PlayStats(pa=1, ab=1)
OUT = replace(AT_BAT, outs_recorded=1)
HIT = replace(AT_BAT, hit=1)
SACRIFICE = PlayStats(pa=1, sac=1, outs_recorded=1)
OUTCOMES = {
    "1B": HIT,
    "2B": replace(HIT, double=1),
    "3B": replace(HIT, triple=1),
    "HR": replace(HIT, homerun=1),
    "BB": PlayStats(pa=1, bb=1),
    "HBP": PlayStats(pa=1, hbp=1),
    "K": replace(OUT, so=1),
    "GO": OUT,
    "FO": OUT,
    "FC": OUT,
    "DP": replace(OUT, outs_recorded=2),
    "SF": SACRIFICE,
    "SH": SACRIFICE,
    "E": replace(AT_BAT, errors=1),
    "SB": PlayStats(stolen_bases=1),
    "CS": PlayStats(caught_stealing=1, outs_recorded=1),
    "PO": PlayStats(outs_recorded=1),
    "WP": PlayStats(),
}


@dataclass
class Scorer:
    """Writes down what it is told; its entries are players whose numbers are counted from 1001 and 2001."""

    state: GameState
    lineup: Lineup
    plays: tuple[Play, ...] = ()

    def bring(self, name: str, team_id: int, order: int | None, leaves: str | None) -> None:
        number = team_id * 100 + 1 + sum(each.team_id == team_id for each in self.lineup)
        draft = LineupEntryDraft(
            name, team_id, PlayerRef(number), "DH" if order else "P", order, True, leaves
        )
        self.lineup, self.state = substitute(
            self.lineup, self.state, [draft], len(self.plays), game_id=GAME_ID, sequence=0
        )

    def at(self, place: str) -> str | None:
        """The entry in a place of the order of the team at bat."""
        active = active_lineup(self.lineup, self.state.batting_team_id)
        return None if place == "-" else next(each.id for each in active if str(each.batting_order) == place)

    def record(self, words: list[str]) -> None:
        place, outcome, bases, scored = words
        batter, pitcher = self.at(place), active_lineup(self.lineup, self.state.fielding_team_id)[-1]
        assert batter is not None
        runs = int(scored[0])
        stats = replace(OUTCOMES[outcome], runs=runs, rbi=0 if scored.endswith("w") else runs)
        on_base = Bases(*(self.at(each) for each in bases))
        draft = PlayDraft(f"play {len(self.plays)}", batter, pitcher.id, on_base, stats, outcome)
        number = len(self.plays) + 1
        play = play_from(draft, self.state, game_id=GAME_ID, sequence=number, number=number, now=number)
        self.state = apply(self.state, draft, self.lineup)
        self.plays += (play,)

    def follow(self, words: list[str]) -> None:
        if words[0] == "sub":
            leaves = self.at(words[1])
            self.bring(f"{leaves}x", self.state.batting_team_id, int(words[1]), leaves)
        elif words[0] == "new":
            team_id = self.state.fielding_team_id
            self.bring(words[1], team_id, None, active_lineup(self.lineup, team_id)[-1].id)
        else:
            self.record(words)


def scored_game() -> tuple[Scorer, list[str]]:
    """The game after its last play, and where its halves began: what stands before the colons of the script."""
    scorer = Scorer(GameState(HOME, AWAY), ())
    for order in range(1, 10):
        scorer.bring(f"a{order}", AWAY, order, None)
        scorer.bring(f"h{order}", HOME, order, None)
    scorer.bring("ap", AWAY, None, None)
    scorer.bring("hp", HOME, None, None)
    halves = []
    for line in SCRIPT.strip().splitlines():
        halves.append(f"{scorer.state.half.value} {scorer.state.inning}")
        for each in line.split(":")[1].split("|"):
            scorer.follow(each.split())
    return scorer, halves


def batting(team_id: int, number: int, figures: str) -> BattingLine:
    return BattingLine(team_id, PlayerRef(number), *(int(figure) for figure in figures.split()))


def test_the_halves_change_where_the_script_says() -> None:
    _, halves = scored_game()

    assert halves == [line.split(":")[0] for line in SCRIPT.strip().splitlines()]


def test_the_game_ends_with_its_walk_off() -> None:
    scorer, _ = scored_game()

    assert scorer.state == GameState(
        HOME,
        AWAY,
        inning=9,
        half=HalfInning.BOTTOM,
        outs=2,
        bases=Bases("h4x", "h2", "h1"),
        home_score=6,
        away_score=5,
        status=GameStatus.COMPLETED,
        winner_team_id=HOME,
    )
    assert len(scorer.plays) == 83
    assert sum(play.stats.pa for play in scorer.plays) == 77


def test_the_line_scores_are_those_added_up_by_hand() -> None:
    scorer, _ = scored_game()

    box = box_score(HOME, AWAY, scorer.plays, scorer.lineup)

    assert box.away == TeamLine(AWAY, (1, 0, 3, 0, 0, 1, 0, 0, 0), runs=5, hits=10, errors=1)
    assert box.home == TeamLine(HOME, (1, 0, 1, 0, 3, 0, 0, 0, 1), runs=6, hits=11, errors=0)


def test_the_batting_lines_are_those_added_up_by_hand() -> None:
    scorer, _ = scored_game()

    box = box_score(HOME, AWAY, scorer.plays, scorer.lineup)

    assert box.batting == (
        #                  pa ab  r  h 2b 3b hr bi bb so hb sa sb cs
        batting(AWAY, 1001, "5 5  0  2  0  1  0  0  0  2  0  0  0  0"),
        batting(AWAY, 1002, "4 4  0  1  1  0  0  0  0  0  0  0  1  0"),
        batting(AWAY, 1003, "4 2  2  1  0  0  0  2  1  0  0  1  0  0"),
        batting(AWAY, 1004, "4 4  2  2  1  0  1  2  0  2  0  0  0  0"),
        batting(AWAY, 1005, "4 4  0  1  0  0  0  0  0  1  0  0  0  0"),
        batting(AWAY, 1006, "3 2  1  1  0  0  0  0  0  1  1  0  0  0"),
        batting(AWAY, 1007, "4 3  0  1  0  0  0  0  1  0  0  0  0  0"),
        batting(AWAY, 1008, "4 4  0  1  1  0  0  0  0  1  0  0  0  0"),
        batting(AWAY, 1009, "4 4  0  0  0  0  0  0  0  2  0  0  0  0"),
        batting(AWAY, 1012, "1 1  0  0  0  0  0  0  0  1  0  0  0  0"),
        batting(HOME, 2001, "5 3  0  1  0  0  0  0  1  0  0  1  0  0"),
        batting(HOME, 2002, "5 4  0  2  0  0  0  0  1  1  0  0  0  0"),
        batting(HOME, 2003, "5 4  3  2  1  0  1  3  0  1  0  1  0  0"),
        batting(HOME, 2004, "4 4  1  2  0  0  0  1  0  0  0  0  0  1"),
        batting(HOME, 2005, "4 3  0  0  0  0  0  0  1  0  0  0  1  0"),
        batting(HOME, 2006, "4 4  0  0  0  0  0  0  0  1  0  0  0  0"),
        batting(HOME, 2007, "4 4  0  0  0  0  0  0  0  2  0  0  0  0"),
        batting(HOME, 2008, "4 4  0  1  0  0  0  0  0  1  0  0  0  0"),
        batting(HOME, 2009, "4 3  1  2  0  0  0  1  1  0  0  0  0  0"),
        batting(HOME, 2012, "1 1  1  1  0  0  0  1  0  0  0  0  0  0"),
    )


def test_the_pitching_lines_are_those_added_up_by_hand() -> None:
    scorer, _ = scored_game()

    box = box_score(HOME, AWAY, scorer.plays, scorer.lineup)

    assert box.pitching == (
        #                                      outs  h  r bb so hr
        PitchingLine(AWAY, PlayerRef(1010), 14, 7, 5, 1, 3, 1),
        PitchingLine(AWAY, PlayerRef(1011), 10, 2, 0, 1, 2, 0),
        PitchingLine(AWAY, PlayerRef(1013), 2, 2, 1, 2, 1, 0),
        PitchingLine(HOME, PlayerRef(2010), 18, 7, 5, 1, 5, 1),
        PitchingLine(HOME, PlayerRef(2011), 6, 2, 0, 1, 4, 0),
        PitchingLine(HOME, PlayerRef(2013), 3, 1, 0, 0, 1, 0),
    )
    assert [line.innings_pitched for line in box.pitching] == [4.2, 3.1, 0.2, 6.0, 2.0, 1.0]
    assert [line.whip for line in box.pitching] == [1.71, 0.9, 6.0, 1.33, 1.5, 1.0]
    assert [line.average for line in box.batting[:4]] == [0.4, 0.25, 0.5, 0.5]
