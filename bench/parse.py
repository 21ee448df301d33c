"""How long a career page takes to read, against the time that building its tree alone takes: `python -m bench.parse`.

Each page is read many times, tree and reading by turns, after a warm-up; the figures are medians. The pages are
the saved ones, where they are present, and one made here. Ends with code 1 when a ratio exceeds the limit.
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

from selectolax.lexbor import LexborHTMLParser

from blizzard.parsers.players import read_career_page
from tests.pages import BLIZZARD

LIMIT = 2.0
WARM_UP = 5
RUNS = 40


def main() -> int:
    """Print the table; 0 when every page keeps the limit, else 1."""
    print(f"{'page':<24}{'KiB':>8}{'tree ms':>10}{'read ms':>10}{'ratio':>8}   limit {LIMIT}")
    ratios = [measure(name, html) for name, html in pages()]
    return int(max(ratios) > LIMIT)


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of each page that has a player."""
    for path in sorted((BLIZZARD / "pages" / "players").glob("*.html")):
        yield path.stem, path.read_text(encoding="utf-8")
    yield "synthetic", synthetic_page()


def measure(name: str, html: str) -> float:
    """Time one page, print its line and return reading time over tree time."""
    trees, reads = [], []
    for run in range(WARM_UP + RUNS):
        tree_seconds = seconds(lambda: LexborHTMLParser(html))
        read_seconds = seconds(lambda: read_career_page(html))
        if run >= WARM_UP:
            trees.append(tree_seconds)
            reads.append(read_seconds)
    tree, read = statistics.median(trees), statistics.median(reads)
    size = len(html.encode()) / 1024
    print(f"{name:<24}{size:>8.1f}{tree * 1000:>10.2f}{read * 1000:>10.2f}{read / tree:>8.2f}")
    return read / tree


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    started = perf_counter()
    call()
    return perf_counter() - started


def synthetic_page(heroes: int = 40, rows: int = 12) -> str:
    """A page of an invented player who has played `heroes` heroes, each with five categories of `rows` rows."""
    names = [f"Hero Number {number}" for number in range(heroes)]
    options = "".join(
        f'<option value="{n}" option-id="{name}">{name}</option>' for n, name in enumerate(names)
    )
    choice = '<div class="Profile-heroSummary--header"><select>{}</select></div>'
    stats = "".join(_hero_stats(number, rows) for number in range(heroes))
    offered = choice.format('<option value="0x1" option-id="Time Played">Time Played</option>')
    bars = "".join(_bar(number, name) for number, name in enumerate(names))
    return (
        '<!DOCTYPE html><html><body><main class="main-content"><blz-section class="Profile-masthead">'
        '<div class="Profile-player"><h1 class="Profile-player--name">Mirelle</h1></div></blz-section>'
        '<div class="mouseKeyboard-view Profile-view"><blz-section class="Profile-heroSummary">'
        f'<div class="quickPlay-view">{offered}<div class="Profile-progressBars" data-category-id="0x1">{bars}</div>'
        f'</div></blz-section><blz-section class="stats quickPlay-view">{choice.format(options)}{stats}'
        "</blz-section></div></main></body></html>"
    )


def _hero_stats(option: int, rows: int) -> str:
    blocks = "".join(
        f'<div class="category"><div class="content"><div class="header"><p>{label}</p></div>'
        + "".join(
            f'<div class="stat-item"><p class="name">{label} Row {row} - Most in Game</p>'
            f'<p class="value">{option * 37 + row},{100 + row}</p></div>'
            for row in range(rows)
        )
        + "</div></div>"
        for label in ("Best", "Average", "Game", "Combat", "Assists")
    )
    return f'<span class="stats-container option-{option}">{blocks}</span>'


def _bar(number: int, name: str) -> str:
    return (
        '<div class="Profile-progressBar"><img class="Profile-progressBar--icon" src="https://images.test/icon.png">'
        '<div class="Profile-progressBar--container">'
        f'<div class="Profile-progressBar--bar" data-progress="50" data-hero-id="hero-{number}">'
        '<div class="Profile-progressBar--progress" style="--hero-color:#7c8b8cff;"></div></div>'
        f'<div class="Profile-progressBar--textWrapper"><div class="Profile-progressBar-title">{name}</div>'
        f'<div class="Profile-progressBar-description">{number}:10:05</div></div></div></div>'
    )


if __name__ == "__main__":
    sys.exit(main())
