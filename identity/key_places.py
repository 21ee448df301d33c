"""Where key sets are read from: a file, or an address of an identity provider. Both block; call them in a thread."""

import time
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

MAX_BYTES = 1_048_576
_TIMEOUT_SECONDS = 5.0


class UnreadableKeysError(Exception):
    """The place does not give a text; the message says why."""


class _NoRedirects(HTTPRedirectHandler):
    """Takes no redirect: it may lead out of TLS, or to whoever wants to be taken for the provider."""

    def redirect_request(self, *_: object) -> None:
        return None


def read_file(path: Path) -> bytes:
    """The text of a file; raises UnreadableKeysError."""
    try:
        # Reading what others write to, like a pipe, would not end.
        if path.exists() and not path.is_file() and not path.is_dir():
            raise UnreadableKeysError("it is no file")
        with path.open("rb") as file:
            return _within_limit(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise UnreadableKeysError(error.strerror or str(error)) from None


def fetch(url: str) -> bytes:
    """What an address answers; raises UnreadableKeysError."""
    request = Request(url, headers={"Accept": "application/jwk-set+json, application/json"})  # noqa: S310 - checked at start
    over_at = time.monotonic() + _TIMEOUT_SECONDS
    text = b""
    try:
        with build_opener(_NoRedirects).open(request, timeout=_TIMEOUT_SECONDS) as answer:
            while part := answer.read1(65_536):
                text = _within_limit(text + part)
                if time.monotonic() > over_at:
                    raise UnreadableKeysError("it took too long")
    except HTTPError as error:
        error.close()
        raise UnreadableKeysError(f"the answer was {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise UnreadableKeysError(str(error) or type(error).__name__) from None
    return text


def _within_limit(text: bytes) -> bytes:
    if len(text) > MAX_BYTES:
        raise UnreadableKeysError(f"it is longer than {MAX_BYTES} bytes")
    return text
