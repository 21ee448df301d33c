"""Career statistics and hero comparisons of one platform's part of a career page."""

from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborNode

from blizzard.parsers.nodes import attribute, children, has_class, text_of
from blizzard.parsers.runs import Run, Source
from blizzard.parsers.values import (
    category,
    comparison_label,
    hero_key,
    snake_case,
    stat_key,
    stat_value,
)
from models.players import (
    CareerStat,
    CareerStatCategory,
    GamemodeCareer,
    HeroCareerStats,
    HeroComparison,
    HeroComparisonValue,
    PlatformCareer,
)


def read_platform_career(view: LexborNode, source: Source) -> PlatformCareer | None:
    """The career in the view of one platform; None when neither gamemode was played."""
    quickplay = _read_gamemode(view, "quickPlay-view", source)
    competitive = _read_gamemode(view, "competitive-view", source)
    if quickplay is None and competitive is None:
        return None
    return PlatformCareer(quickplay, competitive)


def _read_gamemode(view: LexborNode, gamemode_class: str, source: Source) -> GamemodeCareer | None:
    """One gamemode; None when the page says there is none, or has neither its drop-down nor statistics."""
    top_heroes = view.css_first(f"div.{gamemode_class}")
    section = view.css_first(f"blz-section.{gamemode_class}")
    has_choice = top_heroes is not None and top_heroes.css_first("select") is not None
    if not has_choice and top_heroes is not None and top_heroes.css_first(".Profile-heroSummary--noData"):
        return None
    stats = () if section is None else _read_career_stats(section, source)
    if not has_choice and not stats:
        return None
    return GamemodeCareer(stats, () if top_heroes is None else _read_comparisons(top_heroes, source))


def _read_options(scope: LexborNode) -> dict[str, str]:
    """The labels of a drop-down by their values; options without a label are left out."""
    select = scope.css_first("div.Profile-heroSummary--header > select")
    if select is None:
        return {}
    options = (option.attributes for option in select.css("option"))
    return {
        value: label for row in options if (value := row.get("value")) and (label := row.get("option-id"))
    }


def _read_comparisons(top_heroes: LexborNode, source: Source) -> tuple[HeroComparison, ...]:
    """The categories that the drop-down names and that have bars, each once.

    Pages print the bars of a category that is 0 for every hero but do not offer it: it is left out here too.
    """
    labels = _read_options(top_heroes)
    found: dict[str, HeroComparison] = {}
    for group in children(top_heroes):
        label = labels.get(attribute(group, "data-category-id") or "")
        if label is None or not has_class(group, "Profile-progressBars"):
            continue
        label = comparison_label(label)
        values = tuple(_read_bars(group, source))
        if values and (key := snake_case(label)):
            found.setdefault(key, HeroComparison(key, label, values))
    return tuple(found.values())


def _read_bars(group: LexborNode, source: Source) -> Iterator[HeroComparisonValue]:
    for bar in children(group):
        for hero_id, name, value in zip(*(source.take_bars(bar) or _read_bar(bar)), strict=True):
            # A hero too new to have an id on its bar is known by its name.
            if key := hero_id or hero_key(name):
                yield HeroComparisonValue(key, stat_value(value))


def _read_bar(bar: LexborNode) -> Run:
    """A run of one bar: hero id, hero name and value, "" for what it lacks; empty when it is no bar."""
    container = next((child for child in children(bar) if child.tag == "div"), None)
    parts = [] if container is None else children(container)
    if not parts:
        return []
    texts = [part.text() for part in children(parts[-1])]
    value = texts[-1] if len(texts) > 1 else ""
    return [[attribute(parts[0], "data-hero-id") or ""], texts[:1] or [""], [value]]


def _read_career_stats(section: LexborNode, source: Source) -> tuple[HeroCareerStats, ...]:
    """Every hero that the section's drop-down names and that has statistics, each once, in page order."""
    names = _read_options(section)
    found: dict[str, HeroCareerStats] = {}
    for container in children(section):
        if container.tag != "span":
            continue
        key = hero_key(names.get(_option_of(container), ""))
        categories = _read_categories(container, source) if key and key not in found else ()
        if categories:
            found[key] = HeroCareerStats(key, categories)
    return tuple(found.values())


def _option_of(container: LexborNode) -> str:
    """The option that a block of statistics belongs to, from its class `option-N`."""
    names = (attribute(container, "class") or "").split()
    return next((name.removeprefix("option-") for name in names if name.startswith("option-")), "")


def _read_categories(container: LexborNode, source: Source) -> tuple[CareerStatCategory, ...]:
    categories = []
    for block in children(container):
        contents = children(block)
        rows = children(contents[0]) if contents else []
        if not rows or has_class(rows[0], "stat-item"):
            continue  # without its header nobody can say what these rows count
        heading = children(rows[0])
        key, label = category(text_of(heading[0] if heading else rows[0]))
        stats = tuple(stat for row in rows for stat in _read_stats(row, source))
        if key and stats:
            categories.append(CareerStatCategory(key, label, stats))
    return tuple(categories)


def _read_stats(row: LexborNode, source: Source) -> Iterable[CareerStat]:
    """The statistics of a row or a run of rows; what has no label or no value is left out."""
    lifted = source.take_rows(row)
    if lifted is None:
        cells = children(row) if has_class(row, "stat-item") else []
        lifted = [[cells[0].text()], [cells[-1].text()]] if len(cells) > 1 else [[], []]
    labels, values = lifted
    keys = [stat_key(label) for label in labels]
    stats = map(CareerStat, keys, labels, [stat_value(value) for value in values])
    return stats if all(keys) else [stat for stat in stats if stat.key]
