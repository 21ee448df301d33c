"""A page of the site in the browser, watched: what it complains of, and whom else it tries to reach."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.async_api import Browser, ConsoleMessage, Page, Route

from tests.browser.site import Site

PHONE = (390, 844)
DESKTOP = (1280, 900)
Scheme = Literal["light", "dark"]

_MEASURE = Path(__file__).with_name("measure.js")


class Measured(NamedTuple):
    """A figure about an element, which is told by the beginning of its text."""

    text: str
    figure: float


@dataclass(frozen=True)
class Tab:
    """An open page. `complaints` are errors in its console and errors nobody caught; `foreign` the addresses of
    other hosts that it tried to reach."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    async def editor(self) -> str:
        """The text in the explorer's query editor, once it is there."""
        return await self._text_of(".graphiql-query-editor .CodeMirror")

    async def write_headers(self, text: str) -> None:
        """Put this into the explorer's headers box."""
        await self.page.click("button:text-is('Headers')")
        await self.page.evaluate(
            "(text) => document.querySelector('.graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror')"
            ".CodeMirror.setValue(text)",
            text,
        )

    async def run(self) -> None:
        """Press the explorer's button that runs the query."""
        await self.page.click(".graphiql-execute-button")

    async def result(self) -> str:
        """The text in the explorer's result window, once there is any."""
        return await self._text_of(".result-window .CodeMirror")

    async def contrasts(self) -> list[Measured]:
        """Contrast between each visible text and what it stands on, as WCAG counts it."""
        return await self._measured("contrasts")

    async def text_sizes(self) -> list[Measured]:
        """Size of each visible text in pixels."""
        return await self._measured("textSizes")

    async def targets(self, selector: str) -> list[Measured]:
        """The smaller side of each visible thing to tap, in pixels."""
        return await self._measured("targets", selector)

    async def width(self) -> int:
        """How wide the page's content is; more than the window means that it scrolls sideways."""
        width: int = await self.page.evaluate("() => document.scrollingElement.scrollWidth")
        return width

    async def _measured(self, name: str, argument: str = "") -> list[Measured]:
        found = await self.page.evaluate("([name, argument]) => measure[name](argument)", [name, argument])
        return [Measured(*each) for each in found]

    async def _text_of(self, editor: str) -> str:
        script = "(editor) => document.querySelector(editor)?.CodeMirror?.getValue()"
        handle = await self.page.wait_for_function(script, arg=editor)
        return str(await handle.json_value())


@asynccontextmanager
async def opened(
    browser: Browser,
    site: Site,
    path: str,
    *,
    size: tuple[int, int] = DESKTOP,
    scheme: Scheme = "light",
    allowed: Sequence[str] = (),
    missing: str | None = None,
) -> AsyncIterator[Tab]:
    """A page in a browser without any past. At the end of the block it must have complained of `allowed` alone and
    have reached for no other host; requests to `missing`, a path, find no server."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        has_touch=size == PHONE,
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(10_000)
    await context.add_init_script(path=_MEASURE)
    tab = Tab(await context.new_page())

    async def guard(route: Route) -> None:
        is_ours = route.request.url.startswith(site.url + "/")
        if is_ours and route.request.url != f"{site.url}{missing}":
            return await route.continue_()
        if not is_ours:
            tab.foreign.append(route.request.url)
        return await route.abort()

    await context.route("**/*", guard)
    tab.page.on("console", lambda message: _note(tab, message))
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    try:
        await tab.page.goto(site.url + path)
        yield tab
        assert (tab.complaints, tab.foreign) == ([*allowed], [])
    finally:
        await context.close()


def _note(tab: Tab, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        tab.complaints.append(message.text)
