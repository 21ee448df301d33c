"""Which statistics a career page shows of a hero, in which order, and how it writes their values."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

Number = int | float


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the figure it shows, its label, the label when the value is 1, and how the value is written."""

    key: str
    label: str
    label_of_one: str
    write: Callable[[Number], str]


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that is counted in matches; `rate` is how often in ten minutes, least and most.

    `one` is its label in the singular, None for amounts (damage, healing) and times.
    """

    key: str
    label: str
    one: str | None
    category: str
    rate: tuple[float, float]
    is_time: bool = False
    has_life: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The statistics of a hero: categories in the page's order, each with its rows."""

    categories: tuple[tuple[str, tuple[Row, ...]], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A category in which the page compares heroes."""

    category_id: str
    key: str
    label: str
    figure: str
    write: Callable[[Number], str]


def write_count(value: Number) -> str:
    """1234 -> "1,234"."""
    return f"{value:,}"


def write_decimal(value: Number) -> str:
    """7 -> "7.00"."""
    return f"{value:,.2f}"


def write_percent(value: Number) -> str:
    """46 -> "46%"."""
    return f"{value}%"


def write_duration(value: Number) -> str:
    """Seconds as "MM:SS", from an hour on as "H:MM:SS" with commas in the hours."""
    minutes, seconds = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


COUNTED = (
    Counted("eliminations", "Eliminations", "Elimination", "Combat", (8, 25), has_life=True),
    Counted("final_blows", "Final Blows", "Final Blow", "Combat", (3, 11)),
    Counted("solo_kills", "Solo Kills", "Solo Kill", "Combat", (0.2, 2)),
    Counted("objective_kills", "Objective Kills", "Objective Kill", "Combat", (3, 10)),
    Counted("environmental_kills", "Environmental Kills", "Environmental Kill", "Combat", (0, 0.2)),
    Counted("melee_final_blows", "Melee Final Blows", "Melee Final Blow", "Combat", (0, 0.4)),
    Counted("multikills", "Multikills", "Multikill", "Combat", (0.1, 1)),
    Counted("critical_hits", "Critical Hits", "Critical Hit", "Combat", (0, 40), has_life=True),
    Counted("critical_hit_kills", "Critical Hit Kills", "Critical Hit Kill", "Combat", (0, 4)),
    Counted("deaths", "Deaths", "Death", "Combat", (4, 10)),
    Counted("all_damage_done", "All Damage Done", None, "Combat", (5000, 12000), has_life=True),
    Counted("hero_damage_done", "Hero Damage Done", None, "Combat", (3000, 8000), has_life=True),
    Counted("objective_time", "Objective Time", None, "Combat", (60, 150), is_time=True),
    Counted("obj_contest_time", "Obj Contest Time", None, "Combat", (20, 80), is_time=True),
    Counted("time_spent_on_fire", "Time Spent on Fire", None, "Combat", (10, 90), is_time=True),
    Counted("assists", "Assists", "Assist", "Assists", (2, 14)),
    Counted("offensive_assists", "Offensive Assists", "Offensive Assist", "Assists", (0, 9)),
    Counted("defensive_assists", "Defensive Assists", "Defensive Assist", "Assists", (0, 9)),
    Counted("healing_done", "Healing Done", None, "Assists", (50, 900)),
    Counted("self_healing", "Self Healing", None, "Hero Specific", (50, 900)),
)
"""What every hero has; what a hero did not do even once is not on its page."""

COMPARISONS = tuple(
    Comparison(f"0x{0x0860000000000000 + number:016X}", key, label, figure, write)
    for number, key, label, figure, write in (
        (0x21, "time_played", "Time Played", "time_played", write_duration),
        (0x39, "games_won", "Games Won", "games_won", write_count),
        (0x3D1, "win_percentage", "Win Percentage", "win_percentage", write_percent),
        (
            0x1BB,
            "weapon_accuracy_best_in_game",
            "Weapon Accuracy - Best in Game",
            "weapon_accuracy_best_in_game",
            write_percent,
        ),
        (
            0x3D2,
            "eliminations_per_life",
            "Eliminations per Life",
            "eliminations_per_life",
            write_decimal,
        ),
        (0x223, "kill_streak_best", "Kill Streak - Best", "kill_streak_best", write_count),
        (0x346, "multikill_best", "Multikill - Best", "multikill_best", write_count),
        *(
            (number, f"{key}_avg_per_10_min", f"{label} - Avg per 10 Min", f"{key}_avg_per_10_min", write)
            for number, key, label, write in (
                (0x4D4, "eliminations", "Eliminations", write_decimal),
                (0x4D3, "deaths", "Deaths", write_decimal),
                (0x4D5, "final_blows", "Final Blows", write_decimal),
                (0x4DA, "solo_kills", "Solo Kills", write_decimal),
                (0x4D8, "objective_kills", "Objective Kills", write_decimal),
                (0x4D9, "objective_time", "Objective Time", write_duration),
                (0x4BD, "hero_damage_done", "Hero Damage Done", write_count),
                (0x4D6, "healing_done", "Healing Done", write_count),
            )
        ),
    )
)
"""The comparisons in the page's order, under the ids by which upstream knows them."""


def has_decimals(each: Counted) -> bool:
    """Whether the average of what is counted has two decimals: amounts and times have none."""
    return not each.is_time and each.rate[1] < 500


def counted_abilities(abilities: tuple[str, ...]) -> tuple[Counted, ...]:
    """What is counted of a hero's abilities."""
    return tuple(_ability_kills(ability) for ability in abilities)


@lru_cache(maxsize=512)
def _ability_kills(ability: str) -> Counted:
    label = f"{ability} Eliminations"
    return Counted(label.lower().replace(" ", "_"), label, None, "Hero Specific", (0.5, 6))


@lru_cache(maxsize=256)
def sheet(abilities: tuple[str, ...]) -> Sheet:
    """The sheet of a hero with these abilities; without any, that of all heroes together."""
    counted = (*COUNTED, *counted_abilities(abilities))
    usual = [each for each in counted if each.category != "Hero Specific"]
    special = [each for each in counted if each.category == "Hero Specific"] if abilities else []
    combat = [_total(each) for each in usual if each.category == "Combat"]
    accuracy = [Row("weapon_accuracy", "Weapon Accuracy", "Weapon Accuracy", write_percent)]
    of_abilities = [row for each in special for row in (_total(each), _best(each), _average(each))]
    return Sheet(
        (
            ("Best", (*map(_best, usual), *_lives(usual), *_OTHER_BESTS)),
            ("Average", (*map(_average, usual), _PER_LIFE)),
            ("Game", _GAME),
            ("Combat", (*combat, *accuracy)),
            ("Assists", tuple(_total(each) for each in usual if each.category == "Assists")),
            ("Match Awards", (Row("cards", "Cards", "Card", write_count),)),
            ("Hero Specific", tuple(of_abilities)),
        )
    )


_OTHER_BESTS = (
    Row("multikill_best", "Multikill - Best", "Multikill - Best", write_count),
    Row("kill_streak_best", "Kill Streak - Best", "Kill Streak - Best", write_count),
    Row(
        "weapon_accuracy_best_in_game",
        "Weapon Accuracy - Best in Game",
        "Weapon Accuracy - Best in Game",
        write_percent,
    ),
)
_PER_LIFE = Row("eliminations_per_life", "Eliminations per Life", "Eliminations per Life", write_decimal)
_GAME = (
    Row("time_played", "Time Played", "Time Played", write_duration),
    Row("games_played", "Games Played", "Game Played", write_count),
    Row("games_won", "Games Won", "Game Won", write_count),
    Row("games_lost", "Games Lost", "Game Lost", write_count),
    Row("win_percentage", "Win Percentage", "Win Percentage", write_percent),
    # Real pages repeat this row with counts of single maps and modes, which are not to be taken for the sum.
    Row("repeated_games_won", "Games Won", "Game Won", write_count),
)


def _total(each: Counted) -> Row:
    return Row(each.key, each.label, each.one or each.label, _whole(each))


def _best(each: Counted) -> Row:
    return _ended(each, "_most_in_game", " - Most in Game", _whole(each))


def _average(each: Counted) -> Row:
    return _ended(each, "_avg_per_10_min", " - Avg per 10 Min", _average_writer(each))


def _lives(counted: list[Counted]) -> list[Row]:
    return [
        _ended(each, "_most_in_life", " - Most in Life", _whole(each)) for each in counted if each.has_life
    ]


def _ended(each: Counted, key_end: str, label_end: str, write: Callable[[Number], str]) -> Row:
    return Row(each.key + key_end, each.label + label_end, (each.one or each.label) + label_end, write)


def _whole(each: Counted) -> Callable[[Number], str]:
    return write_duration if each.is_time else write_count


def _average_writer(each: Counted) -> Callable[[Number], str]:
    if each.is_time:
        return write_duration
    return write_decimal if has_decimals(each) else write_count
