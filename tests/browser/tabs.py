"""A page of the site in the browser, watched: what it complains of, and whom else it tries to reach."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.async_api import Browser, ConsoleMessage, Page, Route

from tests.browser.site import Site

PHONE = (390, 844)
DESKTOP = (1280, 900)
Scheme = Literal["light", "dark"]

# Every element with text of its own that can be seen.
_TEXTS = """
  const texts = [...document.body.querySelectorAll("*")].filter((each) => each.checkVisibility()
    && [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
    && !each.closest(".graphiql-container, script"));
"""
# The browser itself lays the colours over each other, as it does on the page.
_CONTRAST = """() => {
  %s
  const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colour) => { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); };
  const luminance = () => [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
    .map((byte) => byte / 255).map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
  const ratio = (element) => {
    const above = [];
    for (let each = element; each; each = each.parentElement) above.unshift(getComputedStyle(each).backgroundColor);
    ["white", ...above].forEach(paint);
    const ground = luminance();
    paint(getComputedStyle(element).color);
    const [dark, light] = [ground, luminance()].sort((one, other) => one - other);
    return (light + .05) / (dark + .05);
  };
  return texts.map((each) => [each.textContent.trim().slice(0, 30), ratio(each)]);
}""" % _TEXTS  # noqa: UP031 - the braces are JavaScript's
_SIZES = (
    "() => { %s return texts.map((each) => [each.textContent.trim().slice(0, 30), "  # noqa: UP031
    "parseFloat(getComputedStyle(each).fontSize)]); }"
) % _TEXTS
_TARGETS = """(selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility())
  .map((each) => [each, each.getBoundingClientRect()])
  .map(([each, box]) => [each.textContent.trim().slice(0, 30), Math.min(box.width, box.height)])"""


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

    async def run(self) -> None:
        """Press the explorer's button that runs the query."""
        await self.page.click(".graphiql-execute-button")

    async def result(self) -> str:
        """The text in the explorer's result window, once there is any."""
        return await self._text_of(".result-window .CodeMirror")

    async def contrasts(self) -> dict[str, float]:
        """Contrast between each visible text and what it stands on, as WCAG counts it."""
        return dict(await self.page.evaluate(_CONTRAST))

    async def text_sizes(self) -> dict[str, float]:
        """Size of each visible text in pixels."""
        return dict(await self.page.evaluate(_SIZES))

    async def targets(self, selector: str) -> dict[str, float]:
        """The smaller side of each visible thing to tap, in pixels."""
        return dict(await self.page.evaluate(_TARGETS, selector))

    async def width(self) -> int:
        """How wide the page's content is; more than the window means that it scrolls sideways."""
        width: int = await self.page.evaluate("() => document.scrollingElement.scrollWidth")
        return width

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


def _note(tab: Tab, message: ConsoleMessage) -> Any:
    if message.type in ("error", "warning"):
        tab.complaints.append(message.text)
