"""What Blizzard publishes for everybody: heroes, roles, pick rates and the player search, fetched and read."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

from blizzard.client import Upstream, UpstreamPage
from blizzard.ids import path_segment, search_path
from blizzard.parsers.hero_lists import read_hero_list
from blizzard.parsers.hero_pages import read_hero_page
from blizzard.parsers.hero_usage import UsageAnswer, read_hero_usage
from blizzard.parsers.page_parts import CATALOG_PARSER_VERSION
from blizzard.parsers.roles import read_roles_page
from blizzard.parsers.search import read_search
from blizzard.parsing import parse
from blizzard.usage_queries import UsageMemory, usage_params
from errors import BadUserInput, PageUnreadable
from models.catalog import (
    HERO,
    HERO_USAGE,
    HEROES,
    PLAYER_SEARCH,
    ROLES,
    CatalogKind,
    Facts,
    FetchedEntry,
    split_hero_catalog_key,
)
from models.hero_usage import ALL_MAPS, HeroUsage, UsageFilter
from models.heroes import HeroCard, HeroPage
from models.locales import Locale
from models.players import SearchRow
from models.roles import RoleCard

# What the refresh of these facts needs, in one place.
__all__ = [
    "CATALOG_PARSER_VERSION",
    "UsageMemory",
    "fetch_hero_list",
    "fetch_hero_page",
    "fetch_hero_usage",
    "fetch_player_search",
    "fetch_roles",
    "reread",
]

T = TypeVar("T")

USAGE_PATH = "/en-us/rates/data/"

_HTML = {"Accept": "text/html"}
_JSON = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
_NO_ROWS = "[]"


async def fetch_hero_list(upstream: Upstream, locale: Locale) -> FetchedEntry[tuple[HeroCard, ...]]:
    """All heroes. Raises `UpstreamUnavailable`, also for a page that cannot be read; so do all fetches here."""
    answer = await _ask(upstream, f"/{locale.value}/heroes/", HEROES.name, _HTML)
    return await _entry(upstream, HEROES.name, read_hero_list, answer)


async def fetch_hero_page(upstream: Upstream, key: str, locale: Locale) -> FetchedEntry[HeroPage] | None:
    """A hero's page; None when upstream has none under `key`, be it by status 404 or by what the page shows."""
    if not key.strip("."):
        # Such a segment would be dropped from the path, which is then another page's.
        return None
    answer = await upstream.get(f"/{locale.value}/heroes/{path_segment(key)}/", page=HERO.name, headers=_HTML)
    fetched_at = upstream.clock.now()
    if answer.status == 404:
        return None
    page = await _read(upstream, HERO.name, partial(read_hero_page, locale=locale), answer.text)
    return None if page is None else FetchedEntry(page, answer.text, fetched_at, CATALOG_PARSER_VERSION)


async def fetch_roles(upstream: Upstream, locale: Locale) -> FetchedEntry[tuple[RoleCard, ...]]:
    """The roles, which upstream shows on its home page."""
    answer = await _ask(upstream, f"/{locale.value}/", ROLES.name, _HTML)
    return await _entry(upstream, ROLES.name, read_roles_page, answer)


async def fetch_hero_usage(
    upstream: Upstream, asked: UsageFilter, memory: UsageMemory
) -> FetchedEntry[tuple[HeroUsage, ...]]:
    """Pick and win rates, in one request or one for each number that the kind of play may have.

    An answer about another kind of play than the one asked for does not count, whatever else it says. Raises
    BadUserInput when the map is not played in that gamemode: then upstream answers about another map.
    """
    for queue in memory.queues(asked.gamemode):
        answer = await _ask(upstream, USAGE_PATH, HERO_USAGE.name, _JSON, usage_params(asked, queue))
        fetched_at = upstream.clock.now()
        usage = await _read(upstream, HERO_USAGE.name, read_hero_usage, answer.text)
        if usage.queue == queue:
            memory.remember(asked.gamemode, queue)
            _check_map(upstream, asked, usage)
            return FetchedEntry(usage.rows, answer.text, fetched_at, CATALOG_PARSER_VERSION)
    raise upstream.unavailable("Blizzard answered about another gamemode than the one asked for.")


async def fetch_player_search(upstream: Upstream, name: str) -> FetchedEntry[tuple[SearchRow, ...]]:
    """Everybody whom the search finds under a name, private profiles too; status 404 means nobody."""
    answer = await upstream.get(search_path(name), page="search")
    if answer.status == 404:
        return FetchedEntry((), _NO_ROWS, upstream.clock.now(), CATALOG_PARSER_VERSION)
    return await _entry(upstream, "search", read_search, answer)


def reread(kind: CatalogKind[Facts], key: str, source: str) -> Facts | None:
    """What the present parser makes of a kept text; None when the text or the key is not of that kind.

    Takes as long as the first reading: call it in a thread.
    """
    try:
        # The table below holds, for each kind, a reader of that kind's facts.
        return cast("Facts | None", _READERS[kind.name](key, source))
    except PageUnreadable:
        return None


def _reread_hero(key: str, source: str) -> HeroPage | None:
    try:
        _, locale = split_hero_catalog_key(key)
    except ValueError:
        return None
    return read_hero_page(source, locale)


_READERS: Mapping[str, Callable[[str, str], Any]] = {
    HEROES.name: lambda _, source: read_hero_list(source),
    HERO.name: _reread_hero,
    ROLES.name: lambda _, source: read_roles_page(source),
    HERO_USAGE.name: lambda _, source: read_hero_usage(source).rows,
    PLAYER_SEARCH.name: lambda _, source: read_search(source),
}


async def _ask(
    upstream: Upstream,
    path: str,
    page: str,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
) -> UpstreamPage:
    """An answer to a path that is always there: a 404 is no answer."""
    answer = await upstream.get(path, page=page, params=params, headers=headers)
    if answer.status == 404:
        raise upstream.unavailable("Blizzard's page is not where it should be.")
    return answer


async def _entry(
    upstream: Upstream, page: str, read: Callable[[str], T], answer: UpstreamPage
) -> FetchedEntry[T]:
    fetched_at = upstream.clock.now()
    facts = await _read(upstream, page, read, answer.text)
    return FetchedEntry(facts, answer.text, fetched_at, CATALOG_PARSER_VERSION)


async def _read(upstream: Upstream, page: str, read: Callable[[str], T], text: str) -> T:
    try:
        return await parse(upstream, page, read, text)
    except PageUnreadable as error:
        raise upstream.unavailable("Blizzard's page could not be read.") from error


def _check_map(upstream: Upstream, asked: UsageFilter, usage: UsageAnswer) -> None:
    if usage.map_key == (asked.map_key or ALL_MAPS):
        return
    if asked.map_key is None:
        raise upstream.unavailable("Blizzard answered about one map instead of all.")
    raise BadUserInput(f"The map {asked.map_key} is not played in {asked.gamemode.value}.")
