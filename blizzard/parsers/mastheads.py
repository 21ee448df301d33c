"""The head of a career page: who the player is, the endorsement and the competitive ranks."""

from selectolax.lexbor import LexborNode

from blizzard.parsers.nodes import attribute, text_of
from blizzard.parsers.values import division, endorsement_level, role_of_icon, tier, title
from models.players import CompetitiveRanks, Endorsement, PlatformRanks, Rank

_SEASON = "data-latestherostatrankseasonow2"


def read_username(masthead: LexborNode) -> str:
    """The name as shown, white space kept; empty when the page lacks it."""
    return text_of(masthead.css_first("h1.Profile-player--name"))


def read_avatar(masthead: LexborNode) -> str | None:
    """The URL of the portrait."""
    return attribute(masthead.css_first("img.Profile-player--portrait"), "src")


def read_title(masthead: LexborNode) -> str | None:
    """The title under the name."""
    return title(text_of(masthead.css_first("h2.Profile-player--title")))


def read_endorsement(masthead: LexborNode) -> Endorsement | None:
    """The endorsement; its level is 0 when the image does not name one from 0 to 5."""
    wrapper = masthead.css_first("span.Profile-player--endorsementWrapper")
    image = None if wrapper is None else wrapper.css_first("img.Profile-playerSummary--endorsement")
    frame = attribute(image, "src")
    if frame is None:
        return None
    level = endorsement_level(frame)
    return Endorsement(level if level <= 5 else 0, frame)


def read_competitive(
    masthead: LexborNode, pc_view: LexborNode | None, console_view: LexborNode | None
) -> CompetitiveRanks | None:
    """Ranks per platform; None when the player has no competitive record on either."""
    pc = _read_platform(masthead, pc_view, "mouseKeyboard-view")
    console = _read_platform(masthead, console_view, "controller-view")
    return None if pc is None and console is None else CompetitiveRanks(pc, console)


def _read_platform(
    masthead: LexborNode, view: LexborNode | None, platform_class: str
) -> PlatformRanks | None:
    """The ranks of a platform. A season without ranks is a player who has played but is not ranked now."""
    wrappers = masthead.css(
        f"div.Profile-playerSummary--rankWrapper.{platform_class} > div.Profile-playerSummary--roleWrapper"
    )
    season = _read_season(view)
    if not wrappers and not season:
        return None
    ranks: dict[str, Rank] = {}
    for wrapper in wrappers:
        icon = _read_role_icon(wrapper)
        role = role_of_icon(icon)
        rank = _read_rank(wrapper, icon)
        if role is not None and rank is not None:
            ranks.setdefault(role, rank)
    return PlatformRanks(
        season, ranks.get("tank"), ranks.get("damage"), ranks.get("support"), ranks.get("open")
    )


def _read_season(view: LexborNode | None) -> int | None:
    """The number of the latest season played; None when missing or no number."""
    section = None if view is None else view.css_first("blz-section.stats.competitive-view")
    text = attribute(section, _SEASON) or ""
    return int(text) if text.isdecimal() and len(text) < 6 else None


def _read_role_icon(wrapper: LexborNode) -> str:
    """Where a role's icon comes from: the URL of an image or, on console pages, the link of a drawn symbol.

    The symbol's link is a URL on older pages and a name such as `TANK.<hash>.SVG#ICON` on newer ones.
    """
    image = attribute(wrapper.css_first("div.Profile-playerSummary--role img"), "src")
    if image is not None:
        return image
    symbol = wrapper.css_first("svg.Profile-playerSummary--role use")
    return attribute(symbol, "href") or attribute(symbol, "xlink:href") or ""


def _read_rank(wrapper: LexborNode, role_icon: str) -> Rank | None:
    """A rank: the first image shows the division, the second the tier. None when no division can be read."""
    images = [attribute(image, "src") for image in wrapper.css("img.Profile-playerSummary--rank")]
    rank_icon = images[0] if images else None
    name = division(rank_icon or "")
    if name is None:
        return None
    tier_icon = images[1] if len(images) > 1 else None
    shown_icon = role_icon if role_icon.startswith(("http://", "https://")) else None
    return Rank(name, tier(tier_icon), shown_icon, rank_icon, tier_icon)
