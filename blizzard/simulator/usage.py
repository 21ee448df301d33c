"""Invented pick and win rates, in the JSON that upstream answers with."""

import json
from collections.abc import Mapping
from functools import lru_cache

from blizzard.reference import load_reference
from blizzard.simulator.draws import draw
from blizzard.simulator.heroes import SimulatedHero, simulated_heroes
from models.hero_usage import ALL_MAPS, HeroUsage

_PLAYED = frozenset({"clash", "control", "escort", "flashpoint", "hybrid", "push"})
_QUEUES = frozenset({"0", "1"})
_NO_DATA_SHARE = 0.06


def selected(query: Mapping[str, str]) -> dict[str, str]:
    """What upstream takes a query for: what it does not know is replaced by what it shows first."""
    queue, place = query.get("rq", "0"), query.get("map", ALL_MAPS)
    return {
        "input": query.get("input", "PC"),
        "map": place if place in _rated_maps() else ALL_MAPS,
        "region": query.get("region", "Americas"),
        "role": query.get("role", "All"),
        "rq": queue if queue in _QUEUES else "0",
        "tier": query.get("tier", "All"),
    }


@lru_cache(maxsize=1)
def _rated_maps() -> frozenset[str]:
    """The maps on which matches of either gamemode are played."""
    return frozenset(
        place.key for place in load_reference().maps if _PLAYED.intersection(place.gamemode_keys)
    )


def usage_facts(seed: int, query: Mapping[str, str]) -> tuple[HeroUsage, ...]:
    """The rates for a query, one row for each hero; "no data" is 0."""
    rows = (_row(seed, hero, query) for hero in simulated_heroes(seed))
    return tuple(HeroUsage(hero.key, hero.role, max(0.0, pick), max(0.0, win)) for hero, pick, win in rows)


def usage_answer(seed: int, query: Mapping[str, str], images: str) -> str:
    """The text of the answer to a query."""
    rows = [_row(seed, hero, query) for hero in simulated_heroes(seed)]
    rates = [
        {
            "id": hero.key,
            "cells": {"name": hero.name, "pickrate": pick, "winrate": win},
            "hero": {
                "color": f"{hero.color}ff",
                "name": hero.name,
                "portrait": f"{images}/heroes/{hero.key}.svg",
                "role": hero.role.upper(),
                "roleIcon": f"{images}/roles/{hero.role}.svg",
            },
        }
        for hero, pick, win in rows
    ]
    answer = {"rates": {"selected": selected(query), "rates": rates, "extrema": {}}, "columns": []}
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _row(seed: int, hero: SimulatedHero, query: Mapping[str, str]) -> tuple[SimulatedHero, float, float]:
    """Pick and win rate in per cent, one decimal; -1 where there were too few matches."""
    chance = draw(seed, "usage", *selected(query).values(), hero.key)
    pick, win = round(chance.uniform(0.5, 48), 1), round(chance.uniform(38, 60), 1)
    return (hero, -1, -1) if chance.random() < _NO_DATA_SHARE else (hero, pick, win)
