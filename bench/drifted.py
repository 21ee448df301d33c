"""The simulated site at `bench.stale.AFTER`, which counts what it is asked: `python -m bench.drifted PORT PLAYERS`.

Career pages are made as they are asked for, which takes half as long as reading them; this is another process than
the one that is measured. What a search answers is made once for each name.
"""

import sys
from dataclasses import asdict, dataclass
from functools import cache
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from bench.serving import run
from bench.stale import AFTER, site
from blizzard.simulator import Page

COUNTS: Final = "/counts"
"""Where it says what it was asked: no page of the site."""


@dataclass(slots=True)
class Counts:
    """Requests so far; `others` are neither searches nor career pages."""

    searches: int = 0
    careers: int = 0
    others: int = 0


class DriftedSite:
    """Answers GET as upstream does, and tells its `Counts` at `COUNTS`."""

    def __init__(self, players: int) -> None:
        self._site = site(players)
        self._counts = Counts()
        self._search = cache(self._answer)

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        page = self._page(scope["raw_path"].decode())
        body = page.text.encode()
        headers = [(b"content-type", page.content_type.encode()), (b"content-length", b"%d" % len(body))]
        if page.location:
            headers.append((b"location", page.location.encode()))
        await send({"type": "http.response.start", "status": page.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _page(self, path: str) -> Page:
        counts = self._counts
        if path == COUNTS:
            return Page(200, msgspec.json.encode(asdict(counts)).decode(), "application/json")
        if path.startswith("/en-us/search/"):
            counts.searches += 1
            return self._search(path)
        if path.startswith("/en-us/career/"):
            counts.careers += 1
        else:
            counts.others += 1
        return self._answer(path)

    def _answer(self, path: str) -> Page:
        return self._site.answer(path, {}, AFTER)


if __name__ == "__main__":
    run(DriftedSite(int(sys.argv[2])), int(sys.argv[1]))
