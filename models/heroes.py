"""Heroes: who can be played, in which role and gamemodes, what they can do, and their story.

A hero is put together from up to three sources: the bundled table (`Hero` with its defaults), the card on the
list page (`HeroCard`) and the hero's own page (`HeroPage`), the last two in one language each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from models.locales import Locale
from models.roles import RoleKey


@dataclass(frozen=True, slots=True)
class HitPoints:
    """Health, armor and shields at the start of a fight; `total` is their sum."""

    health: int
    armor: int
    shields: int
    total: int


@dataclass(frozen=True, slots=True)
class HeroBackground:
    """A wide picture; `sizes` are the screen sizes it is made for: min, xs, sm, md, lg, xl+."""

    url: str
    sizes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AbilityVideo:
    """A short film of an ability; all three are URLs."""

    thumbnail: str
    mp4: str
    webm: str


@dataclass(frozen=True, slots=True)
class Ability:
    """Something a hero can do; `icon` is a URL."""

    name: str
    description: str
    icon: str
    video: AbilityVideo | None


@dataclass(frozen=True, slots=True)
class Perk:
    """A perk, or a power of the Stadium gamemode; `icon` is a URL."""

    name: str
    description: str
    icon: str


@dataclass(frozen=True, slots=True)
class Perks:
    """The perks to choose from in a match."""

    minor: tuple[Perk, ...]
    major: tuple[Perk, ...]


class StoryMediaType(Enum):
    """What a story's link leads to."""

    VIDEO = "video"
    SHORT_STORY = "short-story"
    COMIC = "comic"


@dataclass(frozen=True, slots=True)
class StoryMedia:
    """A film, a short story or a comic about a hero; `link` is a URL."""

    type: StoryMediaType
    link: str


@dataclass(frozen=True, slots=True)
class StoryChapter:
    """A part of a hero's story; `picture` is a URL."""

    title: str
    content: str
    picture: str


@dataclass(frozen=True, slots=True)
class Story:
    """Where a hero comes from."""

    summary: str
    media: StoryMedia | None
    chapters: tuple[StoryChapter, ...]


@dataclass(frozen=True, slots=True)
class HeroCard:
    """A hero on the list page. `role` and `subrole` are keys as the page has them, the same in every language."""

    key: str
    name: str
    portrait: str | None
    role: str
    subrole: str | None
    gamemode_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeroPage:
    """A hero's own page. Texts are in the page's language; what the page lacks is None or empty."""

    name: str
    description: str | None
    role: str | None
    subrole: str | None
    location: str | None
    birthday: str | None
    age: int | None
    backgrounds: tuple[HeroBackground, ...]
    abilities: tuple[Ability, ...]
    perks: Perks | None
    stadium_powers: tuple[Perk, ...] | None
    story: Story | None


@dataclass(frozen=True, slots=True)
class Hero:
    """A hero as served, put together from the bundled table and the list page; its own page is read when asked for.

    `gamemode_keys` are quickplay and, for some, stadium. `locale` is the language of its texts. `fetched_at` is when
    upstream last confirmed the list page (milliseconds since 1970), None when all of it is bundled. `awaits_page`
    says that whoever asked for this one hero will wait for its page.
    """

    key: str
    name: str
    role_key: RoleKey
    subrole: str | None
    gamemode_keys: tuple[str, ...]
    hitpoints: HitPoints | None
    portrait: str | None = None
    locale: Locale = Locale.EN_US
    fetched_at: int | None = None
    awaits_page: bool = False


def merge_cards(
    bundled: Iterable[Hero], cards: Iterable[HeroCard], locale: Locale, fetched_at: int
) -> tuple[Hero, ...]:
    """The heroes of a list page with what only the bundled table knows, and bundled ones that the page lacks.

    A card of a role that no hero has had so far is left out: every hero has one of the three.
    """
    known = {hero.key: hero for hero in bundled}
    roles = {role.value: role for role in RoleKey}
    on_page = {
        card.key: Hero(
            key=card.key,
            name=card.name,
            role_key=roles[card.role],
            subrole=card.subrole,
            gamemode_keys=card.gamemode_keys,
            hitpoints=known[card.key].hitpoints if card.key in known else None,
            portrait=card.portrait,
            locale=locale,
            fetched_at=fetched_at,
        )
        for card in cards
        if card.role in roles
    }
    left = (replace(hero, locale=locale) for key, hero in known.items() if key not in on_page)
    return (*on_page.values(), *left)
