"""The site: which page belongs to which address. No network and no clock: the time comes in with each question."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from blizzard.simulator.career_markup import ShownCareer, career_page
from blizzard.simulator.careers import played
from blizzard.simulator.hero_markup import NOT_FOUND_PAGE, hero_list_page, hero_page, home_page
from blizzard.simulator.heroes import hero_by_key, hero_cards, hero_facts, role_cards, simulated_heroes
from blizzard.simulator.pictures import picture
from blizzard.simulator.players import Moment, Players, SimulatedPlayer
from blizzard.simulator.search import search_answer
from blizzard.simulator.usage import usage_answer
from models.locales import Locale
from models.players import Platform

IMAGES = "/images"
_HTML = "text/html; charset=utf-8"
_JSON = "application/json"
_SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the site: status, text and its type; `location` is where a redirect leads.

    `player` is whose career page it is.
    """

    status: int
    text: str
    content_type: str = _HTML
    location: str | None = None
    player: SimulatedPlayer | None = None


NOT_FOUND = Page(404, NOT_FOUND_PAGE)


class Site:
    """Answers as Blizzard's site does, about invented heroes and the first `players` players of `seed`.

    `url` is the address it is reached at, which pictures' addresses start with. The same seed, address and time
    give the same texts.
    """

    def __init__(self, url: str, *, seed: int, players: int) -> None:
        self.players = Players(seed, players)
        self._seed = seed
        self._images = url + IMAGES

    def answer(self, path: str, query: Mapping[str, str], moment: Moment) -> Page:
        """The answer to a GET of `path` (as sent, percent-encoded) at a moment."""
        if path.startswith(IMAGES + "/"):
            return Page(200, picture(unquote(path)), _SVG)
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match parts:
            case ["en-us", "career", player_id]:
                return self._career(player_id, moment)
            case ["en-us", "search", "account-by-name", name]:
                text = search_answer(self.players.named(name), moment, self._images)
                return Page(200, text, _JSON)
            case ["en-us", "rates", "data"]:
                return Page(200, usage_answer(self._seed, query, self._images), _JSON)
            case [locale, *rest] if locale in _LOCALES:
                return self._localised(_LOCALES[locale], rest)
        return NOT_FOUND

    def career_text(self, player: SimulatedPlayer, moment: Moment) -> str:
        """A player's career page."""
        changes = moment.changes(player)
        shown = {platform: played(self._seed, player, platform, changes) for platform in Platform}
        return career_page(ShownCareer(player, moment.last_updated(player), shown), self._images)

    def _career(self, player_id: str, moment: Moment) -> Page:
        player = self.players.by_blizzard_id(player_id)
        if player is not None:
            return Page(200, self.career_text(player, moment), player=player)
        player = self.players.by_battletag(player_id)
        if player is None:
            return NOT_FOUND
        return Page(302, "", location=f"/en-us/career/{quote(player.blizzard_id, safe='')}/")

    def _localised(self, locale: Locale, rest: list[str]) -> Page:
        match rest:
            case []:
                return Page(200, home_page(role_cards(locale, self._images)))
            case ["heroes"]:
                new = (hero.key for hero in simulated_heroes(self._seed) if hero.is_new)
                return Page(200, hero_list_page(hero_cards(self._seed, self._images), new))
            case ["heroes", key] if key in hero_by_key(self._seed):
                return Page(200, _hero_text(self._seed, key, locale, self._images))
        return NOT_FOUND


@lru_cache(maxsize=128)
def _hero_text(seed: int, key: str, locale: Locale, images: str) -> str:
    return hero_page(key, hero_facts(seed, hero_by_key(seed)[key], locale, images), locale)


_LOCALES = {locale.value: locale for locale in Locale}
