"""Keys and tokens as issuers make them, good ones and others."""

import json
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

NOW = 1_800_000_000
SECRET = "s" * 32
CLAIMS: dict[str, object] = {"sub": "ana", "exp": NOW + 3600}


@cache
def rsa_key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    """The private key of this name, the same each time."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)


@cache
def ec_key(name: str = "first", curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    """The private key of this name, the same each time."""
    return ec.generate_private_key(curve())


def rsa_member(key: rsa.RSAPrivateKey, **members: object) -> dict[str, Any]:
    """The public half of a key as it stands in a JWKS."""
    return dict(RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)) | members


def ec_member(key: ec.EllipticCurvePrivateKey, **members: object) -> dict[str, Any]:
    """The public half of a key as it stands in a JWKS."""
    return dict(ECAlgorithm.to_jwk(key.public_key(), as_dict=True)) | members


def jwks(*members: object) -> bytes:
    """The text of a JWKS."""
    return json.dumps({"keys": members}).encode()


def signed(claims: dict[str, object] | None = None, secret: str = SECRET, algorithm: str = "HS256") -> str:
    """A token made with a secret."""
    return jwt.encode(CLAIMS if claims is None else claims, secret, algorithm=algorithm)


def rs256(key: rsa.RSAPrivateKey, kid: str | None = None, **claims: object) -> str:
    """A token of CLAIMS and these, made with RS256."""
    return jwt.encode(CLAIMS | claims, key, algorithm="RS256", headers={"kid": kid} if kid else None)


def es256(key: ec.EllipticCurvePrivateKey, kid: str | None = None) -> str:
    """A token of CLAIMS, made with ES256."""
    return jwt.encode(CLAIMS, key, algorithm="ES256", headers={"kid": kid} if kid else None)


def part(value: object) -> str:
    """One part of a token: JSON, or a text as it is."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def unsigned(header: object, payload: object = CLAIMS, signature: str = "") -> str:
    """A token put together by hand."""
    return f"{part(header)}.{part(payload)}.{signature}"
