"""How much of what was said one answer may hold.

A message may stand in an answer many times: each reply has its parent, and each parent its replies. So the number of
fields does not bound the bytes.
"""


class ContentAllowance:
    """The bytes of messages that one answer may still have; made for each request."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most

    def take(self, content: str) -> str:
        """The content, counted each time it is asked for; nothing once it is more than is left: see `excess`.

        It raises nothing: an error at each of a hundred thousand fields would cost more than the answer.
        """
        self._left -= len(content) if content.isascii() else len(content.encode())
        return content if self._left >= 0 else ""

    @property
    def excess(self) -> str | None:
        """Why the answer must not go out; None when it may."""
        if self._left >= 0:
            return None
        return f"An answer has at most {self._most} bytes of messages. Ask for fewer messages at a time."
