"""The explorer as people use it: queries run, examples open, docs are read, on a desk and on a phone."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest
from playwright.async_api import Browser, expect

from pages.explorer import read_examples
from tests.architecture.sources import ROOT
from tests.browser.site import Site
from tests.browser.tabs import PHONE, Scheme, Tab, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = {example.key: example for example in read_examples(ROOT / "examples")}
FIRST = next(iter(EXAMPLES.values()))
Open = Callable[..., AbstractAsyncContextManager[Tab]]


@pytest.fixture
def explorer(site: Site, browser: Browser) -> Open:
    """Opens the explorer; takes what `opened` takes."""
    return partial(opened, browser, site)


async def test_the_first_example_is_in_the_editor_and_runs(explorer: Open, site: Site) -> None:
    async with explorer("/explorer") as tab:
        query = await tab.editor()
        await tab.run()
        shown = json.loads(await tab.result())

    assert query == FIRST.query
    assert shown == await site.answer(FIRST.query)
    assert "ana" in {hero["key"] for hero in shown["data"]["heroes"]}


async def test_an_example_opens_in_a_tab_beside_what_was_open(explorer: Open) -> None:
    async with explorer("/explorer") as tab:
        await tab.editor()
        await tab.page.wait_for_function("() => localStorage.getItem('graphiql:tabState')")
        await tab.page.click("summary")
        await tab.page.click("nav a >> text=A career")
        query = await tab.editor()
        titles = await tab.page.locator(".graphiql-tab-button").all_text_contents()
        marked = await tab.page.locator("nav a[aria-current=page] b").text_content()

    assert query == EXAMPLES["07-career"].query
    assert titles == ["Heroes", "Career"]
    assert marked == "A career"


async def test_the_docs_show_the_query_type_and_its_fields(explorer: Open) -> None:
    async with explorer("/explorer") as tab:
        await tab.page.click("button[aria-label='Show Documentation Explorer']")
        docs = tab.page.locator(".graphiql-doc-explorer")
        await docs.get_by_role("link", name="Query", exact=True).click()

        await expect(docs.locator(".graphiql-doc-explorer-title")).to_have_text("Query")
        await expect(docs).to_contain_text("Everything that can be read.")
        await expect(docs.get_by_role("link", name="searchPlayers", exact=True)).to_be_visible()


async def test_an_unknown_player_is_shown_as_the_type_that_it_is(explorer: Open) -> None:
    async with explorer("/explorer?example=11-player-not-found") as tab:
        await tab.editor()
        await tab.run()
        shown = json.loads(await tab.result())

    assert shown["data"]["player"]["__typename"] == "PlayerNotFound"
    assert shown["data"]["player"]["code"] == "PLAYER_NOT_FOUND"


async def test_a_coded_error_is_shown_beside_the_data_and_the_console_stays_clean(explorer: Open) -> None:
    async with explorer("/explorer?example=14-bad-input") as tab:
        await tab.editor()
        await tab.run()
        shown = json.loads(await tab.result())

    assert [error["extensions"] for error in shown["errors"]] == [{"code": "BAD_USER_INPUT"}]
    assert shown["data"] == {"searchPlayers": None, "gamemode": {"name": "Escort"}}


async def test_an_example_that_does_not_exist_leaves_the_first_one(explorer: Open) -> None:
    async with explorer("/explorer?example=nonsense") as tab:
        assert await tab.editor() == FIRST.query


async def test_the_menu_closes_by_escape_and_by_a_click_elsewhere(explorer: Open) -> None:
    async with explorer("/explorer") as tab:
        menu = tab.page.locator("nav")
        await tab.page.click("summary")
        await expect(menu).to_be_visible()
        await tab.page.keyboard.press("Escape")
        await expect(menu).to_be_hidden()
        await expect(tab.page.locator("summary")).to_be_focused()
        await tab.page.click("summary")
        await expect(menu).to_be_visible()
        await tab.page.mouse.click(1200, 600)
        await expect(menu).to_be_hidden()


async def test_on_a_phone_the_menu_fits_and_its_examples_can_be_tapped(explorer: Open) -> None:
    async with explorer("/explorer", size=PHONE) as tab:
        await tab.editor()
        await tab.page.tap("summary")
        targets = await tab.targets("header a, summary")
        sizes = await tab.text_sizes()
        menu = await tab.page.locator("nav").bounding_box()
        await tab.page.tap("nav a >> text=An argument that cannot work")
        query = await tab.editor()
        width = await tab.width()

    assert len(targets) == len(EXAMPLES) + 3
    assert [each for each in targets if each.figure < 44] == []
    assert [each for each in sizes if each.figure < 14] == []
    assert menu is not None
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= PHONE[0]
    assert menu["y"] + menu["height"] <= PHONE[1]
    assert query == EXAMPLES["14-bad-input"].query
    assert width == PHONE[0]


async def test_on_a_phone_query_and_answer_have_the_whole_width(explorer: Open) -> None:
    async with explorer("/explorer", size=PHONE) as tab:
        await tab.editor()
        await tab.run()
        await tab.result()
        query = await tab.page.locator(".graphiql-query-editor").bounding_box()
        answer = await tab.page.locator(".graphiql-response").bounding_box()

    assert query is not None
    assert answer is not None
    assert min(query["width"], answer["width"]) > 340
    assert query["y"] + query["height"] <= answer["y"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_menu_can_be_read_in_both_colour_schemes(explorer: Open, scheme: Scheme) -> None:
    async with explorer("/explorer?example=06-player", scheme=scheme) as tab:
        await tab.editor()
        await tab.page.click("summary")
        contrasts = await tab.contrasts()

    assert len(contrasts) > 2 * len(EXAMPLES)
    assert [each for each in contrasts if each.figure < 4.5] == []
