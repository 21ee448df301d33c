"""The explorer: GraphiQL with example queries, from this server's own files and without any other host."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import takewhile
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pages.assets import FILES, Assets, fill, page_response

# GraphiQL's editor writes style attributes and elements as it goes, and its style sheet has fonts and icons as
# data: addresses; scripts come as files alone.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_OWN = ("explorer.css", "explorer.js", "icon.svg")
_PACKAGE = "graphene_django_graphiql_static"
_GRAPHIQL = (
    "react.production.min.js",
    "react-dom.production.min.js",
    "graphiql.min.js",
    "graphiql.min.css",
    "graphql-ws.min.js",
)


@dataclass(frozen=True, slots=True)
class Example:
    """A query to begin with: the name of its file without ending, its title, what to look at, and its text."""

    key: str
    title: str
    hint: str
    query: str


def read_examples(folder: Path) -> list[Example]:
    """Every `.graphql` file of `folder` by name.

    The title is the first line of the comment it begins with, else the file's name; the hint is the comment's rest.
    """
    return [_example(path) for path in sorted(folder.glob("*.graphql"))]


def explorer_routes(examples: Path) -> list[BaseRoute]:
    """`/explorer` and the files it loads; `examples` is the folder of queries, read here and now.

    `/explorer?example=KEY` opens the example of that file name (without ending).
    """
    vendored = files(_PACKAGE) / "static" / _PACKAGE
    assets = Assets(
        "/assets/explorer",
        {name: FILES / name for name in _OWN} | {name: vendored / name for name in _GRAPHIQL},
    )
    found = read_examples(examples)
    text = (FILES / "explorer.html").read_text(encoding="utf-8")
    page = fill(text, assets.addresses | {"examples": _embedded(found), "links": _links(found)})

    async def explorer(_: Request) -> Response:
        return page_response(page, _POLICY)

    return [Route("/explorer", explorer, methods=["GET"]), assets.route]


def _example(path: Path) -> Example:
    query = path.read_text(encoding="utf-8")
    lines = takewhile(lambda line: line.startswith("#"), query.lstrip().splitlines())
    title, *hint = [line.lstrip("#").strip() for line in lines] or [""]
    return Example(path.stem, title or path.stem, " ".join(hint), query)


def _embedded(examples: Sequence[Example]) -> str:
    """JSON for a script element that is not run: nothing in it may end the element."""
    entries = [{"key": example.key, "query": example.query} for example in examples]
    return json.dumps(entries).replace("<", "\\u003c")


def _links(examples: Sequence[Example]) -> str:
    links = (
        f'<a href="/explorer?example={escape(example.key)}"><b>{escape(example.title)}</b>'
        f"<span>{escape(example.hint)}</span></a>"
        for example in examples
    )
    return "\n".join(links)
