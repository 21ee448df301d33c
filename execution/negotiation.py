"""Media types: which one an answer has by the Accept header, and whether a body is the JSON we read."""

from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"


@lru_cache(maxsize=256)
def response_type(accept: str) -> str | None:
    """The media type of the answer, or None when `accept` admits neither of ours.

    The higher quality wins, at equal quality the one named first. Without a header, or when only a wildcard
    admits both, it is `application/json`, which every client reads. A range with a `charset` other than
    UTF-8 admits nothing. Unreadable ranges are passed over.
    """
    if not accept.strip():
        return JSON
    ranges = [found for found in map(_range, accept.split(",")) if found]
    ranked = [(_rank(ranges, media_type), media_type) for media_type in (JSON, GRAPHQL_RESPONSE)]
    (quality, _), best = max(ranked, key=lambda entry: entry[0])
    return best if quality > 0 else None


@lru_cache(maxsize=256)
def is_json(content_type: str) -> bool:
    """Whether a body of this Content-Type is `application/json` in UTF-8; letters in any case."""
    media_type, *parameters = content_type.split(";")
    charset = _parameters(parameters).get("charset", "utf-8")
    return media_type.strip().lower() == JSON and _is_utf8(charset)


def _range(text: str) -> tuple[str, float] | None:
    media_range, *rest = text.split(";")
    parameters = _parameters(rest)
    if not _is_utf8(parameters.get("charset", "utf-8")):
        return None
    try:
        quality = float(parameters.get("q", "1"))
    except ValueError:
        return None
    return (media_range.strip().lower(), quality) if 0 <= quality <= 1 else None


def _rank(ranges: list[tuple[str, float]], media_type: str) -> tuple[float, int]:
    """Quality of the most specific range that admits `media_type`, and its place, earlier being greater."""
    for pattern in (media_type, "application/*", "*/*"):
        for place, (media_range, quality) in enumerate(ranges):
            if media_range == pattern:
                return quality, -place
    return 0.0, 0


def _parameters(parts: list[str]) -> dict[str, str]:
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}


def _is_utf8(charset: str) -> bool:
    return charset in ("utf-8", "utf8")
