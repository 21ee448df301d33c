"""Reading pick and win rates."""

import json
from typing import Any

import pytest

from blizzard.parsers.hero_usage import UsageAnswer, read_hero_usage
from errors import PageUnreadable
from models.hero_usage import HeroUsage
from tests import synthetic_heroes as made
from tests.pages import BLIZZARD, needs_pages, page

RECORDED = BLIZZARD / "expected" / "hero_stats"


def as_recorded(answer: UsageAnswer, role: str) -> list[dict[str, Any]]:
    """Those of one role ("none" for all), in the shape and order of the recorded answers, the order by hero."""
    chosen = [row for row in answer.rows if role in ("none", row.role)]
    rows = [{"hero": row.hero_key, "pickrate": row.pickrate, "winrate": row.winrate} for row in chosen]
    return sorted(rows, key=lambda row: str(row["hero"]))


def recorded_filters() -> list[tuple[str, str, str]]:
    """Gamemode, map and role of each recorded answer ordered by hero."""
    names = sorted(path.stem for path in RECORDED.glob("*order_by=hero_asc.json"))
    return [tuple(part.partition("=")[2] for part in name.split(",")[:3]) for name in names]  # type: ignore[misc]


@needs_pages
@pytest.mark.pages
@pytest.mark.parametrize(("gamemode", "map_key", "role"), recorded_filters())
def test_the_saved_answer_gives_the_recorded_rates(gamemode: str, map_key: str, role: str) -> None:
    name = f"gamemode={gamemode},map={map_key},role={role},order_by=hero_asc"

    answer = read_hero_usage(page("pages/json/rates.json"))

    assert (answer.queue, answer.map_key) == ("1", "all-maps")
    assert as_recorded(answer, role) == json.loads(page(f"expected/hero_stats/{name}.json"))


def test_an_answer_says_what_it_is_about_and_has_a_row_per_hero() -> None:
    assert read_hero_usage(made.usage_answer(rq="2", map_key="old-harbour")) == UsageAnswer(
        queue="2",
        map_key="old-harbour",
        rows=(HeroUsage("quillon", "damage", 22.5, 51.0), HeroUsage("old-mill", "tank", 4.0, 47.25)),
    )


def test_a_number_for_the_kind_of_play_is_as_good_as_a_text() -> None:
    assert read_hero_usage(made.usage_answer(rq=1)).queue == "1"


def test_an_answer_may_have_no_rows() -> None:
    assert read_hero_usage(made.usage_answer([])) == UsageAnswer("0", "all-maps", ())


@pytest.mark.parametrize(
    ("sent", "rate"), [(-1, 0.0), (-1.0, 0.0), (0, 0.0), (-0.0, 0.0), (0.1, 0.1), (57, 57.0), (100, 100.0)]
)
def test_rates_are_per_cent_and_no_data_is_zero(sent: float, rate: float) -> None:
    (row,) = read_hero_usage(made.usage_answer([made.usage_row("quillon", sent, sent)])).rows

    assert (repr(row.pickrate), repr(row.winrate)) == (repr(rate), repr(rate))


@pytest.mark.parametrize("odd", [-0.1, -2, 100.1, 1e300, None, "50", True, [], {}])
def test_a_row_whose_rates_are_no_rates_is_left_out(odd: Any) -> None:
    rows = [made.usage_row("a", odd, 1), made.usage_row("b", 1, odd), made.usage_row("c", 1, 1)]

    assert [row.hero_key for row in read_hero_usage(made.usage_answer(rows)).rows] == ["c"]


@pytest.mark.parametrize(
    "odd",
    [
        1,
        None,
        "row",
        [],
        {},
        {"id": "a"},
        {"cells": {"pickrate": 1, "winrate": 1}},
        {"id": "a", "cells": []},
        {"id": "a", "cells": {"pickrate": 1}},
        made.usage_row("", 1, 1),
        made.usage_row("a\0", 1, 1),
    ],
)
def test_a_row_without_an_id_or_cells_is_left_out(odd: Any) -> None:
    answer = read_hero_usage(made.usage_answer([odd, made.usage_row("c", 1, 1)]))

    assert [row.hero_key for row in answer.rows] == ["c"]


def test_of_two_rows_of_one_hero_the_first_counts() -> None:
    rows = [made.usage_row("a", 1, 2), made.usage_row("b", 3, 4), made.usage_row("a", 5, 6)]

    answer = read_hero_usage(made.usage_answer(rows))

    assert [(row.hero_key, row.pickrate) for row in answer.rows] == [("a", 1.0), ("b", 3.0)]


@pytest.mark.parametrize(
    ("sent", "role"),
    [("SUPPORT", "support"), ("Future", "future"), ("", None), (None, None), (7, None), ("A\0", None)],
)
def test_a_role_is_in_lower_case_or_unknown(sent: Any, role: str | None) -> None:
    (row,) = read_hero_usage(made.usage_answer([made.usage_row("a", 1, 1, role=sent)])).rows

    assert row.role == role


@pytest.mark.parametrize("hero", [None, [], "x", 7, {}])
def test_a_row_that_tells_nothing_of_the_hero_has_no_role(hero: Any) -> None:
    row = {**made.usage_row("a", 1, 2), "hero": hero}

    assert read_hero_usage(made.usage_answer([row])).rows == (HeroUsage("a", None, 1.0, 2.0),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "<html></html>",
        '{"rates": []}',
        '{"selected": {"rq": "1", "map": "all-maps"}, "rates": []}',
        '{"rates": {"rates": []}}',
        '{"rates": {"selected": {"rq": "1"}, "rates": []}}',
        '{"rates": {"selected": {"map": "all-maps"}, "rates": []}}',
        '{"rates": {"selected": {"rq": null, "map": "all-maps"}, "rates": []}}',
        '{"rates": {"selected": {"rq": "1", "map": "all-maps"}, "rates": {}}}',
        '{"rates": {"selected": {"rq": "1", "map": "\\ud800"}, "rates": []}}',
        '{"rates": {"selected": {"rq": "1", "map": "\ud800"}, "rates": []}}',
        "[" * 200_000,
    ],
    ids=range(15),
)
def test_text_of_another_shape_is_unreadable(text: str) -> None:
    with pytest.raises(PageUnreadable, match="known shape"):
        read_hero_usage(text)
