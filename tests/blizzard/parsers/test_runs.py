"""Lifting plain rows and bars out of a page's text reads the same as the tree does, whatever the page looks like."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blizzard.parsers import players
from blizzard.parsers.players import CareerPage, read_career_page
from blizzard.parsers.runs import Source
from errors import PageUnreadable
from tests.blizzard.parsers import career_pages as made

PAGE = made.page(
    body=made.view(
        made.played(
            made.top_heroes() + made.top_heroes("competitive-view"),
            made.career_section() + made.career_section("competitive-view"),
        )
    )
    + made.view(made.played(), "controller-view")
)
PIECES = re.findall(r"<[^>]*>|[^<]+", PAGE)
ODD_PIECES = [
    "<p>", "</p>", "<b>", "<i>", "<a href='x'>", "</div>", "</span>", "<table>", "<tr><td>", "<select>", "</select>",
    "<svg>", "<button>", "<template>", "<textarea>", "<script>", "<!--", "-->", "<plaintext>", "</main>", "</body>",
    '<div data-lifted-run="0"></div>', '<img data-lifted-run="1">', '<div title="', "<div title='", "<div ", "</div ",
    "&amp;", "&#0;", "\r\n", "\0", "\ud800", " ", "\x0b", "<h1>", "<frameset>", "<math>", "<option>", "<nobr>",
    made.stat_row("Extra", "5"), made.bar("ana", "Ana", "1:00"), made.stat_row("A & B", "1 &lt; 2"),
    made.category("Deep", made.stat_row("X", "1")), made.hero_stats(1),
]  # fmt: skip

changes = st.lists(
    st.tuples(
        st.integers(0, len(PIECES) - 1),
        st.sampled_from(["remove", "double", "swap", "cut", "insert", "text"]),
        st.sampled_from(ODD_PIECES),
        st.text(max_size=8),
    ),
    min_size=1,
    max_size=6,
)


def change(html_pieces: list[str], place: int, kind: str, odd: str, text: str) -> list[str]:
    at = min(place, len(html_pieces) - 1)
    before, piece, after = html_pieces[:at], html_pieces[at], html_pieces[at + 1 :]
    return {
        "remove": [*before, *after],
        "double": [*before, piece, piece, *after],
        "swap": [*before, *after[:1], piece, *after[1:]],
        "cut": [*before, piece[: len(piece) // 2]],
        "insert": [*before, odd, piece, *after],
        "text": [*before, text, *after],
    }[kind] or [""]


def mutate(steps: list[tuple[int, str, str, str]]) -> str:
    pieces = PIECES
    for step in steps:
        pieces = change(pieces, *step)
    return "".join(pieces)


def read_tree(html: str) -> CareerPage | str | None:
    try:
        return players._read(Source(html))
    except PageUnreadable:
        return "unreadable"


def read_page(html: str) -> CareerPage | str | None:
    try:
        return read_career_page(html)
    except PageUnreadable:
        return "unreadable"


def test_plain_rows_and_bars_are_all_lifted_and_taken() -> None:
    source = Source(PAGE).lift()

    found = players._read(source)

    assert "stat-item" not in source.html
    assert "Profile-progressBar--container" not in source.html
    assert source.is_used_up
    assert found == read_tree(PAGE)


@pytest.mark.parametrize("odd", ODD_PIECES)
@pytest.mark.parametrize(
    "before",
    [
        '<div class="stat-item">', '<div class="Profile-progressBar">', '<div class="content">',
        '<div class="category">', '<span class="stats-container', '<div class="Profile-progressBars"',
        '<p class="value">', "</main>",
        '<blz-section class="stats', '<div class="Profile-heroSummary--view',
    ],
)  # fmt: skip
def test_odd_markup_beside_rows_and_bars_reads_as_the_tree_does(odd: str, before: str) -> None:
    html = PAGE.replace(before, odd + before, 1)

    assert read_page(html) == read_tree(html)


@given(changes)
@settings(max_examples=250, deadline=None)
def test_a_changed_page_reads_as_the_tree_does_and_raises_nothing_else(
    steps: list[tuple[int, str, str, str]],
) -> None:
    html = mutate(steps)

    assert read_page(html) == read_tree(html)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_in_values_raises_nothing_and_leaves_no_nul(label: str, value: str) -> None:
    html = PAGE.replace("Kill Streak - Best", label).replace("12,000", value).replace("Quillon", value)

    found = read_page(html)

    assert found == read_tree(html)
    assert "\0" not in repr(found).replace("\\x00", "\0")


@pytest.mark.parametrize(
    "text", ["<", "</main>", "<main>", '<blz-section class="Profile-masthead">', "\0" * 50]
)
def test_scraps_of_markup_raise_nothing_else(text: str) -> None:
    assert read_page(text) == read_tree(text)


def test_a_page_of_ten_megabytes_is_read() -> None:
    rows = "".join(made.stat_row(f"Statistic {number}", str(number)) for number in range(160_000))
    section = made.career_section(
        inner=made.select(("1", "Quillon"))
        + f'<span class="stats-container option-1">{made.category("Game", rows)}</span>'
    )
    html = made.page(body=made.view(made.played(sections=section)))

    found = read_career_page(html)

    assert len(html) > 10_000_000
    assert found is not None
    assert found.career.pc is not None
    assert found.career.pc.quickplay is not None
    assert len(found.career.pc.quickplay.career_stats[0].categories[0].stats) == 160_000
