"""The simulated site as a server that costs next to nothing: `python -m bench.upstream PORT PLAYERS`.

Making a career page takes longer than reading it, which would be what a run measures. So the pages of the first
PLAYERS players are made before the first answer and kept packed; all others are made when they are asked for.
"""

import sys
from urllib.parse import parse_qsl

import zstandard
from starlette.types import Receive, Scope, Send

from bench.players import MOMENT, full_players, site
from bench.serving import run
from blizzard.ids import career_path
from blizzard.simulator import Page


class KeptSite:
    """Answers GET as upstream does."""

    def __init__(self, players: int) -> None:
        packer = zstandard.ZstdCompressor(level=1)
        self._unpacker = zstandard.ZstdDecompressor()
        self._careers = {
            career_path(player.blizzard_id): packer.compress(site().career_text(player, MOMENT).encode())
            for player in full_players(players)
        }

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        path = scope["raw_path"].decode()
        if kept := self._careers.get(path):
            page, body = Page(200, ""), self._unpacker.decompress(kept)
        else:
            page = site().answer(path, dict(parse_qsl(scope["query_string"].decode())), MOMENT)
            body = page.text.encode()
        headers = [(b"content-type", page.content_type.encode()), (b"content-length", b"%d" % len(body))]
        if page.location:
            headers.append((b"location", page.location.encode()))
        await send({"type": "http.response.start", "status": page.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    run(KeptSite(int(sys.argv[2])), int(sys.argv[1]))
