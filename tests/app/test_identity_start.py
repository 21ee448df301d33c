"""What stops the start, and the command that makes tokens, as a user runs them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app import create_app
from errors import StartRefused
from settings import load_settings
from tests.app.server import settings_for
from tests.app.subscribing import SUBPROTOCOL
from tests.app.test_command_line import address, environment, run, start
from tests.identity.made_tokens import SECRET

JWT = {"AUTH_MODE": "jwt", "JWT_SECRET": SECRET}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_a_server_of_one_owner_is_not_made_for_others(tmp_path: Path, host: str) -> None:
    with pytest.raises(
        StartRefused, match=f"AUTH_MODE=local takes every caller for the owner, and HOST={host} "
    ):
        create_app(settings_for("http://127.0.0.1:1", tmp_path / "kept.db", host=host))

    assert not (tmp_path / "kept.db").exists()


@pytest.mark.parametrize("given", [{"auth_mode": "public"}, {"auth_mode": "jwt", "jwt_secret": SECRET}])
def test_any_other_server_is(tmp_path: Path, given: dict[str, object]) -> None:
    assert create_app(settings_for("http://127.0.0.1:1", tmp_path / "kept.db", host="0.0.0.0", **given))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"HOST": "0.0.0.0"}, "AUTH_MODE=local takes every caller for the owner"),
        ({"AUTH_MODE": "jwt"}, "AUTH_MODE=jwt needs something to check tokens with"),
        ({"AUTH_MODE": "jwt", "JWT_SECRET": "short"}, "JWT_SECRET has 5 bytes"),
        (
            {"AUTH_MODE": "jwt", "JWT_KEYS": "/nowhere/keys.json"},
            "JWT_KEYS: /nowhere/keys.json cannot be used",
        ),
        (
            {"AUTH_MODE": "public", "JWT_SECRET": SECRET},
            "JWT_SECRET is set, and AUTH_MODE=public takes no tokens",
        ),
        (
            {"AUTH_MODE": "jwt", "JWT_KEYS": "/nowhere/a\nb.json"},
            "JWT_KEYS: /nowhere/a b.json cannot be used",
        ),
        (
            {"AUTH_MODE": "jwt", "JWT_KEYS": "~nobody-here/k.json"},
            "JWT_KEYS: ~nobody-here/k.json cannot be used",
        ),
        ({"AUTH_MODE": "jwt", "JWT_SECRET": "\udcff" + SECRET}, "JWT_SECRET is no text in UTF-8"),
        ({"AUTH_MODE": "oauth"}, "AUTH_MODE: "),
        ({"AUTH_MODE": "jwt", "JWT_SECRET": SECRET, "JWT_LEEWAY": "-1"}, "JWT_LEEWAY: "),
    ],
)
def test_a_mistake_in_the_settings_stops_the_start_with_one_line(
    tmp_path: Path, given: dict[str, str], words: str
) -> None:
    refused = run("serve", env=environment(tmp_path / "kept.db", **given))

    assert refused.returncode == 2
    assert refused.stderr.startswith(f"playgraph: {words}")
    assert refused.stderr.count("\n") == 1
    assert SECRET not in refused.stderr
    assert not (tmp_path / "kept.db").exists()


def test_settings_that_are_no_text_in_utf_8_are_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("UPSTREAM_CONTACT=Jörg\n".encode("latin-1"))

    with pytest.raises(StartRefused, match=r"^\.env is no text in UTF-8: save it as UTF-8\.$"):
        load_settings(_env_file=tmp_path / ".env")


@pytest.fixture
def nobodys() -> Iterator[None]:
    """The rights of a user to whom nothing belongs, where that can be had."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65_534)
    yield
    os.seteuid(mine)


