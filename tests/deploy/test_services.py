"""The services of docker-compose.yml, each by its own command on real programs: together they are the deployment."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import asyncpg
import httpx2
import pytest
import redis

from tests.deploy.compose import Service, load
from tests.deploy.running import (
    app_environment,
    app_is_well,
    complaint,
    is_well,
    running_app,
    running_postgres,
    running_redis,
    running_worker,
    within_deadline,
)
from tests.servers.missing import require

PASSWORD = "p@ss/w:rd #1 %23 'and' \"so\" on"
SERVICES: dict[str, Service] = load({"POSTGRES_PASSWORD": PASSWORD})["services"]


@pytest.fixture(autouse=True, scope="module")
def programs() -> None:
    require(complaint())


@dataclass
class Deployment:
    """The three services that `docker compose up` starts, and the environment of the app."""

    app: subprocess.Popen[bytes]
    redis: subprocess.Popen[bytes]
    port: int
    postgres_port: int
    environment: dict[str, str]
    changed: dict[str, str]

    def ready(self) -> tuple[int, Any]:
        return fetched(f"http://127.0.0.1:{self.port}/health/ready")

    def asked(self, query: str) -> Any:
        body = json.dumps({"query": query}).encode()
        address = f"http://127.0.0.1:{self.port}/graphql"
        return fetched(Request(address, body, {"content-type": "application/json"}))[1]


def fetched(request: str | Request) -> tuple[int, Any]:
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """For tests that leave it as it is."""
    with deployed(tmp_path_factory.mktemp("deployment")) as deployment:
        yield deployment


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Deployment]:
    """For tests that end a part of it."""
    with deployed(tmp_path) as deployment:
        yield deployment


@contextmanager
def deployed(folder: Path) -> Iterator[Deployment]:
    with ExitStack() as stack:
        postgres_port = stack.enter_context(running_postgres(SERVICES["postgres"]))
        redis_port, redis_process = stack.enter_context(running_redis(SERVICES["redis"]))
        changed = {
            "BLIZZARD_URL": "http://127.0.0.1:9",
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(postgres_port),
            "REDIS_URL": SERVICES["app"]["environment"]["REDIS_URL"].replace(
                "redis:6379", f"127.0.0.1:{redis_port}"
            ),
        }
        port, process = stack.enter_context(running_app(folder, SERVICES["app"], changed))
        environment = app_environment(SERVICES["app"], changed)
        yield Deployment(process, redis_process, port, postgres_port, environment, changed)


def test_the_deployment_is_ready_and_passes_the_health_check_of_its_image(deployment: Deployment) -> None:
    status, report = deployment.ready()

    assert (status, report["status"], report["backend"]) == (200, "ready", "hybrid")
    assert report["checks"] == {"storage": "ok"}
    assert app_is_well(deployment.environment, deployment.port)


def test_the_deployment_answers_queries_but_tells_nobody_of_its_storage(deployment: Deployment) -> None:
    answer = deployment.asked('{ gamemode(key: "escort") { name } storage { health } }')

    assert answer["data"] == {"gamemode": {"name": "Escort"}, "storage": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]


async def test_the_deployment_keeps_its_tables_in_the_database_that_compose_names(
    deployment: Deployment,
) -> None:
    given = SERVICES["postgres"]["environment"]
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=deployment.postgres_port,
        user=given["POSTGRES_USER"],
        password=PASSWORD,
        database=given["POSTGRES_DB"],
    )

    migrations = await connection.fetchval("SELECT count(*) FROM schema_migrations")
    collation = await connection.fetchval("SELECT datcollate FROM pg_database WHERE datname = 'playgraph'")
    checksums = await connection.fetchval("SHOW data_checksums")
    await connection.close()

    assert migrations > 0
    assert (collation, checksums) == ("C", "on")


async def test_the_database_lets_nobody_in_without_the_password(deployment: Deployment) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host="127.0.0.1", port=deployment.postgres_port, user="playgraph", password="playgraph"
        )


def test_without_redis_the_deployment_stays_ready_and_says_what_is_missing(fragile: Deployment) -> None:
    fragile.redis.kill()
    fragile.redis.wait(10)

    within_deadline(lambda: "cache" in fragile.ready()[1]["checks"])

    status, report = fragile.ready()
    assert (status, report["checks"]["storage"]) == (200, "ok")
    assert "Redis" in report["checks"]["cache"]
    assert app_is_well(fragile.environment, fragile.port)


def test_the_app_ends_in_order_with_the_signal_of_its_image(fragile: Deployment) -> None:
    fragile.app.send_signal(signal.SIGTERM)

    assert fragile.app.wait(15) == 0


def test_a_worker_works_beside_the_app_and_ends_in_order(deployment: Deployment, tmp_path: Path) -> None:
    with running_worker(tmp_path, SERVICES["worker"], deployment.changed) as (log, port, process):
        is_well = app_is_well(deployment.environment, port)
        figures = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
        answer = httpx2.post(f"http://127.0.0.1:{port}/graphql", json={"query": "{ __typename }"})
        process.send_signal(signal.SIGTERM)
        status = process.wait(15)

    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert (is_well, "playgraph_job_runs_total" in figures, answer.status_code) == (True, True, 404)
    assert status == 0
    assert {"working", "leaving"} <= {line["event"] for line in lines}
    assert {line["level"] for line in lines} <= {"info", "warning"}


def test_redis_is_set_up_as_its_command_says() -> None:
    with (
        running_redis(SERVICES["redis"]) as (port, _),
        redis.Redis(port=port, decode_responses=True) as client,
    ):
        settings = client.config_get("append*", "maxmemory*", "save")

    assert (settings["appendonly"], settings["appendfsync"], settings["save"]) == ("yes", "everysec", "")
    assert (settings["maxmemory"], settings["maxmemory-policy"]) == (str(256 * 1024**2), "volatile-lru")


def test_redis_that_ended_is_not_well() -> None:
    with running_redis(SERVICES["redis"]) as (port, process):
        process.kill()
        process.wait(10)

        assert not is_well(SERVICES["redis"], "redis", port)


def test_servers_for_tests_run_and_keep_nothing_on_the_disk() -> None:
    with (
        running_postgres(SERVICES["test-postgres"]) as postgres_port,
        running_redis(SERVICES["test-redis"]) as (redis_port, _),
        redis.Redis(port=redis_port, decode_responses=True) as client,
    ):
        settings = client.config_get("appendonly", "save")

        assert is_well(SERVICES["test-postgres"], "postgres", postgres_port)
        assert settings == {"appendonly": "no", "save": ""}


def test_one_container_with_a_file_is_ready(tmp_path: Path) -> None:
    service = SERVICES["sqlite"]
    changed = {"STORAGE_PATH": str(tmp_path / "data" / "playgraph.db")}

    with running_app(tmp_path, service, changed) as (port, _):
        status, report = fetched(f"http://127.0.0.1:{port}/health/ready")

    assert (status, report["backend"], report["checks"]) == (200, "sqlite", {"storage": "ok"})
    assert (tmp_path / "data" / "playgraph.db").is_file()
