"""What of a JWKS tokens can be checked with."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import RSAAlgorithm

from identity.key_sets import NoKeySetError, read_key_set
from tests.identity.made_tokens import ec_key, ec_member, jwks, rsa_key, rsa_member

GOOD = rsa_member(rsa_key(), kid="good")


def ids(*members: object) -> list[str | None]:
    return [key.key_id for key in read_key_set(jwks(*members)).keys]


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"{}", b"<html>", b"\xff", b'{"kid": "a"}', b"[" * 3000]
)
def test_what_is_no_jwks_is_refused(text: bytes) -> None:
    with pytest.raises(NoKeySetError, match="it is no JWKS"):
        read_key_set(text)


@pytest.mark.parametrize(
    "text", [b'{"keys": []}', b'{"keys": null}', b'{"keys": {}}', b'{"keys": ["a", 5, null]}']
)
def test_a_set_without_keys_is_refused(text: bytes) -> None:
    with pytest.raises(NoKeySetError, match="it has no public key for RS256 or ES256"):
        read_key_set(text)


def test_keys_of_both_kinds_are_found_by_their_ids() -> None:
    keys = read_key_set(jwks(GOOD, ec_member(ec_key(), kid="curve")))

    rsa, curve = keys.find("good"), keys.find("curve")

    assert rsa is not None
    assert curve is not None
    assert (rsa.algorithm_name, curve.algorithm_name) == ("RS256", "ES256")
    assert keys.find("other") is None
    assert keys.find(None) is None


def private() -> dict[str, Any]:
    return dict(RSAAlgorithm.to_jwk(rsa_key(), as_dict=True)) | {"kid": "private"}


@pytest.mark.parametrize(
    "unfit",
    [
        {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "secret", "alg": "HS256"},
        private(),
        rsa_member(rsa_key("short", 1024), kid="short"),
        rsa_member(rsa_key(), kid="encrypts", use="enc"),
        rsa_member(rsa_key(), kid="longer", alg="RS512"),
        rsa_member(rsa_key(), kid="mixed", alg="HS256"),
        ec_member(ec_key("wide", ec.SECP384R1), kid="wide"),
        {"kty": "RSA", "kid": "half"},
        {"kty": "oct", "kid": "half a secret"},
        rsa_member(rsa_key(), kid="unsigned", alg="none"),
        rsa_member(rsa_key(), kid="a list", alg=["RS256"]),
        rsa_member(rsa_key(), kid="null", alg=None),
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "nowhere"},
        {"kty": "quantum", "kid": "new"},
        {},
    ],
    ids=lambda member: str(member.get("kid", "empty")),
)
def test_a_key_that_cannot_check_tokens_is_left_out_and_the_others_stay(unfit: dict[str, object]) -> None:
    assert ids(unfit, GOOD) == ["good"]
    with pytest.raises(NoKeySetError):
        ids(unfit)


def test_a_key_of_2048_bits_is_long_enough() -> None:
    assert ids(rsa_member(rsa_key(bits=2048), kid="long")) == ["long"]