def test_settings_of_somebody_else_are_refused(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    (tmp_path / ".env").touch(mode=0o000)
    request.getfixturevalue("nobodys")

    with pytest.raises(StartRefused, match=r"^\.env cannot be read \(Permission denied\); "):
        load_settings(_env_file=tmp_path / ".env")


def test_no_level_of_the_log_shows_a_token_that_a_socket_brings(tmp_path: Path) -> None:
    env = environment(tmp_path / "kept.db", **JWT, LOG_LEVEL="DEBUG")
    token = "a-token-that-nobody-else-may-read"

    with start("serve", env=env) as process:
        url = address(process).replace("http://", "ws://", 1)
        with connect(
            f"{url}/graphql?access_token={token}",
            subprotocols=[SUBPROTOCOL],
            proxy=None,
            additional_headers={"Authorization": f"Bearer {token}"},
        ) as socket:
            socket.send(
                json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
            )
            with pytest.raises(ConnectionClosed):
                socket.recv(20)
        process.terminate()
        _, log = process.communicate(timeout=30)

    assert "token_refused" in log
    assert token not in log


def test_ten_minutes_of_leeway_are_the_most() -> None:
    assert load_settings(jwt_leeway=600).jwt_leeway == 600
    with pytest.raises(StartRefused, match="JWT_LEEWAY: "):
        load_settings(jwt_leeway=600.01)


def test_a_secret_is_not_in_the_text_of_the_settings() -> None:
    assert SECRET not in repr(load_settings(jwt_secret=SECRET))


def ask(url: str, token: str) -> object:
    """The answer to a question for the operator, asked with a token."""
    body = json.dumps({"query": "{ storage { backend } }"}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    with urlopen(Request(f"{url}/graphql", body, headers)) as answer:
        return json.load(answer)


def test_a_token_of_the_command_line_is_taken_by_the_server(tmp_path: Path) -> None:
    env = environment(tmp_path / "kept.db", **JWT, JWT_ISSUER="me", JWT_AUDIENCE="us")

    printed = run("token", "--subject", "ana", "--scope", "admin", "--scope", "games", env=env)
    with start("serve", env=env) as process:
        answer = ask(address(process), printed.stdout.strip())
        process.terminate()

    assert (printed.returncode, printed.stderr) == (0, "")
    assert answer == {"data": {"storage": {"backend": "sqlite"}}}


def test_a_token_made_with_other_settings_is_refused_by_the_server(tmp_path: Path) -> None:
    env = environment(tmp_path / "kept.db", **JWT, JWT_AUDIENCE="us")

    printed = run("token", "--subject", "ana", "--scope", "admin", env=env | {"JWT_AUDIENCE": "them"})
    with start("serve", env=env) as process:
        url = address(process)
        with pytest.raises(HTTPError) as refused:
            ask(url, printed.stdout.strip())
        process.terminate()

    with refused.value as answer:
        assert answer.code == 401


@pytest.mark.parametrize(
    ("given", "arguments", "words"),
    [
        ({}, [], "AUTH_MODE=local takes no tokens: set AUTH_MODE=jwt and JWT_SECRET."),
        ({"AUTH_MODE": "jwt", "JWT_KEYS": "k.json"}, [], "JWT_KEYS are public keys, which sign nothing: "),
        (
            JWT,
            ["--scope", "everything"],
            "--scope: must be one of conversations, games, refresh, admin, not ",
        ),
        (JWT, ["--lifetime", "0"], "--lifetime: must be a number of seconds from 1 to 31536000, not 0."),
        (JWT, ["--lifetime", "31536001"], "--lifetime: must be a number of seconds from 1 to 31536000, not "),
        (JWT, ["--lifetime", "-5"], "--lifetime: must be a number of seconds from 1 to 31536000, not -5."),
        (JWT, ["--lifetime", "1h"], "--lifetime: must be a number of seconds from 1 to 31536000, not 1h."),
        (JWT, ["--subject", ""], "--subject: must have 1 to 255 characters."),
    ],
)
def test_a_token_that_cannot_be_made_is_refused_in_one_line(
    tmp_path: Path, given: dict[str, str], arguments: list[str], words: str
) -> None:
    refused = run("token", "--subject", "ana", *arguments, env=environment(tmp_path / "kept.db", **given))

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"playgraph: {words}")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("lifetime", ["1", "31536000"])
def test_a_token_lives_from_a_second_to_a_year(tmp_path: Path, lifetime: str) -> None:
    env = environment(tmp_path / "kept.db", **JWT)

    printed = run("token", "--subject", "ana", "--lifetime", lifetime, env=env)

    assert printed.returncode == 0
    assert printed.stdout.count(".") == 2
