"""The landing page as people see it: its status is live, its samples run as they stand, and it fits a phone."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.app.test_storage_trouble import damage, mend
from tests.browser.site import Site
from tests.browser.tabs import PHONE, Scheme, Tab, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = "{ heroes(role: SUPPORT) { name subrole hitpoints { total } } }"
UNAVAILABLE = "Failed to load resource: the server responded with a status of 503 (Service Unavailable)"
Open = Callable[..., AbstractAsyncContextManager[Tab]]


@pytest.fixture
def landing(site: Site, browser: Browser) -> Open:
    """Opens the landing page; takes what `opened` takes."""
    return partial(opened, browser, site, "/")


@pytest_asyncio.fixture(loop_scope="module")
async def damaged(site: Site) -> AsyncIterator[None]:
    """The server's database is out of order for the time of a test."""
    await damage(site.database)
    yield
    await mend(site.database)


async def sample(tab: Tab, way: str) -> str:
    """The text of a sample, brought to the front as a reader does it."""
    await tab.page.click(f"label[for=way-{way}]")
    await expect(tab.page.locator(f"#{way}")).to_be_visible()
    return await tab.page.locator(f"#{way}").inner_text()


async def printed(*command: str) -> Any:
    """The JSON that a command prints; it must end well."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, complaint = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0, complaint.decode()
    return json.loads(output)


async def test_the_status_is_the_server_s_own(landing: Open, site: Site) -> None:
    health = (await site.get("/health/ready")).json()

    async with landing() as tab:
        await expect(tab.page.locator("#status")).to_have_text("ready · sqlite")
        await expect(tab.page.locator("#trouble")).to_be_hidden()
        await expect(tab.page.locator("footer p >> nth=0")).to_have_text(
            f"Playgraph {health['version']} · sqlite, {health['server']}"
        )


async def test_a_server_in_trouble_says_what_is_wrong(landing: Open, damaged: None) -> None:
    async with landing(allowed=[UNAVAILABLE]) as tab:
        await expect(tab.page.locator("#status")).to_have_text("degraded · sqlite")
        await expect(tab.page.locator("#trouble")).to_be_visible()
        await expect(tab.page.locator("#trouble")).to_contain_text("storage: ")


async def test_a_server_that_does_not_answer_is_said_to_be_silent(landing: Open) -> None:
    async with landing(missing="/health/ready", allowed=["Failed to load resource: net::ERR_FAILED"]) as tab:
        await expect(tab.page.locator("#status")).to_have_text("no answer")
        await expect(tab.page.locator("#trouble")).to_be_visible()
        await expect(tab.page.locator("#trouble")).to_contain_text("does not answer")


async def test_the_query_runs_at_a_press_of_the_button(landing: Open, site: Site) -> None:
    async with landing() as tab:
        await tab.page.click("#run")
        await expect(tab.page.locator("#answer")).to_be_visible()
        shown = await tab.page.locator("#answer").inner_text()

    assert json.loads(shown) == await site.answer(QUERY)


async def test_the_sample_in_javascript_runs_in_the_page(landing: Open, site: Site) -> None:
    async with landing() as tab:
        script = await sample(tab, "js")
        shown = await tab.page.evaluate(f"async () => {{ {script}\nreturn {{ data, errors }}; }}")

    expected = await site.answer(QUERY)
    assert site.url in script
    assert (shown["data"], shown.get("errors")) == (expected["data"], None)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_sample_for_curl_runs_in_a_shell(landing: Open, site: Site) -> None:
    async with landing() as tab:
        command = await sample(tab, "curl")

    assert command.startswith(f"curl {site.url}/graphql")
    assert await printed("sh", "-c", command) == await site.answer(QUERY)


async def test_the_sample_in_python_needs_the_standard_library_alone(landing: Open, site: Site) -> None:
    async with landing() as tab:
        script = await sample(tab, "python")

    # Isolated and without site-packages.
    assert await printed(sys.executable, "-I", "-S", "-c", script) == await site.answer(QUERY)


@pytest.mark.parametrize("way", ["query", "curl", "js", "python"])
async def test_the_sample_in_front_is_the_one_that_is_copied(landing: Open, way: str) -> None:
    async with landing() as tab:
        shown = await sample(tab, way)
        await tab.page.click("#copy")
        await expect(tab.page.locator("#took")).to_have_text("copied")
        copied = await tab.page.evaluate("() => navigator.clipboard.readText()")

    assert copied.strip() == shown.strip()


@pytest.mark.parametrize("way", ["query", "curl", "js", "python"])
async def test_on_a_phone_nothing_is_cut_small_or_hard_to_tap(landing: Open, way: str) -> None:
    async with landing(size=PHONE) as tab:
        await sample(tab, way)
        await tab.page.tap("#run")
        await expect(tab.page.locator("#answer")).to_be_visible()
        width = await tab.width()
        sizes = await tab.text_sizes()
        targets = await tab.targets("a, button, label")

    assert width == PHONE[0]
    assert [each for each in sizes if each.figure < 14] == []
    assert [each for each in targets if each.figure < 44] == []
    assert len(targets) > 15


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_can_be_read_in_both_colour_schemes(landing: Open, scheme: Scheme) -> None:
    async with landing(scheme=scheme) as tab:
        await tab.page.click("#run")
        await expect(tab.page.locator("#answer")).to_be_visible()
        contrasts = await tab.contrasts()

    assert len(contrasts) > 30
    assert [each for each in contrasts if each.figure < 4.5] == []


async def test_every_link_leads_somewhere(landing: Open, site: Site) -> None:
    async with landing() as tab:
        links = await tab.page.eval_on_selector_all(
            "a", "all => all.map((each) => each.getAttribute('href'))"
        )

    answers = [await site.get(link) for link in links]
    assert len(answers) == 15
    assert [answer.status_code for answer in answers] == [200] * 15
