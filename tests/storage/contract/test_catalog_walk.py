"""Random walks through the catalog, compared after each step with a model of plain dictionaries."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from models.catalog import HERO_USAGE, HEROES, CatalogKind, CatalogRecord, FetchedEntry
from models.hero_usage import HeroUsage
from storage import Storage
from tests.storage.made import NOW
from tests.storage.made_catalog import made_cards, made_entry, made_kept
from tests.storage.probes import walk_differences

KINDS: list[CatalogKind[Any]] = [HEROES, HERO_USAGE]
KEYS = ["en-us", "fr-fr", "ja-jp"]
STEPS = 150


@dataclass
class Model:
    """What the contract says, in dictionaries."""

    records: dict[str, dict[str, CatalogRecord[Any]]] = field(
        default_factory=lambda: {kind.name: {} for kind in KINDS}
    )
    sources: dict[str, dict[str, str]] = field(default_factory=lambda: {kind.name: {} for kind in KINDS})

    def save(self, kind: str, key: str, entry: FetchedEntry[Any]) -> CatalogRecord[Any]:
        old = self.records[kind].get(key)
        if old is None or entry.fetched_at >= old.fetched_at:
            version = 1 if old is None else old.version + (old.facts != entry.facts)
            self.records[kind][key] = made_kept(key, entry, version=version)
            self.sources[kind][key] = entry.source
        return self.records[kind][key]


@dataclass
class Walk:
    """One walk; the seed decides every step."""

    storage: Storage
    draw: random.Random
    model: Model = field(default_factory=Model)

    async def differences(self) -> list[str]:
        """Take all steps; what storage answered otherwise than the model."""
        return await walk_differences(STEPS, self._step, self._is_equal)

    async def _step(self) -> tuple[str, object, object]:
        kind, key = self.draw.choice(KINDS), self.draw.choice(KEYS)
        entry = self._entry(kind)
        actual = await self.storage.catalog.save(kind, key, entry)
        return f"save {kind.name} {key}", self.model.save(kind.name, key, entry), actual

    def _entry(self, kind: CatalogKind[Any]) -> FetchedEntry[Any]:
        number = self.draw.randrange(3)
        facts = (
            made_cards(f"Ana {number}") if kind is HEROES else (HeroUsage("ana", None, number + 0.5, 50.0),)
        )
        at, source = NOW + self.draw.randrange(20), f"page {self.draw.random()}"
        return replace(
            made_entry(facts, fetched_at=at, source=source), parser_version=self.draw.randrange(1, 4)
        )

    async def _is_equal(self) -> bool:
        catalog = self.storage.catalog
        return {kind.name: await catalog.get_many(kind, KEYS) for kind in KINDS} == self.model.records and {
            kind.name: await catalog.get_sources(kind, KEYS) for kind in KINDS
        } == self.model.sources


@pytest.mark.parametrize("seed", range(5))
async def test_a_random_walk_through_the_catalog_agrees_with_plain_dictionaries(
    storage: Storage, seed: int
) -> None:
    walk = Walk(storage, random.Random(seed))

    differences = await walk.differences()

    assert differences == []
    assert [set(walk.model.records[kind.name]) for kind in KINDS] == [set(KEYS)] * 2
