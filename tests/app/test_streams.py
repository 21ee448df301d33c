"""The settings of streams, and the product's own wiring of them."""

import pytest

from errors import StartRefused
from execution.subscriptions.open_streams import OpenStreams
from execution.subscriptions.websocket import allows_origin
from settings import load_settings
from tests.app.server import Server, served
from tests.replay import Replay


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ""),
        (" , ", ""),
        ("https://Example.org", "https://example.org"),
        ("https://example.org:443/, http://b.example:80", "http://b.example,https://example.org"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("https://a.example,https://a.example", "https://a.example"),
    ],
)
def test_origins_are_read_as_browsers_write_them(written: str, read: str) -> None:
    assert load_settings(allowed_origins=written).allowed_origins == read


@pytest.mark.parametrize(
    "written", ["*", "example.org", "ftp://a.example", "https://a.example/path", "https://u@a.b"]
)
def test_what_is_no_origin_is_refused_at_start(written: str) -> None:
    with pytest.raises(StartRefused, match="ALLOWED_ORIGINS: must be origins like "):
        load_settings(allowed_origins=written)


@pytest.mark.parametrize("name", ["websocket_init_timeout", "stream_heartbeat"])
def test_fifteen_seconds_are_the_longest_that_clients_wait(name: str) -> None:
    assert getattr(load_settings(**{name: 15}), name) == 15
    with pytest.raises(StartRefused, match=f"{name.upper()}: "):
        load_settings(**{name: 15.01})


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "a.example", True),
        ("https://a.example", "a.example", True),
        ("https://a.example", "a.example:443", True),
        ("http://a.example:80", "a.example", True),
        ("http://A.example:8000", "a.EXAMPLE:8000", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://a.example:8001", "a.example:8000", False),
        ("http://a.example", "a.example:443", False),
        ("https://b.example", "a.example", False),
        ("https://a.example.b.example", "a.example", False),
        ("https://", "", False),
        ("null", "null", False),
        ("", "", False),
    ],
)
def test_a_page_of_the_same_host_and_port_may_open_a_socket(
    origin: str | None, host: str, allowed: bool
) -> None:
    headers = {b"host": host.encode()} | ({} if origin is None else {b"origin": origin.encode()})

    assert allows_origin(headers, frozenset()) is allowed


async def test_a_query_is_answered_as_a_stream_to_who_asks_for_one(server: Server) -> None:
    answer = await server.client.post(
        "/graphql",
        json={"query": '{ gamemode(key: "escort") { name } }'},
        headers={"Accept": "text/event-stream"},
    )

    assert answer.text == (
        ':\n\nevent: next\ndata: {"data":{"gamemode":{"name":"Escort"}}}\n\nevent: complete\ndata:\n\n'
    )
    assert await server.figure('playgraph_stream_closes_total{reason="finished",transport="sse"}') == 1


async def test_the_end_of_the_app_stops_its_streams(replay: Replay) -> None:
    async with served(replay.url) as server:
        streams: OpenStreams = server.app.state.streams
        before = streams.stopping

    assert (before, streams.stopping) == (False, True)
