"""Where clients put their token: the Authorization header, or the payload with which a WebSocket begins."""

from collections.abc import Iterator, Mapping

from identity.refused_tokens import Reason, RefusedTokenError

_NAME = "authorization"
_SCHEME = "bearer"


def sent_token(headers: Mapping[bytes, bytes], init: Mapping[str, object]) -> str | None:
    """The token that was sent; None when there is none.

    `headers` have names in lower case. In `init` the name may have any case and may stand below `headers`, as clients
    differ. An empty value counts as none. Raises RefusedTokenError for what is no Bearer token, and for two tokens.
    """
    found = {_token(value) for value in _values(headers, init)}
    if len(found) > 1:
        raise RefusedTokenError(Reason.TWO_TOKENS)
    return found.pop() if found else None


def _values(headers: Mapping[bytes, bytes], init: Mapping[str, object]) -> Iterator[str]:
    inner = init.get("headers")
    written: list[object] = [headers.get(_NAME.encode(), b"").decode("latin-1")]
    for payload in (init, inner if isinstance(inner, dict) else {}):
        written += [value for name, value in payload.items() if name.lower() == _NAME]
    for value in written:
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise RefusedTokenError(Reason.MALFORMED)
        yield value


def _token(value: str) -> str:
    scheme, _, token = value.partition(" ")
    if scheme.lower() != _SCHEME:
        # Whoever shows something believes to be known: it is not passed over.
        raise RefusedTokenError(Reason.MALFORMED)
    return token.strip(" ")
