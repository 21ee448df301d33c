"""Settings of which one must be a mistake stop the start, with a line that says what to set."""

import os
from base64 import b64encode
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from errors import StartRefused
from identity.identity import Identity
from identity.options import AuthMode, IdentityOptions, check_bind, check_options
from tests.identity.made_tokens import SECRET, ec_key, jwks, rsa_key, rsa_member
from tests.refresh.held_clock import HeldClock

URL = "https://id.example/jwks.json"


def options(mode: str = "jwt", **given: Any) -> IdentityOptions:
    return IdentityOptions(AuthMode(mode), **given)


def refusal(mode: str = "jwt", **given: Any) -> str:
    with pytest.raises(StartRefused) as refused:
        check_options(options(mode, **given))
    assert "\n" not in refused.value.message
    return refused.value.message


@pytest.mark.parametrize(
    "fit",
    [
        options("local"),
        options("public"),
        options("public", secret="", keys="", issuer="", audience=""),
        options(secret=SECRET),
        options(secret=SECRET, keys=""),
        options(secret="ü" * 16, issuer="https://id.example", audience="playgraph"),
        options(keys=URL),
        options(keys=URL, secret=""),
        options(keys="/etc/keys.json"),
        options(keys="http://127.0.0.1:8080/jwks.json"),
        options(keys="http://localhost/jwks.json"),
        options(keys="http://[::1]/jwks.json"),
    ],
)
def test_what_fits_together_is_taken(fit: IdentityOptions) -> None:
    check_options(fit)


@pytest.mark.parametrize("mode", ["local", "public"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("secret", SECRET), ("keys", URL), ("issuer", "https://id.example"), ("audience", "us")],
)
def test_what_is_for_tokens_is_refused_where_none_are_taken(mode: str, name: str, value: str) -> None:
    setting = f"JWT_{name.upper()}"

    assert refusal(mode, **{name: value}) == (
        f"{setting} is set, and AUTH_MODE={mode} takes no tokens: set AUTH_MODE=jwt, or remove {setting}."
    )


@pytest.mark.parametrize("given", [{}, {"secret": ""}, {"keys": ""}, {"issuer": "https://id.example"}])
def test_tokens_without_anything_to_check_them_with_are_refused(given: dict[str, str]) -> None:
    assert refusal(**given).startswith(
        "AUTH_MODE=jwt needs something to check tokens with: set JWT_SECRET (HS256"
    )


def test_a_secret_beside_keys_is_refused() -> None:
    assert refusal(secret=SECRET, keys=URL).startswith("JWT_SECRET and JWT_KEYS are both set: remove ")


@pytest.mark.parametrize(("secret", "length"), [("s" * 31, 31), ("secret", 6), ("ü" * 15, 30)])
def test_a_secret_of_less_than_32_bytes_is_refused_and_not_repeated(secret: str, length: int) -> None:
    message = refusal(secret=secret)

    assert message.startswith(f"JWT_SECRET has {length} bytes, and less than 32 can be guessed: ")
    assert secret * 2 not in message


def test_a_key_of_a_pair_is_no_secret() -> None:
    pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"

    assert refusal(secret=pem).startswith(
        "JWT_SECRET is a public or private key, which is no secret for HS256: "
    )


def test_blanks_round_a_secret_do_not_make_it_longer() -> None:
    check_options(options(secret=f" {SECRET}\n"))

    assert refusal(secret=" " * 40).startswith("JWT_SECRET has 0 bytes")
    assert refusal(secret="s" * 31 + " ").startswith("JWT_SECRET has 31 bytes")


def test_a_secret_that_is_no_text_is_refused() -> None:
    assert refusal(secret="\udcff" + SECRET).startswith("JWT_SECRET is no text in UTF-8: ")


@pytest.mark.parametrize("key", [rsa_key().public_key(), ec_key().public_key()])
@pytest.mark.parametrize("width", [None, 64])
def test_a_public_key_without_its_frame_is_no_secret(
    key: RSAPublicKey | EllipticCurvePublicKey, width: int | None
) -> None:
    text = b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    written = text if width is None else "\n".join(wrap(text, width))

    assert refusal(secret=written).startswith("JWT_SECRET is a public or private key, ")


