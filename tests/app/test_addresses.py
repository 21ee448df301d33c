"""What else the server answers: health, figures, the schema, pages, and errors for wrong addresses."""

import sqlite3

import pytest

from app import VERSION
from schema import schema
from storage.sql.sqlite import library_notes
from tests.app.server import Server
from tests.architecture.sources import ROOT


async def test_liveness_is_the_process_alone(server: Server) -> None:
    response = await server.client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "live", "version": VERSION})


async def test_readiness_tells_backend_and_version(server: Server) -> None:
    response = await server.client.get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "version": VERSION,
        "backend": "sqlite",
        "server": f"SQLite {sqlite3.sqlite_version}",
        "notes": library_notes(),
        "checks": {"storage": "ok"},
    }


async def test_the_figures_are_there_from_the_first_request(server: Server) -> None:
    response = await server.client.get("/metrics")

    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "playgraph_refresh_flights 0.0" in response.text


async def test_the_schema_is_served_as_text(server: Server) -> None:
    response = await server.client.get("/schema.graphql")

    assert response.text == schema.as_str() + "\n"
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/", "/explorer"])
async def test_pages_are_html_under_a_policy_that_names_no_other_host(server: Server, path: str) -> None:
    response = await server.client.get(path)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "http" not in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nothing", 404, "NOT_FOUND"), ("POST", "/health/live", 405, "BAD_REQUEST")],
)
async def test_a_wrong_address_is_json_with_a_code(
    server: Server, method: str, path: str, status: int, code: str
) -> None:
    response = await server.client.request(method, path)

    assert response.status_code == status
    assert response.json()["errors"][0]["extensions"] == {"code": code}


async def test_a_query_can_be_a_link(server: Server) -> None:
    response = await server.client.get("/graphql", params={"query": '{ hero(key: "ana") { name } }'})

    assert response.json() == {"data": {"hero": {"name": "Ana"}}}


def test_the_version_is_the_packages() -> None:
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
