"""Reading what upstream sent, away from the event loop and with its time and failures counted."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from blizzard.client import Upstream
from errors import PageUnreadable

T = TypeVar("T")
_log = structlog.get_logger()


async def parse(upstream: Upstream, page: str, read: Callable[[str], T], text: str) -> T:
    """Read a page in a thread of its own: it takes long enough to hold all other requests up.

    `page` names its kind in the metrics. Raises PageUnreadable as `read` does. A fault of the reader's own counts as
    the same, and is in the log with its story: a page must not be able to break more than itself.
    """
    try:
        with upstream.metrics.parse_seconds.labels(page).time():
            return await asyncio.to_thread(read, text)
    except PageUnreadable:
        upstream.metrics.parse_failures.labels(page).inc()
        raise
    except Exception as error:
        upstream.metrics.parse_failures.labels(page).inc()
        _log.exception("a reader failed", page=page)
        raise PageUnreadable("The page could not be read.") from error
