"""The story on a hero's page: its summary, the film or comic about the hero, and its chapters."""

from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from blizzard.parsers.nodes import attribute, children, text_of
from blizzard.parsers.page_parts import find, find_all, matched, trimmed
from models.heroes import Story, StoryChapter, StoryMedia, StoryMediaType

_SITE = "https://overwatch.blizzard.com"


def read_story(root: LexborNode) -> Story | None:
    """The story; None when the page has no such section."""
    section = find(root, "blz-section.lore")
    if section is None:
        return None
    showcase = find(section, "blz-showcase")
    return Story(
        summary=trimmed(find(showcase, "blz-header p")).replace("\n", ""),
        media=_read_media(showcase),
        chapters=_read_chapters(find(section, "blz-accordion-section blz-accordion")),
    )


def _read_media(showcase: LexborNode | None) -> StoryMedia | None:
    """A film, when the page shows one, else what the button leads to."""
    videos = (attribute(video, "youtube-id") for video in find_all(showcase, "blz-youtube-video"))
    video_id = next((video_id for video_id in videos if video_id), None)
    if video_id is not None:
        return StoryMedia(StoryMediaType.VIDEO, f"https://youtu.be/{video_id}")
    button = find(showcase, "blz-button")
    link = _absolute((attribute(button, "href") or "").strip())
    is_short_story = attribute(button, "analytics-label") == StoryMediaType.SHORT_STORY.value
    kind = StoryMediaType.SHORT_STORY if is_short_story else StoryMediaType.COMIC
    return None if link is None else StoryMedia(kind, link)


def _absolute(href: str) -> str | None:
    """The URL behind a link on the site; None for no link, and for one that leads to no page (`javascript:`)."""
    if href.startswith(("https://", "http://")):
        return href
    if href.startswith("//"):
        return f"https:{href}"
    if not href or href.startswith("#") or ":" in href.partition("/")[0]:
        return None
    return f"{_SITE}/{href.removeprefix('/')}"


def _read_chapters(accordion: LexborNode | None) -> tuple[StoryChapter, ...]:
    """Title, text and picture of a chapter share a group, and stand in the same order."""
    if accordion is None:
        return ()
    titles = [child for child in children(accordion) if child.tag == "span"]
    groups = [_group_of(title) for title in titles]
    contents = _grouped(find_all(accordion, "div[slot=content]"))
    pictures = _grouped([image for image in find_all(accordion, "blz-image") if attribute(image, "src")])
    return tuple(
        StoryChapter(
            title=text_of(title).capitalize().strip(),
            content=" ".join(text_of(paragraph) for paragraph in find_all(content, "p, pr")).strip(),
            picture=attribute(picture, "src") or "",
        )
        for title, content, picture in zip(
            titles, matched(groups, contents), matched(groups, pictures), strict=True
        )
    )


def _grouped(nodes: Sequence[LexborNode]) -> list[tuple[str | None, LexborNode]]:
    return [(_group_of(node), node) for node in nodes]


def _group_of(node: LexborNode) -> str | None:
    """The group that a node or, for a picture, the box around it belongs to."""
    return attribute(node, "data-group") or attribute(node.parent, "data-group")
