"""Invented entries of the catalog for the tests of storage."""

from typing import TypeVar

from models.catalog import CatalogRecord, FetchedEntry
from models.heroes import (
    Ability,
    AbilityVideo,
    HeroBackground,
    HeroCard,
    HeroPage,
    Perk,
    Perks,
    Story,
    StoryChapter,
    StoryMedia,
    StoryMediaType,
)
from tests.storage.made import NOW

Facts = TypeVar("Facts")
Cards = tuple[HeroCard, ...]


def made_entry(
    facts: Facts, *, fetched_at: int = NOW, source: str = "<main>page</main>"
) -> FetchedEntry[Facts]:
    return FetchedEntry(facts, source, fetched_at, parser_version=4)


def made_cards(name: str = "Ana") -> Cards:
    return (
        HeroCard("ana", name, "https://portrait.png", "support", "survivor", ("quickplay", "stadium")),
        HeroCard("hanzo", "Hanzo", None, "damage", None, ()),
    )


def made_list(
    name: str = "Ana", *, fetched_at: int = NOW, source: str = "<main>page</main>"
) -> FetchedEntry[Cards]:
    """A list of heroes as fetched; another `name` is other facts."""
    return made_entry(made_cards(name), fetched_at=fetched_at, source=source)


def made_kept(key: str, entry: FetchedEntry[Facts], *, version: int = 1) -> CatalogRecord[Facts]:
    """What storage answers for an entry."""
    return CatalogRecord(key, entry.facts, version, entry.fetched_at, entry.parser_version)


def made_page() -> HeroPage:
    perk = Perk("Headhunter", "Aim higher.", "https://perk.png")
    film = AbilityVideo("https://film.jpg", "https://film.mp4", "https://film.webm")
    return HeroPage(
        name="Ana",
        description="A founder.",
        role="support",
        subrole="survivor",
        location="Cairo, Egypt",
        birthday="1 Jan",
        age=62,
        backgrounds=(HeroBackground("https://wide.jpg", ("min", "xl+")),),
        abilities=(
            Ability("Sleep Dart", "Sleep.", "https://dart.png", film),
            Ability("Nade", "Heal.", "https://nade.png", None),
        ),
        perks=Perks(minor=(perk,), major=()),
        stadium_powers=(perk,),
        story=Story(
            "Long ago.",
            StoryMedia(StoryMediaType.SHORT_STORY, "https://story"),
            (StoryChapter("One", "Once.", "https://one.jpg"),),
        ),
    )


def made_bare_page() -> HeroPage:
    return HeroPage(
        name="Ana",
        description=None,
        role=None,
        subrole=None,
        location=None,
        birthday=None,
        age=None,
        backgrounds=(),
        abilities=(),
        perks=None,
        stadium_powers=None,
        story=None,
    )
