"""The `keys` argument that lists share: how many are allowed."""

from collections.abc import Collection, Sequence

from errors import BadUserInput

MAX_KEYS = 100


def checked_keys(keys: Sequence[str] | None) -> Collection[str] | None:
    """The keys as a set, None when no filter was given. More than 100 are BadUserInput."""
    if keys is None:
        return None
    if len(keys) > MAX_KEYS:
        raise BadUserInput(f"keys: {len(keys)} given, at most {MAX_KEYS} are allowed.")
    return frozenset(keys)
