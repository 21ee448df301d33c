"""Server-sent events: the "distinct connections mode" of graphql-sse, one operation a request.

`event: next` carries a result, `event: complete` ends the operation. Errors that end it, also those of the document
and its variables, are the last `next`. Lines end in LF alone: some clients split events at LF LF.
"""

import orjson

from execution.subscriptions.framing import Errors


class ServerSentEvents:
    """The framing of `text/event-stream`."""

    content_type = "text/event-stream; charset=utf-8"
    opening = b":\n\n"
    heartbeat = b":\n\n"
    # EventSource passes over an event without a data line.
    closing = b"event: complete\ndata:\n\n"

    def result(self, content: dict[str, object]) -> bytes:
        """A `next` event; JSON of one line."""
        return b"event: next\ndata: " + orjson.dumps(content) + b"\n\n"

    def failure(self, errors: Errors, *, began: bool) -> bytes:  # noqa: ARG002 - told the same way before and after
        """A `next` event without `data` in its result."""
        return self.result({"errors": errors})
