"""Small reads of a page's tree that every parser of pages needs."""

from selectolax.lexbor import LexborNode

FIRST_ELEMENT = 6
"""Tags have numbers in lexbor; those of text, comments and the like are below this one."""


def children(node: LexborNode) -> list[LexborNode]:
    """The element children, in order: comments are skipped, and text (white space in a page not minified)."""
    return [child for child in node.iter() if child.tag_id >= FIRST_ELEMENT]


def attribute(node: LexborNode | None, name: str) -> str | None:
    """The value of an attribute (lower-case name); None when it or the node is missing, or it is empty."""
    if node is None:
        return None
    return node.attributes.get(name) or None


def text_of(node: LexborNode | None) -> str:
    """All text inside, unchanged; empty for no node."""
    return "" if node is None else node.text()


def has_class(node: LexborNode, part: str) -> bool:
    """Whether the class attribute contains `part`."""
    return part in (node.attributes.get("class") or "")


def ends(html: str) -> bool:
    """Whether a page goes on to its end. One that was cut short may lack what stood further down, so that what is
    missing from it proves nothing."""
    return "</main" in html or "</html" in html
