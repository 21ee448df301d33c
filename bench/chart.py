"""The chart of a run: bars of the share of the limit, as SVG with its text as text."""

from collections.abc import Iterator, Sequence
from html import escape

from bench.figures import Bar, Section, percent

WIDTH = 760
LEFT = 268
FULL = 380
ROW = 22
TITLE = 34
TOP = 62
# A chart that is shown as a picture cannot ask its page for colours: it follows the reader's own preference.
STYLE = """
text { font: 12px ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif }
text { fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.section { font-weight: 600 }
.quiet { fill: #59636e }
.paper { fill: #ffffff }
.track { fill: #eaeef2 }
.ours { fill: #0b7a75 }
.peer { fill: #b4637a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .quiet { fill: #9198a1 }
  .paper { fill: #0d1117 }
  .track { fill: #21262d }
  .ours { fill: #3fb8af }
  .peer { fill: #d98ba0 }
}
"""


def chart(sections: Sequence[Section]) -> str:
    """An SVG with a group of bars for each section that has any. A share above 1 fills its track."""
    shown = [section for section in sections if section.bars]
    height = TOP + sum(TITLE + ROW * len(section.bars) for section in shown) + 14
    body = "\n".join(_lines(shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' role="img" aria-labelledby="title">\n'
        '<title id="title">Playgraph: shares of the limit, from bench/RESULTS.md</title>\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>\n{body}\n</svg>\n'
    )


def _lines(sections: Sequence[Section]) -> Iterator[str]:
    yield _text(16, 26, "Share of the limit: longer is better, a full bar is as good as it gets", "title")
    yield f'<rect class="ours" x="16" y="37" width="10" height="10" rx="2"/>{_text(31, 46, "Playgraph")}'
    yield '<rect class="peer" x="110" y="37" width="10" height="10" rx="2"/>'
    yield _text(125, 46, "stock Strawberry, same resolvers", "quiet")
    top = TOP
    for section in sections:
        yield _text(16, top + 22, section.title, "section")
        top += TITLE
        for bar in section.bars:
            yield from _bar(bar, top)
            top += ROW


def _bar(bar: Bar, top: int) -> Iterator[str]:
    yield _text(LEFT - 10, top + 12, bar.label, "quiet", anchor="end")
    yield f'<rect class="track" x="{LEFT}" y="{top}" width="{FULL}" height="16" rx="3"/>'
    height = 16 if bar.peer is None else 10
    yield _filled("ours", bar.share, top, height)
    if bar.peer is not None:
        yield _filled("peer", bar.peer, top + 11, 5)
    said = percent(bar.share) if bar.peer is None else f"{percent(bar.share)} / {percent(bar.peer)}"
    yield _text(LEFT + FULL + 8, top + 12, said)


def _filled(kind: str, share: float, top: int, height: int) -> str:
    width = max(1.5, FULL * min(1.0, share))
    return f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{height}" rx="2"/>'


def _text(x: int, y: int, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
