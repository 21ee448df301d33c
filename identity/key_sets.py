"""Sets of public keys (JWKS, RFC 7517), as identity providers publish them."""

from dataclasses import dataclass
from typing import Any

import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

ALGORITHMS = ("RS256", "ES256")
"""Those of key sets. HS256 is not among them: a public key must never be taken for a shared secret."""


class NoKeySetError(Exception):
    """A text is no JWKS, or has no key that tokens can be checked with."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys that tokens can be checked with."""

    keys: tuple[PyJWK, ...] = ()

    def find(self, key_id: str | None) -> PyJWK | None:
        """The key with this id; without one the only key there is, for many who have one key give it no id."""
        if key_id is None:
            return self.keys[0] if len(self.keys) == 1 else None
        return next((key for key in self.keys if key.key_id == key_id), None)


def read_key_set(text: bytes) -> KeySet:
    """The keys of a JWKS that are for RS256 or ES256, public, long enough and not for encryption.

    Raises NoKeySetError when there is none.
    """
    try:
        members = orjson.loads(text)["keys"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise NoKeySetError("it is no JWKS") from None
    found = [_key(member) for member in members] if isinstance(members, list) else []
    keys = tuple(key for key in found if key is not None)
    if not keys:
        raise NoKeySetError("it has no public key for RS256 or ES256")
    return KeySet(keys)


def _key(member: Any) -> PyJWK | None:
    # "d" is the private part, and whoever has a private key can make tokens: it has no place here.
    if not isinstance(member, dict) or "d" in member or member.get("use", "sig") != "sig":
        return None
    # The library stumbles over half of a key of another kind, and one odd key must not cost the others.
    if member.get("kty") not in ("RSA", "EC") or member.get("alg", ALGORITHMS[0]) not in ALGORITHMS:
        return None
    try:
        key = PyJWK(member)
        is_weak = key.Algorithm.check_key_length(key.key) is not None
    except (PyJWTError, ValueError, TypeError, AttributeError):
        return None
    return key if key.algorithm_name in ALGORITHMS and not is_weak else None
