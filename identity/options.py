"""What identity is set to, and the combinations that cannot be meant."""

from base64 import b64decode
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.exceptions import InvalidKeyError

from errors import StartRefused
from identity.addresses import is_loopback

MIN_SECRET_BYTES = 32


class AuthMode(Enum):
    """Who callers are. LOCAL: the owner of the machine, all of them. PUBLIC: nobody. JWT: whoever their token says."""

    LOCAL = "local"
    PUBLIC = "public"
    JWT = "jwt"


@dataclass(frozen=True, slots=True)
class IdentityOptions:
    """As the settings of the same names; an empty text is as good as none. `origins` are ALLOWED_ORIGINS."""

    mode: AuthMode
    secret: str | None = None
    keys: str | None = None
    issuer: str | None = None
    audience: str | None = None
    leeway_seconds: float = 30.0
    origins: frozenset[str] = frozenset()


def check_bind(options: IdentityOptions, host: str) -> None:
    """Raises StartRefused when others could reach a server that takes everybody for its owner."""
    if options.mode is AuthMode.LOCAL and not is_loopback(host):
        raise StartRefused(
            f"AUTH_MODE=local takes every caller for the owner, and HOST={host} lets others in: "
            "set AUTH_MODE=public, or AUTH_MODE=jwt with JWT_SECRET or JWT_KEYS, or HOST=127.0.0.1."
        )


def check_options(options: IdentityOptions) -> None:
    """Raises StartRefused, one line, for settings of which one must be a mistake."""
    given = _given(options)
    if options.mode is not AuthMode.JWT:
        if given:
            raise StartRefused(
                f"{given[0]} is set, and AUTH_MODE={options.mode.value} takes no tokens: "
                f"set AUTH_MODE=jwt, or remove {given[0]}."
            )
    elif options.secret and options.keys:
        raise StartRefused(
            "JWT_SECRET and JWT_KEYS are both set: remove the one that tokens are not signed with."
        )
    elif options.secret:
        _check_secret(options.secret)
    elif options.keys:
        _check_keys(options.keys)
    else:
        raise StartRefused(
            "AUTH_MODE=jwt needs something to check tokens with: set JWT_SECRET (HS256; make one with "
            "`openssl rand -base64 48`), or JWT_KEYS to the JWKS of whoever signs them (RS256, ES256)."
        )


def keys_url(keys: str) -> str | None:
    """The address in JWT_KEYS; None when it is the path of a file."""
    return keys if "://" in keys else None


def keys_path(keys: str) -> Path:
    """The file in JWT_KEYS."""
    try:
        return Path(keys).expanduser()
    except RuntimeError:
        # `~` of a user nobody knows: it is told as a file that is not there.
        return Path(keys)


def _given(options: IdentityOptions) -> list[str]:
    """The names of what is set and concerns tokens."""
    values = {
        "JWT_SECRET": options.secret,
        "JWT_KEYS": options.keys,
        "JWT_ISSUER": options.issuer,
        "JWT_AUDIENCE": options.audience,
    }
    return [name for name, value in values.items() if value]


def _check_secret(secret: str) -> None:
    try:
        # Blanks round a secret are part of it, and nothing that had to be guessed.
        length = len(secret.strip().encode())
    except UnicodeEncodeError:
        raise StartRefused(
            "JWT_SECRET is no text in UTF-8: set one made with `openssl rand -base64 48`."
        ) from None
    if length < MIN_SECRET_BYTES:
        raise StartRefused(
            f"JWT_SECRET has {length} bytes, and less than {MIN_SECRET_BYTES} can be guessed: "
            "set one made with `openssl rand -base64 48`."
        )
    if _is_key(secret):
        raise StartRefused(
            "JWT_SECRET is a public or private key, which is no secret for HS256: set JWT_KEYS to a JWKS instead."
        )
    if "://" in secret:
        raise StartRefused(
            "JWT_SECRET is an address, which others know too: set JWT_KEYS to it, if a JWKS is there."
        )


def _is_key(secret: str) -> bool:
    try:
        jwt.get_algorithm_by_name("HS256").prepare_key(secret)
    except InvalidKeyError:
        return True
    try:
        # As Keycloak shows a public key: what stands in PEM, without its first and last line.
        load_der_public_key(b64decode("".join(secret.split()), validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _check_keys(keys: str) -> None:
    if keys_url(keys) is None:
        return
    try:
        parts = urlsplit(keys)
        # The port is looked at when it is read, and not before.
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https"):
        raise StartRefused(
            "JWT_KEYS is neither an address like https://example.org/jwks.json nor a path: set one."
        )
    if parts.username is not None:
        raise StartRefused("JWT_KEYS has a user name in its address, which is not sent: set it without one.")
    if parts.scheme == "http" and not is_loopback(host):
        raise StartRefused(
            "JWT_KEYS is an http:// address of another machine, and whoever sits between could put in keys of "
            "their own: set an https:// address."
        )
