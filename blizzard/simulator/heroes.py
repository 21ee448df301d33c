"""Invented heroes: the keys and names that everybody knows, two that no table has yet, and all else made up."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from blizzard.reference import load_reference
from blizzard.simulator.draws import draw
from blizzard.simulator.languages import LANGUAGES, Language, tag
from blizzard.simulator.words import ADJECTIVES, NOUNS, PLACES
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
from models.locales import Locale
from models.roles import RoleCard, RoleKey

_SIZES = (("min", "xs", "sm"), ("md", "lg"), ("xl+",))
_POWERS = 12


@dataclass(frozen=True, slots=True)
class SimulatedHero:
    """A hero that the simulator's pages tell of. `color` is six hex digits; `is_new` means: in no table yet."""

    key: str
    name: str
    role: str
    subrole: str
    is_in_stadium: bool
    color: str
    abilities: tuple[str, ...]
    is_new: bool = False


_NEW_HEROES = (
    ("brass-lantern", "Brass Lantern", "tank", "bruiser", False),
    ("fennel", "Fennel", "support", "medic", True),
)


@lru_cache(maxsize=4)
def simulated_heroes(seed: int) -> tuple[SimulatedHero, ...]:
    """All heroes, the new ones first as on Blizzard's list, then by name."""
    known = (
        (hero.key, hero.name, hero.role_key.value, hero.subrole or "", "stadium" in hero.gamemode_keys)
        for hero in load_reference().heroes
    )
    new = tuple(SimulatedHero(*hero, *_look(seed, hero[0]), is_new=True) for hero in _NEW_HEROES)
    old = (SimulatedHero(*hero, *_look(seed, hero[0])) for hero in known)
    return (*new, *sorted(old, key=lambda hero: hero.name))


@lru_cache(maxsize=4)
def hero_by_key(seed: int) -> dict[str, SimulatedHero]:
    """The heroes by their keys; not to be changed."""
    return {hero.key: hero for hero in simulated_heroes(seed)}


def _look(seed: int, key: str) -> tuple[str, tuple[str, ...]]:
    """Color and abilities."""
    chance = draw(seed, "hero", key)
    count = chance.randint(3, 5)
    names = zip(chance.sample(ADJECTIVES, count), chance.sample(NOUNS, count), strict=True)
    return f"{chance.randrange(1 << 24):06x}", tuple(f"{first} {second}" for first, second in names)


def hero_cards(seed: int, images: str) -> tuple[HeroCard, ...]:
    """What the list page shows, in its order; `images` is the URL in front of every picture's path."""
    return tuple(
        HeroCard(
            key=hero.key,
            name=hero.name,
            portrait=f"{images}/heroes/{hero.key}.svg",
            role=hero.role,
            subrole=hero.subrole,
            gamemode_keys=("quickplay", "stadium") if hero.is_in_stadium else ("quickplay",),
        )
        for hero in simulated_heroes(seed)
    )


def role_cards(locale: Locale, images: str) -> tuple[RoleCard, ...]:
    """What the home page shows of the roles."""
    language = LANGUAGES[locale]
    return tuple(
        RoleCard(
            key=role.value,
            name=name.capitalize(),
            icon=f"{images}/roles/{role.value.capitalize()}.svg",
            description=language.role.format(name=name) + tag(locale),
        )
        for role, name in zip(RoleKey, language.roles, strict=True)
    )


def hero_facts(seed: int, hero: SimulatedHero, locale: Locale, images: str) -> HeroPage:
    """Everything a hero's own page says in one language; names, places and figures are the same in all."""
    chance = draw(seed, "page", hero.key)
    language = LANGUAGES[locale]
    place = chance.choice(PLACES)
    birthday, age = _birthday(chance, language)
    return HeroPage(
        name=hero.name,
        description=language.hero.format(name=hero.name, place=place) + tag(locale),
        role=hero.role,
        subrole=hero.subrole,
        location=place,
        birthday=birthday,
        age=age,
        backgrounds=tuple(
            HeroBackground(f"{images}/backgrounds/{hero.key}-{number}.svg", sizes)
            for number, sizes in enumerate(_SIZES)
        ),
        abilities=tuple(_ability(hero, number, locale, images) for number in range(len(hero.abilities))),
        perks=Perks(_perks(chance, hero, locale, images), _perks(chance, hero, locale, images)),
        stadium_powers=_powers(chance, hero, locale, images) if hero.is_in_stadium else None,
        story=_story(chance, hero, locale, place, images),
    )


def birthday_line(page: HeroPage, locale: Locale) -> str:
    """The line that tells birthday and age of `page` as pages in that language write it."""
    language = LANGUAGES[locale]
    birthday = page.birthday or language.unknown
    return birthday if page.age is None else language.age.format(birthday=birthday, age=page.age)


def _birthday(chance: Random, language: Language) -> tuple[str | None, int | None]:
    """Birthday and age. Of some heroes only the age is known, of some neither; a birthday never comes alone."""
    is_known, has_age = chance.random() < 0.8, chance.random() < 0.9
    month, day, age = chance.choice(range(12)), chance.randint(1, 28), chance.randint(17, 80)
    birthday = language.birthday.format(month=language.months.split()[month], day=day)
    return (birthday if is_known and has_age else None), (age if has_age else None)


def _ability(hero: SimulatedHero, number: int, locale: Locale, images: str) -> Ability:
    name = hero.abilities[number]
    films = f"{images}/films/{hero.key}-{number}"
    return Ability(
        name=name,
        description=LANGUAGES[locale].ability.format(thing=name) + tag(locale),
        icon=f"{images}/abilities/{hero.key}-{number}.svg",
        video=AbilityVideo(f"{films}.svg", f"{films}.mp4", f"{films}.webm"),
    )


def _perks(chance: Random, hero: SimulatedHero, locale: Locale, images: str) -> tuple[Perk, ...]:
    return tuple(_perk(chance, hero, LANGUAGES[locale].perk, locale, images) for _ in range(2))


def _powers(chance: Random, hero: SimulatedHero, locale: Locale, images: str) -> tuple[Perk, ...]:
    return tuple(_perk(chance, hero, LANGUAGES[locale].power, locale, images) for _ in range(_POWERS))


def _perk(chance: Random, hero: SimulatedHero, sentence: str, locale: Locale, images: str) -> Perk:
    name = f"{chance.choice(NOUNS)} of {chance.choice(ADJECTIVES)}"
    text = sentence.format(thing=chance.choice(hero.abilities)) + tag(locale)
    return Perk(name, text, f"{images}/perks/{name.replace(' ', '-').lower()}.svg")


def _story(chance: Random, hero: SimulatedHero, locale: Locale, place: str, images: str) -> Story:
    language = LANGUAGES[locale]
    return Story(
        summary=language.summary.format(name=hero.name, place=place) + tag(locale),
        media=_media(chance, hero, images),
        chapters=tuple(
            StoryChapter(
                title=title,
                content=language.chapter.format(name=hero.name, place=place) + tag(locale),
                picture=f"{images}/stories/{hero.key}-{number}.svg",
            )
            for number, title in enumerate(language.chapters)
        ),
    )


def _media(chance: Random, hero: SimulatedHero, images: str) -> StoryMedia | None:
    kind = chance.choice((*StoryMediaType, None))
    if kind is None:
        return None
    if kind is StoryMediaType.VIDEO:
        # Shorter than any real one, so that it can never lead to somebody's film.
        return StoryMedia(kind, f"https://youtu.be/sim-{draw(0, hero.key).randrange(1000):03d}")
    return StoryMedia(kind, f"{images}/stories/{hero.key}.svg")
