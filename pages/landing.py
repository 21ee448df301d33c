"""The landing page: what this server is, how to call it, and whether it is well just now."""

from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pages.assets import FILES, Assets, fill, page_response

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS = ("landing.css", "landing.js", "icon.svg")


def landing_routes(version: str) -> list[BaseRoute]:
    """`/` and the files it loads. `version` is shown as it is; the files are read here and now."""
    assets = Assets("/assets/landing", {name: FILES / name for name in _ASSETS})
    text = (FILES / "landing.html").read_text(encoding="utf-8")
    page = fill(text, assets.addresses | {"version": escape(version)})

    async def landing(_: Request) -> Response:
        return page_response(page, _POLICY)

    return [Route("/", landing, methods=["GET"]), assets.route]
