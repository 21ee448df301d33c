"""docker-compose.yml: what starts, what is kept where, who can reach it, and that no password is given away."""

import re
from typing import Any

import pytest

from identity.options import check_bind, check_options
from options import identity_options
from settings import Settings, load_settings
from tests.architecture.sources import ROOT
from tests.deploy import image
from tests.deploy.compose import FILE, RequiredVariable, Service, load, seconds, started

PROJECT = load({"POSTGRES_PASSWORD": "a secret"})
SERVICES: dict[str, Service] = PROJECT["services"]
SERVERS = ("postgres", "redis")
TEST_SERVERS = ("test-postgres", "test-redis")
APPS = ("app", "sqlite")
PROGRAMS = (*APPS, "worker")


def test_without_a_profile_the_hybrid_deployment_starts_and_nothing_else() -> None:
    assert started(PROJECT) == {"app", "worker", "postgres", "redis"}
    assert SERVICES["app"]["environment"]["STORAGE_TYPE"] == "hybrid"


@pytest.mark.parametrize(("profile", "services"), [("sqlite", {"sqlite"}), ("test", set(TEST_SERVERS))])
def test_a_profile_has_services_that_need_no_others(profile: str, services: set[str]) -> None:
    assert started(PROJECT, profile) - started(PROJECT) == services
    assert [name for name in services if "depends_on" in SERVICES[name]] == []


@pytest.mark.parametrize("environment", [{}, {"POSTGRES_PASSWORD": ""}])
def test_there_is_no_default_password(environment: dict[str, str]) -> None:
    with pytest.raises(RequiredVariable, match=r"set POSTGRES_PASSWORD in \.env"):
        load(environment)


def test_the_password_is_the_same_for_the_server_and_for_the_app() -> None:
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"] == "a secret"
    assert SERVICES["app"]["environment"]["POSTGRES_PASSWORD"] == "a secret"
    assert SERVICES["worker"]["environment"]["POSTGRES_PASSWORD"] == "a secret"


