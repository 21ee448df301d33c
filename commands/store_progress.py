"""How far a command is: a bar where a person looks on, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from tqdm import tqdm

_PARTS = 10


@contextmanager
def shown_progress(stream: TextIO | None = None) -> Iterator[Callable[[str, int, int], None]]:
    """What to call with the stage, what is done of it and its total (a `storage.Progress`)."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _Lines(stream)
        return
    bars = _Bars(stream)
    try:
        yield bars
    finally:
        bars.close()


class _Lines:
    """A line for each tenth of a stage."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = -1

    def __call__(self, stage: str, done: int, total: int) -> None:
        part = done * _PARTS // total if total else _PARTS
        if done == 0:
            self._shown = 0
        if part > self._shown:
            self._shown = part
            print(f"{stage}: {done:,} of {total:,}", file=self._stream, flush=True)


class _Bars:
    """A bar for each stage."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[Any] | None = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        bar = self._bar
        if bar is None or stage != self._stage or done < bar.n:
            self.close()
            self._stage = stage
            bar = self._bar = tqdm(total=total, desc=stage, unit="", file=self._stream)
        bar.total = total
        bar.update(done - bar.n)

    def close(self) -> None:
        """Leave the last bar as it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