def test_a_secret_of_a_random_maker_is_taken() -> None:
    check_options(options(secret=b64encode(bytes(range(48))).decode()))


def test_the_address_of_keys_is_no_secret() -> None:
    assert refusal(secret="https://id.example/.well-known/jwks.json") == (
        "JWT_SECRET is an address, which others know too: set JWT_KEYS to it, if a JWKS is there."
    )


def test_a_user_name_in_the_address_of_keys_is_refused_and_its_password_not_repeated() -> None:
    message = refusal(keys="https://me:hush@id.example/jwks.json")

    assert message == "JWT_KEYS has a user name in its address, which is not sent: set it without one."


@pytest.mark.parametrize(
    "keys",
    [
        "ftp://id.example/k",
        "file:///etc/keys.json",
        "https://",
        "https://id.example:x/",
        "https://[::1/",
        "://a",
    ],
)
def test_an_address_that_cannot_be_asked_is_refused(keys: str) -> None:
    assert refusal(keys=keys).startswith("JWT_KEYS is neither an address like https://")


@pytest.mark.parametrize(
    "keys", ["http://id.example/jwks.json", "http://10.0.0.1/", "http://localhost.example/"]
)
def test_keys_without_tls_are_taken_from_this_machine_alone(keys: str) -> None:
    assert refusal(keys=keys).startswith("JWT_KEYS is an http:// address of another machine, ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_a_server_of_one_owner_that_others_can_reach_is_refused(host: str) -> None:
    with pytest.raises(StartRefused) as refused:
        check_bind(options("local"), host)

    assert refused.value.message == (
        f"AUTH_MODE=local takes every caller for the owner, and HOST={host} lets others in: "
        "set AUTH_MODE=public, or AUTH_MODE=jwt with JWT_SECRET or JWT_KEYS, or HOST=127.0.0.1."
    )


@pytest.mark.parametrize(("mode", "host"), [("local", "127.0.0.1"), ("public", "0.0.0.0"), ("jwt", "::")])
def test_any_other_bind_is_taken(mode: str, host: str) -> None:
    check_bind(options(mode), host)


# ---------------------------------------------------------------------------------------------- files of keys


def opened(keys: Path, clock: HeldClock) -> Identity:
    return Identity(options(keys=str(keys)), clock, lambda _: None)


def test_a_file_of_keys_is_read_at_the_start(tmp_path: Path, clock: HeldClock) -> None:
    (tmp_path / "keys.json").write_bytes(jwks(rsa_member(rsa_key())))

    assert opened(tmp_path / "keys.json", clock)


def test_a_file_of_keys_that_is_not_there_is_refused(tmp_path: Path, clock: HeldClock) -> None:
    path = tmp_path / "keys.json"

    with pytest.raises(StartRefused) as refused:
        opened(path, clock)

    assert refused.value.message == (
        f"JWT_KEYS: {path} cannot be used (No such file or directory); "
        "set it to a JWKS with public keys for RS256 or ES256."
    )


def test_a_home_of_nobody_is_told_as_a_file_that_is_not_there(clock: HeldClock) -> None:
    with pytest.raises(StartRefused, match=r"JWT_KEYS: ~nobody-here/k\.json cannot be used \(No such file"):
        opened(Path("~nobody-here/k.json"), clock)


def test_a_pipe_in_the_place_of_a_file_is_refused(tmp_path: Path, clock: HeldClock) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(StartRefused, match=r"cannot be used \(it is no file\)"):
        opened(tmp_path / "pipe", clock)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"-----BEGIN PUBLIC KEY-----", "it is no JWKS"),
        (b"{}", "it is no JWKS"),
        (b'{"keys": []}', "it has no public key for RS256 or ES256"),
    ],
)
def test_a_file_that_holds_no_keys_is_refused(
    tmp_path: Path, clock: HeldClock, text: bytes, why: str
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(text)

    with pytest.raises(StartRefused) as refused:
        opened(path, clock)

    assert refused.value.message.startswith(f"JWT_KEYS: {path} cannot be used ({why}); ")