@pytest.mark.parametrize("name", [*SERVERS, *TEST_SERVERS])
def test_an_image_is_pinned_to_its_minor_version(name: str) -> None:
    assert re.fullmatch(r"(postgres:\d+\.\d+|redis:\d+\.\d+\.\d+)-alpine", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_reached_from_its_own_network_alone(name: str) -> None:
    assert "ports" not in SERVICES[name]
    assert SERVICES[name]["networks"] == ["servers"]
    assert PROJECT["networks"]["servers"] == {"internal": True}


def test_the_app_and_its_worker_reach_their_servers_and_the_world() -> None:
    assert set(SERVICES["app"]["networks"]) == {"servers", "outside"}
    assert set(SERVICES["worker"]["networks"]) == {"servers", "outside"}
    assert SERVICES["sqlite"]["networks"] == ["outside"]


@pytest.mark.parametrize("name", [*APPS, *TEST_SERVERS])
def test_what_is_published_is_on_loopback(name: str) -> None:
    [port] = SERVICES[name]["ports"]

    assert port.startswith("127.0.0.1:")


def test_the_address_of_the_app_can_be_chosen() -> None:
    chosen = load({"POSTGRES_PASSWORD": "x", "PLAYGRAPH_ADDRESS": "0.0.0.0", "PLAYGRAPH_PORT": "80"})

    assert SERVICES["app"]["ports"] == ["127.0.0.1:8000:8000"]
    assert chosen["services"]["app"]["ports"] == ["0.0.0.0:80:8000"]


@pytest.mark.parametrize("name", APPS)
def test_nobody_is_known_until_it_is_said_how(name: str) -> None:
    given = {
        "AUTH_MODE": "jwt",
        "JWT_SECRET": "s" * 32,
        "JWT_ISSUER": "i",
        "JWT_AUDIENCE": "a",
        "JWT_LEEWAY": "5",
    }
    chosen = load({"POSTGRES_PASSWORD": "x"} | given)["services"][name]["environment"]
    usual = SERVICES[name]["environment"]

    assert {key: usual[key] for key in given} == dict.fromkeys(given, "") | {
        "AUTH_MODE": "public",
        "JWT_LEEWAY": "30",
    }
    assert {key: chosen[key] for key in given} == given


def test_every_setting_of_identity_is_passed_on() -> None:
    names = {name.upper() for name in Settings.model_fields if name.startswith(("auth_", "jwt_"))}

    assert names <= set(SERVICES["app"]["environment"])
    assert names <= set(SERVICES["sqlite"]["environment"])


@pytest.mark.parametrize("name", APPS)
def test_a_container_that_is_set_up_as_it_stands_is_let_start(name: str) -> None:
    environment = SERVICES[name]["environment"]
    given = {key.lower(): value for key, value in environment.items()}

    options = identity_options(load_settings(_env_file=None, **given))

    check_options(options)
    check_bind(options, environment["HOST"])


@pytest.mark.parametrize("name", ["app", "worker"])
def test_the_app_and_its_worker_wait_until_their_servers_are_well(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }


@pytest.mark.parametrize("name", [*SERVERS, *TEST_SERVERS])
def test_a_server_is_asked_whether_it_is_well(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert 1 <= seconds(check["interval"]) <= 10
    assert 1 <= seconds(check["timeout"]) <= 10


def test_the_app_brings_its_health_check_in_its_image() -> None:
    assert all("healthcheck" not in SERVICES[name] for name in APPS)
    assert image.health_check()["command"][0] == "python"


def test_the_worker_is_the_app_by_another_command_and_published_nowhere() -> None:
    worker, app = SERVICES["worker"], SERVICES["app"]

    assert worker["command"] == ["python", "app.py", "worker", "--port", app["environment"]["PORT"]]
    assert worker["image"] == app["image"]
    assert worker["environment"] == app["environment"]
    assert "ports" not in worker
    # The check of the image asks its port.
    assert "healthcheck" not in worker


@pytest.mark.parametrize("name", [*PROGRAMS, *SERVERS])
def test_what_ends_is_started_again(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"


def place_of_records(postgres: str) -> str:
    """Where an image of PostgreSQL keeps its files, by its tag: 18 moved it."""
    major = int(postgres.partition(":")[2].partition(".")[0])
    return "/var/lib/postgresql/data" if major < 18 else "/var/lib/postgresql"


def test_every_volume_has_a_name_and_is_at_the_path_of_its_image() -> None:
    mounted = {name: service["volumes"] for name, service in SERVICES.items() if "volumes" in service}

    assert mounted == {
        "postgres": [f"postgres:{place_of_records(SERVICES['postgres']['image'])}"],
        "redis": ["redis:/data"],
        "sqlite": ["sqlite:/data"],
    }
    # One that is declared `external`, or has a driver of its own, would be somebody else's.
    assert PROJECT["volumes"] == {"postgres": None, "redis": None, "sqlite": None}


def test_the_file_of_the_one_container_is_in_its_volume() -> None:
    [volume] = [step.words for step in image.last_stage("VOLUME")]

    assert SERVICES["sqlite"]["environment"]["STORAGE_PATH"] == f"{volume}/playgraph.db"
    assert SERVICES["sqlite"]["volumes"] == [f"sqlite:{volume}"]


def test_servers_for_tests_keep_nothing() -> None:
    assert SERVICES["test-postgres"]["tmpfs"] == [place_of_records(SERVICES["test-postgres"]["image"])]
    assert SERVICES["test-redis"]["tmpfs"] == ["/data"]


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_redis_writes_its_log_and_never_evicts_what_has_no_end() -> None:
    command = SERVICES["redis"]["command"]

    assert option(command, "--appendonly") == "yes"
    assert option(command, "--appendfsync") == "everysec"
    assert option(command, "--maxmemory") == "256mb"
    assert option(command, "--maxmemory-policy").startswith("volatile-")


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_app_has_no_rights_that_it_does_not_need(name: str) -> None:
    service = SERVICES[name]

    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service


@pytest.mark.parametrize("name", APPS)
def test_the_app_is_built_here_and_set_up_by_its_environment(name: str) -> None:
    service = SERVICES[name]
    given = service["environment"]

    assert (ROOT / service["build"]["dockerfile"]) == image.FILE
    assert service["env_file"] == [{"path": ".env", "required": False}]
    assert {key.lower() for key in given} - set(Settings.model_fields) == set()
    assert (given["HOST"], given["PORT"]) == ("0.0.0.0", "8000")
    # YAML would make numbers and truths of them, which Compose refuses or writes in its own way.
    assert [key for key, value in given.items() if not isinstance(value, str)] == []


def test_the_app_is_given_longer_to_end_than_its_last_requests_are() -> None:
    graceful = re.search(r"timeout_graceful_shutdown=(\d+)", (ROOT / "commands/serve.py").read_text())

    assert graceful is not None
    limit = int(graceful[1]) + Settings.model_fields["job_stop_timeout"].default
    assert all(seconds(SERVICES[name]["stop_grace_period"]) > limit for name in PROGRAMS)


def test_the_app_names_its_servers_as_the_network_does() -> None:
    given: dict[str, Any] = SERVICES["app"]["environment"]

    assert given["POSTGRES_HOST"] in SERVICES
    assert given["REDIS_URL"] == "redis://redis:6379/0"
    assert given["POSTGRES_DB"] == SERVICES["postgres"]["environment"]["POSTGRES_DB"]
    assert given["POSTGRES_USER"] == SERVICES["postgres"]["environment"]["POSTGRES_USER"]


def test_nothing_of_this_machine_is_mounted() -> None:
    text = FILE.read_text(encoding="utf-8")

    assert "privileged: true" not in text
    assert "docker.sock" not in text
    assert re.findall(r"^\s+- \.{0,2}/\S+:/", text, re.MULTILINE) == []
