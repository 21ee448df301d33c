"""Files of pages: addressed by content, kept for ever, compressed where that is understood."""

import gzip
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from pages.assets import Assets, fill


def client(assets: Assets) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(Starlette(routes=[assets.route]))
    return httpx2.AsyncClient(transport=transport, base_url="http://test")


CONTENT = b"a { color: red }" * 100


@pytest.fixture
def style(tmp_path: Path) -> Path:
    path = tmp_path / "style.css"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.css"
    path.write_bytes(b"a { color: blue }")
    return path


async def test_file_is_served_at_the_address_of_its_content(style: Path) -> None:
    assets = Assets("/assets/test", {"style.css": style})

    async with client(assets) as opened:
        answer = await opened.get(assets.addresses["style.css"], headers={"accept-encoding": "identity"})

    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in answer.headers


async def test_file_is_compressed_for_a_client_that_takes_gzip(style: Path) -> None:
    assets = Assets("/assets/test", {"style.css": style})

    async with (
        client(assets) as opened,
        opened.stream(
            "GET", assets.addresses["style.css"], headers={"accept-encoding": "br, gzip"}
        ) as answer,
    ):
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])

    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == CONTENT
    assert len(raw) < 100


async def test_other_content_has_another_address_and_the_old_one_is_gone(style: Path, other: Path) -> None:
    before = Assets("/assets/test", {"style.css": style}).addresses["style.css"]
    assets = Assets("/assets/test", {"style.css": other})

    async with client(assets) as opened:
        answer = await opened.get(before)

    assert before != assets.addresses["style.css"]
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_page_is_filled_by_name() -> None:
    assert fill("<a href={{a.css}}>{{b-c}}</a>", {"a.css": "x", "b-c": "{{y}}"}) == "<a href=x>{{y}}</a>"


def test_name_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="missing"):
        fill("{{missing}}", {})
