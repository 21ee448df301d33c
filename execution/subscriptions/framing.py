"""How a stream of results is written into one HTTP answer."""

from typing import Protocol

Errors = tuple[dict[str, object], ...]


class Framing(Protocol):
    """The bytes of one kind of streamed answer."""

    @property
    def content_type(self) -> str:
        """The Content-Type header."""
        ...

    @property
    def opening(self) -> bytes:
        """What comes before all else."""
        ...

    @property
    def heartbeat(self) -> bytes:
        """A sign of life that clients pass over."""
        ...

    @property
    def closing(self) -> bytes:
        """What says that all has been said."""
        ...

    def result(self, content: dict[str, object]) -> bytes:
        """One result."""
        ...

    def failure(self, errors: Errors, *, began: bool) -> bytes:
        """Errors that end the stream; `began` when results were, or could have been, sent before."""
        ...
