"""Media types: which one an answer has by the Accept header, and whether a body is the JSON we read."""

from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"

# Each media type of ours with the ranges that admit it, the most specific one first.
_OURS = {
    JSON: (JSON, "application/*", "*/*"),
    GRAPHQL_RESPONSE: (GRAPHQL_RESPONSE, "application/*", "*/*"),
    EVENT_STREAM: (EVENT_STREAM,),
    MULTIPART: (MULTIPART,),
}


@lru_cache(maxsize=256)
def response_type(accept: str) -> str | None:
    """The media type of the answer, or None when `accept` admits none of ours.

    The higher quality wins, at equal quality the one named first. Without a header, or when only a wildcard
    admits several, it is `application/json`, which every client reads. A range with a `charset` other than
    UTF-8 admits nothing. Unreadable ranges are passed over.

    A stream (`text/event-stream`, or `multipart/mixed` with `subscriptionSpec=1.0`) is chosen by its own name alone,
    and only before both kinds of JSON: many clients name streams behind JSON with every query.
    """
    if not accept.strip():
        return JSON
    ranges = [found for found in map(_range, accept.split(",")) if found]
    ranked = [(_rank(ranges, media_type), media_type) for media_type in _OURS]
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
    media_range = media_range.strip().lower()
    if media_range == MULTIPART and parameters.get("subscriptionspec") != "1.0":
        # Another protocol of the same media type, like that of deferred fragments.
        return None
    try:
        quality = float(parameters.get("q", "1"))
    except ValueError:
        return None
    return (media_range, quality) if 0 <= quality <= 1 else None


def _rank(ranges: list[tuple[str, float]], media_type: str) -> tuple[float, int]:
    """Quality of the most specific range that admits `media_type`, and its place, earlier being greater."""
    for pattern in _OURS[media_type]:
        for place, (media_range, quality) in enumerate(ranges):
            if media_range == pattern:
                return quality, -place
    return 0.0, 0


def _parameters(parts: list[str]) -> dict[str, str]:
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}


def _is_utf8(charset: str) -> bool:
    return charset in ("utf-8", "utf8")
