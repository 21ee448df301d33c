"""Files that pages load: read once, addressed by their content, cacheable for ever; and the filling of pages."""

import gzip
import re
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from importlib.resources.abc import Traversable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

FILES = Path(__file__).parent / "files"
_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
}
_FOR_EVER = "public, max-age=31536000, immutable"


class Asset:
    """One file. Its address changes with its content, so a browser never asks twice and is never out of date."""

    def __init__(self, prefix: str, name: str, content: bytes) -> None:
        self.content = content
        self.media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
        self.address = f"{prefix}/{sha256(content).hexdigest()[:16]}/{name}"

    @cached_property
    def compressed(self) -> bytes:
        # Made at the first request: most processes never show a page.
        return gzip.compress(self.content, 6, mtime=0)

    def response(self, request: Request) -> Response:
        """The file, gzipped where the client takes that."""
        headers = {
            "cache-control": _FOR_EVER,
            "vary": "Accept-Encoding",
            "x-content-type-options": "nosniff",
        }
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(self.compressed, headers=headers, media_type=self.media_type)
        return Response(self.content, headers=headers, media_type=self.media_type)


class Assets:
    """The files of one page, below `prefix`."""

    def __init__(self, prefix: str, files: Mapping[str, Traversable]) -> None:
        found = {name: Asset(prefix, name, file.read_bytes()) for name, file in files.items()}
        self.addresses = {name: asset.address for name, asset in found.items()}
        self._by_address = {asset.address: asset for asset in found.values()}
        self.route = Route(prefix + "/{digest}/{name}", self._serve, methods=["GET"])

    async def _serve(self, request: Request) -> Response:
        asset = self._by_address.get(request.url.path)
        if asset is None:
            error = {"message": "There is no such file.", "extensions": {"code": "NOT_FOUND"}}
            return JSONResponse({"errors": [error]}, 404, {"cache-control": "no-store"})
        return asset.response(request)


def fill(page: str, values: Mapping[str, str]) -> str:
    """Put `values`, which are HTML already, where `page` says {{name}}; raises KeyError for a name without one."""
    return re.sub(r"\{\{([\w.-]+)\}\}", lambda found: values[found[1]], page)


def page_response(page: str, policy: str) -> HTMLResponse:
    """A page under a Content-Security-Policy; asked for anew each time, since it names the assets."""
    headers = {
        "cache-control": "no-cache",
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(page, headers=headers)
