"""The limit: an ASGI app that reads a request and sends bytes it was given: `python -m bench.bare PORT FOLDER`.

POST /NAME is answered with the content of the file NAME in FOLDER, read once.
"""

import sys
from pathlib import Path

from starlette.types import Receive, Scope, Send

from bench.serving import run


class Bare:
    """Does no more than any server must."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._answers: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_more = True
        while is_more:
            is_more = (await receive()).get("more_body", False)
        path = scope["path"]
        answer = self._answers.get(path)
        if answer is None:
            answer = self._answers[path] = (self._folder / path[1:]).read_bytes()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    run(Bare(Path(sys.argv[2])), int(sys.argv[1]))
