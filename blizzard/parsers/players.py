"""Career pages: from the text of a page and a search row to a player's profile and career."""

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from blizzard.parsers.careers import read_platform_career
from blizzard.parsers.hero_totals import total_heroes
from blizzard.parsers.mastheads import (
    read_avatar,
    read_competitive,
    read_endorsement,
    read_title,
    read_username,
)
from blizzard.parsers.nodes import ends, has_class
from blizzard.parsers.runs import Source
from blizzard.parsers.search import settles_title
from errors import PageUnreadable
from models.players import (
    Career,
    CompetitiveRanks,
    Endorsement,
    HeroTotals,
    PlayerProfile,
    Privacy,
    SearchRow,
)

PARSER_VERSION = 1
"""Raise it when the same page gives other facts than before: kept pages are then read again."""

MAX_TAGS = 120_000
"""Opening and closing tags beside plain runs of rows; the largest pages seen have half as many in all. Building a tree
takes time with the square of its depth, so a page of nothing but nested elements must stay short."""


@dataclass(frozen=True, slots=True)
class CareerPage:
    """What a career page says. `username` is as shown; trim it before looking the player up."""

    username: str
    avatar: str | None
    title: str | None
    endorsement: Endorsement | None
    privacy: Privacy
    competitive: CompetitiveRanks | None
    hero_totals: tuple[HeroTotals, ...]
    career: Career


def read_career_page(html: str) -> CareerPage | None:
    """What the page says of its player, or None when it says that there is no such player.

    A page about nobody has a root (`main`, on older pages `div.main-content`) but no masthead.
    Raises PageUnreadable for text without a root, or cut short: nothing follows from it.
    Whatever else is missing, doubled, out of order or unreadable is None or left out, and the rest stands.
    Names of heroes, categories, divisions and statistics that are not known yet pass through.
    """
    source = Source(html).lift()
    page = _read(source) if source.has_runs else None
    return page if page is not None and source.is_used_up else _read(Source(html))


def _read(source: Source) -> CareerPage | None:
    if source.html.count("<") > MAX_TAGS:
        raise PageUnreadable("The career page has far more parts than any real one.")
    root = LexborHTMLParser(source.html).css_first("div.main-content, main")
    if root is None:
        raise PageUnreadable("The career page has no main part.")
    if not ends(source.html):
        raise PageUnreadable("The career page is cut short.")
    masthead = root.css_first("blz-section.Profile-masthead")
    if masthead is None:
        return None
    parts = root.css("div.Profile-view, div.Profile-private")
    pc_view = _find_view(parts, "mouseKeyboard-view")
    console_view = _find_view(parts, "controller-view")
    is_private = any(has_class(part, "Profile-private") for part in parts)
    is_private = is_private or masthead.css_first("div.Profile-player--private") is not None
    career = Career(
        None if pc_view is None else read_platform_career(pc_view, source),
        None if console_view is None else read_platform_career(console_view, source),
    )
    return CareerPage(
        username=read_username(masthead),
        avatar=read_avatar(masthead),
        title=read_title(masthead),
        endorsement=read_endorsement(masthead),
        privacy=Privacy.PRIVATE if is_private else Privacy.PUBLIC,
        competitive=read_competitive(masthead, pc_view, console_view),
        hero_totals=total_heroes(career),
        career=career,
    )


def _find_view(parts: list[LexborNode], platform_class: str) -> LexborNode | None:
    views = (part for part in parts if has_class(part, "Profile-view"))
    return next((view for view in views if has_class(view, platform_class)), None)


def build_profile(
    page: CareerPage, row: SearchRow | None, *, blizzard_id: str, battletag: str | None
) -> PlayerProfile:
    """The profile from both sources.

    The row's avatar and title win over the page's; namecard and time of change are the row's alone; all else
    is the page's. A row that has titles but no English one means no title, and the page is not asked.
    A page without a name leaves the row's, else that of the battletag.
    """
    has_row_title = row is not None and settles_title(row)
    return PlayerProfile(
        blizzard_id=blizzard_id.replace("%7C", "|"),
        battletag=battletag,
        username=page.username or (row.name if row else "") or (battletag or "").rpartition("-")[0],
        avatar=(row.avatar if row else None) or page.avatar,
        namecard=row.namecard if row else None,
        title=row.title if row is not None and has_row_title else page.title,
        endorsement=page.endorsement,
        privacy=page.privacy,
        last_updated_at=row.last_updated_at if row else None,
        competitive=page.competitive,
        hero_totals=page.hero_totals,
    )
