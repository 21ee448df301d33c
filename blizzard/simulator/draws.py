"""Chance that repeats: whatever is invented is drawn from a seed and the name of the thing it is drawn for."""

import random


def draw(seed: int, *names: object) -> random.Random:
    """A source of numbers of its own for each seed and names; the same in every run and on every machine."""
    return random.Random("/".join(map(str, (seed, *names))))  # noqa: S311  # invents pages, guards nothing
