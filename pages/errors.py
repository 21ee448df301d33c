"""What a wrong address answers: JSON with a code, like every error of this server."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_CODES = {404: "NOT_FOUND", 405: "BAD_REQUEST"}


async def _answer(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "BAD_REQUEST")
    entry = {"message": f"{error.detail}.", "extensions": {"code": code}}
    headers = {**(error.headers or {}), "cache-control": "no-store"}
    return JSONResponse({"errors": [entry]}, error.status_code, headers=headers)


ERROR_PAGES: Mapping[Any, Any] = {HTTPException: _answer}
