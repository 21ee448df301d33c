"""What buses say to each other: who speaks, and pointers to what is new."""

from collections.abc import Iterable, Iterator

import msgspec

_encoder = msgspec.json.Encoder()


class Message(msgspec.Struct, array_like=True, frozen=True):
    """What goes over the channel. `origin` is the bus that speaks. No pointers: look everywhere."""

    origin: str
    pointers: list[tuple[str, int]]


_decoder = msgspec.json.Decoder(Message)


def messages(origin: str, pointers: Iterable[tuple[str, int]], most_bytes: int) -> Iterator[str]:
    """The pointers in as few texts as hold them, with at most so many bytes of pointers in each. No pointer: one text,
    that says to look everywhere; a topic that is too long for any has to do with the same."""
    part: list[tuple[str, int]] = []
    size = 0
    is_gap = True
    for pointer in pointers:
        length = len(_encoder.encode(pointer)) + 1
        is_gap = length > most_bytes
        if is_gap:
            break
        if size + length > most_bytes:
            yield _text(origin, part)
            part, size = [], 0
        part.append(pointer)
        size += length
    yield _text(origin, [] if is_gap else part)


def read_message(text: str | bytes) -> Message:
    """What `messages` made. Raises `msgspec.MsgspecError` for anything else."""
    return _decoder.decode(text)


def _text(origin: str, pointers: list[tuple[str, int]]) -> str:
    return _encoder.encode(Message(origin, pointers)).decode()
