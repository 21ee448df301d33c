"""The story on a hero's page."""

import pytest

from blizzard.parsers.hero_pages import read_hero_page
from models.heroes import Story, StoryChapter, StoryMedia, StoryMediaType
from models.locales import Locale
from tests import synthetic_heroes as made


def read(story: str) -> Story:
    found = read_hero_page(made.hero_page(story=story), Locale.EN_US)
    assert found is not None
    assert found.story is not None
    return found.story


def read_chapters(*chapters: str) -> tuple[StoryChapter, ...]:
    return read(made.story(chapters="".join(chapters))).chapters


def test_a_story_has_a_summary_media_and_chapters() -> None:
    assert read(made.story()) == Story(
        summary="Once a lamplighter.",
        media=StoryMedia(StoryMediaType.VIDEO, "https://youtu.be/aB3_x"),
        chapters=(StoryChapter("The lamp", "It was lit.  It went out.", "https://images.example/lamp.jpg"),),
    )


def test_line_feeds_of_a_summary_are_deleted() -> None:
    assert read(made.story(" Once a\nlamplighter. \n")).summary == "Once alamplighter."


def test_an_empty_section_is_a_story_of_which_nothing_is_known() -> None:
    assert read('<blz-section class="lore"></blz-section>') == Story("", None, ())


@pytest.mark.parametrize(
    ("media", "kind", "link"),
    [
        (made.FILM, StoryMediaType.VIDEO, "https://youtu.be/aB3_x"),
        (made.button("/a") + made.FILM, StoryMediaType.VIDEO, "https://youtu.be/aB3_x"),
        (
            '<blz-youtube-video youtube-id=""></blz-youtube-video>' + made.FILM,
            StoryMediaType.VIDEO,
            "https://youtu.be/aB3_x",
        ),
        (
            made.button("/media/a", "short-story"),
            StoryMediaType.SHORT_STORY,
            "https://overwatch.blizzard.com/media/a",
        ),
        (
            made.button("/media/a", "Short-Story"),
            StoryMediaType.COMIC,
            "https://overwatch.blizzard.com/media/a",
        ),
        (made.button("media/a", ""), StoryMediaType.COMIC, "https://overwatch.blizzard.com/media/a"),
        (made.button("https://a.example/b"), StoryMediaType.COMIC, "https://a.example/b"),
        (made.button("//a.example/b"), StoryMediaType.COMIC, "https://a.example/b"),
    ],
)
def test_media_is_a_film_or_what_the_button_leads_to(media: str, kind: StoryMediaType, link: str) -> None:
    assert read(made.story(media=media)).media == StoryMedia(kind, link)


@pytest.mark.parametrize(
    "media", ["", made.button(""), made.button("javascript:alert(1)"), made.button("#more")]
)
def test_a_story_without_a_link_that_leads_anywhere_has_no_media(media: str) -> None:
    assert read(made.story(media=media)).media is None


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        ("REIGN OF TALON", "Reign of talon"),
        ("Efi Oladele", "Efi oladele"),
        ("éTÉ", "Été"),
        ("Глава IV ", "Глава iv"),
    ],
)
def test_a_title_has_one_capital(sent: str, title: str) -> None:
    assert [chapter.title for chapter in read_chapters(made.chapter(0, sent))] == [title]


def test_texts_and_pictures_belong_to_the_chapter_of_their_group() -> None:
    chapters = read_chapters(
        made.chapter(0, "ONE", content="<p>First.</p>"),
        made.chapter(1, "TWO", picture="two.jpg"),
        made.chapter(2, "THREE", content="<p>Third.</p>", picture="three.jpg"),
    )

    assert chapters == (
        StoryChapter("One", "First.", ""),
        StoryChapter("Two", "", "https://images.example/two.jpg"),
        StoryChapter("Three", "Third.", "https://images.example/three.jpg"),
    )


def test_texts_and_pictures_without_a_group_count_for_their_place() -> None:
    chapters = read_chapters(
        made.chapter(None, "ONE", content="<p>First.</p>", picture="one.jpg"),
        made.chapter(None, "TWO", content="<pr>Second.</pr>"),
    )

    assert chapters == (
        StoryChapter("One", "First.", "https://images.example/one.jpg"),
        StoryChapter("Two", "Second.", ""),
    )


def test_a_text_without_a_group_belongs_to_a_chapter_that_has_one_if_it_stands_in_its_place() -> None:
    titles = made.chapter(0, "ONE") + made.chapter(None, "TWO")
    contents = '<div slot="content"><p>First.</p></div><div slot="content"><p>Second.</p></div>'

    chapters = read_chapters(titles, contents)

    assert [(chapter.title, chapter.content) for chapter in chapters] == [
        ("One", "First."),
        ("Two", "Second."),
    ]


def test_a_span_inside_a_text_is_no_chapter() -> None:
    chapters = read_chapters(made.chapter(0, "ONE", content="<p>A <span>lit</span> lamp.</p>"))

    assert [(chapter.title, chapter.content) for chapter in chapters] == [("One", "A lit lamp.")]
