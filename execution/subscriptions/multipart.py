"""Multipart answers: Apollo's protocol for subscriptions over HTTP, `multipart/mixed; subscriptionSpec=1.0`.

Each part is a JSON object whose `payload` is a result. `{}` is a heartbeat. Errors that end a subscription which had
begun stand beside a null `payload`; those of the document and its variables are a result like any other. Clients read
a part when the next boundary has come, so every part is followed by one at once.
"""

import orjson

from execution.subscriptions.framing import Errors

_PART = b"\r\ncontent-type: application/json\r\n\r\n"
_BOUNDARY = b"\r\n--graphql"


class Multipart:
    """The framing of `multipart/mixed` with Apollo's parameters."""

    content_type = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
    opening = _BOUNDARY
    heartbeat = _PART + b"{}" + _BOUNDARY
    closing = b"--\r\n"

    def result(self, content: dict[str, object]) -> bytes:
        """A part with a payload."""
        return _PART + orjson.dumps({"payload": content}) + _BOUNDARY

    def failure(self, errors: Errors, *, began: bool) -> bytes:
        """The last part."""
        told = {"payload": None, "errors": errors} if began else {"payload": {"errors": errors}}
        return _PART + orjson.dumps(told) + _BOUNDARY
