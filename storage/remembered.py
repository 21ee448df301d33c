"""What was made of kept parts, remembered: making facts of bytes is most of the work of a read."""

from collections import OrderedDict
from typing import Generic, TypeVar

Fact = TypeVar("Fact")


class Remembered(Generic[Fact]):
    """At most `limit` facts by key, each with the parts that it was made of. The one put first goes first.

    What counts is the parts: those of a key that changed count as none. Comparing them costs less than a hash of them,
    which a memory by the parts alone would take each time.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._made: OrderedDict[object, tuple[object, Fact]] = OrderedDict()

    def get(self, key: object, parts: object) -> Fact | None:
        """What was made of these parts of the key; None when that is not remembered."""
        made = self._made.get(key)
        return None if made is None or made[0] != parts else made[1]

    def put(self, key: object, parts: object, fact: Fact) -> None:
        """Remember a fact. Whoever gets it shares it, so it is one that does not change."""
        self._made[key] = parts, fact
        if len(self._made) > self._limit:
            self._made.popitem(last=False)
