"""The landing page and the explorer: their own origin alone, no inline script, every link and file there."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from graphql import parse
from starlette.applications import Starlette

from pages.explorer import Example, explorer_routes, read_examples
from pages.landing import landing_routes

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAGES = ["/", "/explorer"]


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=[*landing_routes("1.2.3"), *explorer_routes(EXAMPLES)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as opened:
        yield opened


def loaded(page: str) -> list[str]:
    """Addresses of everything a page loads by itself."""
    return re.findall(r'<(?:script|img)[^>]* src="([^"]*)"', page) + re.findall(
        r'<link[^>]* href="([^"]*)"', page
    )


@pytest.mark.parametrize("path", PAGES)
async def test_page_is_html_under_a_policy_of_its_own_origin(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "connect-src 'self'" in policy
    assert "http:" not in policy
    assert "unsafe-eval" not in policy


async def test_only_the_editor_of_the_explorer_may_write_styles(client: httpx2.AsyncClient) -> None:
    landing, explorer = await client.get("/"), await client.get("/explorer")

    assert "unsafe-inline" not in landing.headers["content-security-policy"]
    assert explorer.headers["content-security-policy"].count("'unsafe-inline'") == 1
    assert "style-src 'self' 'unsafe-inline'" in explorer.headers["content-security-policy"]


@pytest.mark.parametrize(("path", "count"), [("/", 4), ("/explorer", 9)])
async def test_everything_a_page_loads_is_there(client: httpx2.AsyncClient, path: str, count: int) -> None:
    addresses = loaded((await client.get(path)).text)

    answers = [await client.get(address) for address in addresses]

    assert len(addresses) == count
    assert [answer.status_code for answer in answers] == [200] * count
    assert all(address.startswith("/assets/") for address in addresses)


@pytest.mark.parametrize("path", PAGES)
async def test_page_has_no_inline_script_and_no_foreign_address(
    client: httpx2.AsyncClient, path: str
) -> None:
    page = (await client.get(path)).text

    assert re.findall(r"<script(?![^>]* src=)(?![^>]*application/json)", page) == []
    assert re.findall(r"\son\w+=|\sstyle=|javascript:", page) == []
    assert re.findall(r'(?:href|src)="(?:\w+:)?//', page) == []
    assert "{{" not in page


async def test_landing_page_names_every_place_and_its_version(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/")).text

    links = set(re.findall(r'<a [^>]*href="([^"?]*)', page))
    assert links == {"/", "/explorer", "/schema.graphql", "/graphql", "/health/ready", "/metrics"}
    assert "Playgraph 1.2.3<" in page


async def test_landing_page_links_to_examples_that_there_are(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/")).text

    linked = re.findall(r'href="/explorer\?example=([^"]*)"', page)
    assert len(linked) == 6
    assert set(linked) <= {example.key for example in read_examples(EXAMPLES)}


async def test_version_cannot_bring_markup_in() -> None:
    app = Starlette(routes=landing_routes("<b>1</b>"))

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as opened:
        answer = await opened.get("/")

    assert "Playgraph &lt;b&gt;1&lt;/b&gt;<" in answer.text


async def test_samples_in_three_languages_ask_the_query_that_is_shown(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/")).text

    shown = re.search(r'<pre id="query"[^>]*><code>(.*?)</code>', page, re.DOTALL)
    sample = "{ heroes(role: SUPPORT) { name subrole hitpoints { total } } }"
    assert shown is not None
    assert parse(shown[1], no_location=True) == parse("query " + sample, no_location=True)
    assert page.count(sample) == 3


async def test_explorer_offers_every_example_by_title_and_text(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/explorer")).text

    embedded = re.search(r'<script type="application/json" id="examples">(.*?)</script>', page, re.DOTALL)
    links = re.findall(r'<a href="/explorer\?example=([^"]*)">', page)
    examples = read_examples(EXAMPLES)
    assert embedded is not None
    assert json.loads(embedded[1]) == [{"key": found.key, "query": found.query} for found in examples]
    assert links == [found.key for found in examples]
    assert [found.title for found in examples] == re.findall(r"<b>(.*?)</b>", page)
    assert len(examples) == 25


def test_examples_are_sorted_and_titled_by_their_first_comment(tmp_path: Path) -> None:
    titled = "# A title\n# More about it,\n# in two lines.\n{ first }\n# no part of it"
    (tmp_path / "2-late.graphql").write_text("{ late }")
    (tmp_path / "3-short.graphql").write_text("\n#Short\n\n# apart\n{ short }")
    (tmp_path / "1-first.graphql").write_text(titled)
    (tmp_path / "notes.txt").write_text("no query")

    assert read_examples(tmp_path) == [
        Example("1-first", "A title", "More about it, in two lines.", titled),
        Example("2-late", "2-late", "", "{ late }"),
        Example("3-short", "Short", "", "\n#Short\n\n# apart\n{ short }"),
    ]


async def test_example_cannot_end_the_element_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "odd.graphql").write_text(
        "# <b>Odd</b>\n# <i>hint</i>\n{ a } # </script><script>alert(1)</script>"
    )
    app = Starlette(routes=explorer_routes(tmp_path))

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as opened:
        page = (await opened.get("/explorer")).text

    assert "<script>alert" not in page
    assert "<b>&lt;b&gt;Odd&lt;/b&gt;</b><span>&lt;i&gt;hint&lt;/i&gt;</span></a>" in page
    assert r"\u003c/script>\u003cscript>alert(1)" in page
