"""Career pages written for tests, with invented players: each part can be left out or replaced."""

ROLE_WRAPPER = (
    '<div class="Profile-playerSummary--roleWrapper "><div class="Profile-playerSummary--role">'
    '<img src="https://img.test/role/{role}.f4.svg#icon"></div>'
    '<div class="Profile-playerSummary--rankImageWrapper">'
    '<img class="Profile-playerSummary--rank" src="https://img.test/rank/{rank}">'
    '<img class="Profile-playerSummary--rank" src="https://img.test/rank/{tier}"></div></div>'
)
ROLE = ROLE_WRAPPER.format(role="support", rank="Rank_GoldTier.aa.png", tier="TierDivision_3.bb.png")
ROWS = {
    "Game": [("Time Played", "1:00:00"), ("Games Played", "21"), ("Games Won", "9"), ("Games Lost", "11")],
    "Combat": [("Eliminations", "1,250"), ("Deaths", "100"), ("All Damage Done", "98,765"), ("Death", "7")],
    "Assists": [("Offensive Assists", "40"), ("Assists", "44"), ("Healing Done", "12,000")],
    "Best": [("Kill Streak - Best", "12"), ("Weapon Accuracy - Best in Game", "46%")],
    "Average": [("Deaths - Avg per 10 Min", "7.50"), ("Objective Time - Avg per 10 Min", "01:25")],
}
BARS = [("quillon", "Quillon", "1:00:00"), ("soldier-76", "Soldier: 76", "30:00")]


def stat_row(label: str, value: str) -> str:
    return f'<div class="stat-item"><p class="name">{label}</p><p class="value">{value}</p></div>'


def category(label: str, rows: str) -> str:
    header = f'<div class="header"><p>{label}</p></div>'
    return f'<div class="category"><div class="content">{header}{rows}</div></div>'


def hero_stats(option: int, blocks: dict[str, list[tuple[str, str]]] | None = None) -> str:
    found = ROWS if blocks is None else blocks
    categories = (category(label, "".join(stat_row(*row) for row in rows)) for label, rows in found.items())
    return f'<span class="stats-container option-{option}">{"".join(categories)}</span>'


def bar(hero_id: str | None, name: str, value: str) -> str:
    known = "" if hero_id is None else f' data-hero-id="{hero_id}"'
    return (
        '<div class="Profile-progressBar"><img class="Profile-progressBar--icon" src="https://img.test/a.png">'
        '<div class="Profile-progressBar--container">'
        f'<div class="Profile-progressBar--bar" data-progress="50"{known}>'
        '<div class="Profile-progressBar--progress" style="--hero-color:#7c8b8cff;"></div></div>'
        '<div class="Profile-progressBar--textWrapper">'
        f'<div class="Profile-progressBar-title">{name}</div>'
        f'<div class="Profile-progressBar-description">{value}</div></div></div></div>'
    )


def bars(category_id: str, inner: str) -> str:
    return (
        f'<div class="Profile-progressBars" data-group-id="comparisons" data-category-id="{category_id}">'
        f"{inner}</div>"
    )


def select(*options: tuple[str, str]) -> str:
    inner = "".join(
        f'<option value="{value}" option-id="{label}">{label}</option>' for value, label in options
    )
    return f'<div class="Profile-heroSummary--header"><h2>Heading</h2><select>{inner}</select></div>'


def top_heroes(gamemode: str = "quickPlay-view", inner: str | None = None) -> str:
    if inner is None:
        inner = select(("0x01", "Time Played"), ("0x02", "Game Won")) + bars(
            "0x01", "".join(bar(*row) for row in BARS)
        )
    return f'<div class="Profile-heroSummary--view {gamemode} is-active">{inner}</div>'


def career_section(gamemode: str = "quickPlay-view", inner: str | None = None, attributes: str = "") -> str:
    if inner is None:
        inner = select(("0", "ALL HEROES"), ("1", "Quillon")) + hero_stats(0) + hero_stats(1)
    return f'<blz-section class="stats {gamemode} is-active"{attributes}>{inner}</blz-section>'


def view(inner: str, platform: str = "mouseKeyboard-view") -> str:
    return f'<div class="{platform} Profile-view is-active">{inner}</div>'


def played(summary: str | None = None, sections: str | None = None) -> str:
    heroes = top_heroes() if summary is None else summary
    stats = career_section() if sections is None else sections
    return f'<blz-section class="Profile-heroSummary">{heroes}</blz-section>{stats}'


ENDORSEMENT = (
    '<span class="Profile-player--endorsementWrapper"><img class="Profile-playerSummary--endorsement"'
    ' src="https://img.test/endorsement/3-8b.svg#icon"></span>'
)


def ranks(inner: str, platform: str = "mouseKeyboard-view") -> str:
    return f'<div class="{platform} Profile-playerSummary--rankWrapper is-active">{inner}</div>'


def masthead(
    *, name: str = "Mirelle", title: str = "Night Warden", inside: str = ENDORSEMENT + ranks(ROLE)
) -> str:
    return (
        '<blz-section class="Profile-masthead" data-lastUpdate="1777998881" id="main"><div class="Profile-player">'
        '<div class="Profile-player--summaryWrapper">'
        '<img class="Profile-player--portrait" src="https://img.test/portrait.png">'
        f'<div class="Profile-player--summary"><h1 class="Profile-player--name">{name}</h1></div></div>'
        f'<h2 class="Profile-player--title">{title}</h2>'
        f'<div class="Profile-player--info">{inside}</div></div></blz-section>'
    )


def page(
    head: str | None = None,
    body: str | None = None,
    root: tuple[str, str] = ('<main class="main-content">', "</main>"),
) -> str:
    shown = (masthead() if head is None else head) + (view(played()) if body is None else body)
    return f"<!DOCTYPE html><html><head><title>Career</title></head><body>{root[0]}{shown}{root[1]}</body></html>"
