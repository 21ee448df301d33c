"""A subscription in the explorer, over the WebSocket of the page's own origin."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from errors import Unauthenticated
from execution.admission import Admission
from execution.visitors import Identified, Visitor
from pages.explorer import explorer_routes
from tests.browser.site import Site
from tests.browser.tabs import opened
from tests.execution.streaming import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def identify(visitor: Visitor) -> Identified:
    """Takes one token, or none."""
    if visitor.init.get("Authorization", "Bearer good") != "Bearer good":
        raise Unauthenticated("No such token.")
    return Identified(visitor)


@pytest_asyncio.fixture(loop_scope="module")
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    watch = '# Watching\nsubscription Watch { watch(topic: "x") { number } }\n'
    (tmp_path / "1-watch.graphql").write_text(watch)
    (tmp_path / "2-refused.graphql").write_text("subscription Refused { refuses }\n")
    async with serving(routes=explorer_routes(tmp_path), admission=Admission(identify)) as served:
        yield served


@pytest.fixture
def here(served: Served, tmp_path: Path) -> Site:
    return Site(served.url.removesuffix("/graphql"), tmp_path)


async def test_each_result_is_shown_as_it_comes_until_the_subscription_is_stopped(
    served: Served, here: Site, browser: Browser
) -> None:
    async with opened(browser, here, "/explorer") as tab:
        await tab.editor()
        await tab.run()
        await served.board.until("open x")
        for number in (1, 2):
            served.board.post("x", number)
            await tab.page.wait_for_selector(f".result-window :text-is('{number}')")
        shown = json.loads(await tab.result())
        await tab.run()
        await served.board.until("closed x")

    assert shown == {"data": {"watch": {"number": 2}}}
    assert served.board.contexts[-1].visitor.headers[b"origin"].decode() == here.url


async def test_a_refused_subscription_shows_its_coded_error(
    served: Served, here: Site, browser: Browser
) -> None:
    async with opened(browser, here, "/explorer?example=2-refused") as tab:
        await tab.editor()
        await tab.run()
        shown = json.loads(await tab.result())

    assert [error["extensions"] for error in shown["errors"]] == [{"code": "BAD_USER_INPUT"}]


async def test_what_stands_in_the_headers_box_goes_with_a_subscription(
    served: Served, here: Site, browser: Browser
) -> None:
    async with opened(browser, here, "/explorer") as tab:
        await tab.editor()
        await tab.write_headers('{"Authorization": "Bearer good"}')
        await tab.run()
        await served.board.until("open x")
        await tab.run()
        await served.board.until("closed x")

    assert served.board.contexts[-1].visitor.init == {"Authorization": "Bearer good"}


async def test_a_token_that_is_not_taken_is_told_and_not_sent_again(
    served: Served, here: Site, browser: Browser
) -> None:
    async with opened(browser, here, "/explorer") as tab:
        await tab.editor()
        await tab.write_headers('{"Authorization": "Bearer bad"}')
        await tab.run()
        shown = json.loads(await tab.result())

    assert [error["message"] for error in shown["errors"]] == ["The connection was closed: 4403 Forbidden"]
    assert served.board.marks == []
    assert served.figure("stream_closes_total", transport="websocket", reason="forbidden") == 1
