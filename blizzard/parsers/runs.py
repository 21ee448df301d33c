"""Plain stretches of a career page, read from its text before the tree is built.

Nine tenths of a page are rows and bars of one unvarying shape, and building a tree of them costs more than all
else. So each unbroken run of them is lifted out of the text and a small mark is left in its place; the rest
becomes a tree, and its reader takes each run where it meets the mark. A run that is not met where rows or bars
belong means an odd page: then the page is read again as sent, without lifting (see `read_career_page`).

Why the two readings agree: a run begins and ends between tags, its elements are closed inside it, and its texts
have no reference, carriage return or NUL that a tree would show otherwise. A mark counts only as the very element
that was written, so the text around it was ordinary content and the run would have been ordinary content too.
Whether its elements then stay where they are written is up to the elements around, so a mark counts only
below the few that `_PLAIN_TAGS` names. A bar has an image, before which HTML reopens stray formatting (`<b>`): the
mark of bars is therefore an image too, and then stands inside that formatting, where nobody takes it.
"""

import re

from selectolax.lexbor import LexborNode

_MARK = "data-lifted-run"
_PLAIN_TAGS = frozenset({"html", "body", "main", "blz-section", "div", "span"})

_TEXT = r"[^<&\r\0]*+"
_VALUE = r'[^"<>&\r\0]*+'
_STAT_ROW = rf'<div class="stat-item"><p class="name">({_TEXT})</p><p class="value">({_TEXT})</p></div>'
_BAR = (
    r'<div class="Profile-progressBar(?: hide)?+"><img(?: [a-z-]++="[^"<>]*+")*+>'
    r'<div class="Profile-progressBar--container"><div class="Profile-progressBar--bar"'
    rf'(?: data-progress="{_VALUE}")?+ data-hero-id="({_VALUE})">'
    r'<div class="Profile-progressBar--progress"(?: style="[^"<>]*+")?+></div></div>'
    r'<div class="Profile-progressBar--textWrapper">'
    rf'<div class="Profile-progressBar-title">({_TEXT})</div>'
    rf'<div class="Profile-progressBar-description">({_TEXT})</div></div></div></div>'
)


_stat_row = re.compile(_STAT_ROW)
_bar = re.compile(_BAR)


Run = list[list[str]]
"""The texts of a run, column by column, all columns of one length."""


class Source:
    """A page's text with its plain runs lifted out, each to be taken once."""

    def __init__(self, html: str) -> None:
        self.html = html
        self._runs: list[Run] = []
        self._left: set[str] = set()

    @property
    def has_runs(self) -> bool:
        """Whether anything was lifted out at all."""
        return bool(self._runs)

    @property
    def is_used_up(self) -> bool:
        """Whether every run was taken; if not, what was read of this source does not count."""
        return not self._left

    def lift(self) -> "Source":
        """Lift the runs out of the text, unless it has a mark already or half characters. Returns itself."""
        if _MARK not in self.html:
            self._lift_all(_stat_row, f'<div {_MARK}="%d"></div>')
            self._lift_all(_bar, f'<img {_MARK}="%d">')
        return self

    def take_rows(self, node: LexborNode) -> Run | None:
        """Labels and values of the rows if `node` is the mark of rows, else None."""
        return self._take(node, "div")

    def take_bars(self, node: LexborNode) -> Run | None:
        """Hero ids, hero names and values of the bars if `node` is the mark of bars, else None."""
        return self._take(node, "img")

    def _lift_all(self, pattern: re.Pattern[str], mark: str) -> None:
        # The text between matches comes first, then the groups of a match, then again text: one call for all.
        width = pattern.groups + 1
        pieces = pattern.split(self.html)
        between = pieces[::width]
        columns = [pieces[group::width] for group in range(1, width)]
        if len(between) == 1 or not all(_is_encodable("".join(column)) for column in columns):
            return
        ends = [place for place, text in enumerate(between) if text and place]
        if not between[-1]:
            ends.append(len(between) - 1)
        kept = [between[0]]
        start = 0
        for end in ends:
            kept += (mark % len(self._runs), between[end])
            self._left.add(str(len(self._runs)))
            self._runs.append([column[start:end] for column in columns])
            start = end
        self.html = "".join(kept)

    def _take(self, node: LexborNode, tag: str) -> Run | None:
        attributes = node.attributes
        number = attributes.get(_MARK)
        if number not in self._left or len(attributes) != 1 or node.tag != tag or not _is_plain(node.parent):
            return None
        self._left.remove(number)
        return self._runs[int(number)]


def _is_encodable(text: str) -> bool:
    """Whether a tree would keep every character: it drops lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_plain(node: LexborNode | None) -> bool:
    """Whether `node` and all around it are elements that leave rows and bars where they are written."""
    while node is not None and node.tag != "-document":
        if node.tag not in _PLAIN_TAGS:
            return False
        node = node.parent
    return True
