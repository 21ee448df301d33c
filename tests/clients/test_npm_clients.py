"""The clients most people use in JavaScript, as they come from npm, against a real server process."""

from pathlib import Path

import orjson
import pytest

from tests.clients.node_clients import install, play
from tests.execution.processes import Running

COUNTED = [{"data": {"count": number}} for number in (1, 2, 3)]
WATCHED = [{"data": {"watch": {"number": number}}} for number in (1, 2)]
STOPPED = {"message": "No more of this.", "extensions": {"code": "BAD_USER_INPUT"}}


@pytest.fixture
async def clients(request: pytest.FixtureRequest) -> Path:
    cache = request.config.cache
    assert cache is not None
    return await install(cache)


def test_the_lock_file_names_no_address() -> None:
    lock = orjson.loads((Path(__file__).parent / "package-lock.json").read_bytes())

    packages = {name: package for name, package in lock["packages"].items() if name}

    assert len(packages) > 5
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [
        name for name, package in packages.items() if not package["integrity"].startswith("sha512-")
    ] == []


async def test_graphql_ws_runs_everything_over_one_socket(clients: Path, server: Running) -> None:
    heard = await play(clients, "graphql-ws.mjs", f"{server.url}/graphql")

    assert heard["count"] == COUNTED
    assert heard["query"] == [{"data": {"hello": "Hello, you!"}}]
    assert heard["refused"] == [{"failed": ["GRAPHQL_VALIDATION_FAILED"]}]
    assert heard["stops"] == [{"data": {"stops": 1}}, {"failed": ["BAD_USER_INPUT"]}]
    assert heard["watched"] == WATCHED
    assert heard["marks"] == ["open x", "closed x"]


async def test_graphql_sse_runs_everything_in_streams_of_its_own(clients: Path, server: Running) -> None:
    heard = await play(clients, "graphql-sse.mjs", f"{server.url}/graphql")

    assert heard["count"] == COUNTED
    assert heard["query"] == [{"data": {"hello": "Hello, you!"}}]
    assert [error["extensions"] for error in heard["refused"][0]["errors"]] == [
        {"code": "GRAPHQL_VALIDATION_FAILED"}
    ]
    assert heard["stops"][0] == {"data": {"stops": 1}}
    assert {key: heard["stops"][1]["errors"][0][key] for key in STOPPED} == STOPPED
    assert heard["watched"] == WATCHED
    assert heard["marks"] == ["open x", "closed x"]


async def test_apollo_client_subscribes_by_multipart(clients: Path, server: Running) -> None:
    heard = await play(clients, "apollo.mjs", f"{server.url}/graphql")

    assert heard["count"] == COUNTED
    assert heard["query"] == [{"data": {"hello": "Hello, you!"}}]
    assert heard["refused"] == [{"failed": ["GRAPHQL_VALIDATION_FAILED"]}]
    assert heard["stops"] == [{"data": {"stops": 1}}, {"failed": ["BAD_USER_INPUT"]}]
    # Apollo asks for the type of everything it is told.
    assert heard["watched"] == [
        {"data": {"watch": {"number": number, "__typename": "Note"}}} for number in (1, 2)
    ]
    assert heard["marks"] == ["open x", "closed x"]
