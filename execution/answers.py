"""An answer ready to go out, and the sending of it."""

import asyncio
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from execution.negotiation import JSON

_LINGER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body, the headers that vary, and the labels (kind, outcome) it is counted under."""

    status: int
    body: bytes
    media_type: str = JSON
    kind: str = "unknown"
    outcome: str = "refused"
    allow: str = ""
    challenge: str = ""
    closes: bool = False
    cacheable: bool = False


async def send_answer(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer whole; one that `closes` first lets the client finish speaking, for a second at most."""
    headers = [
        (b"vary", b"Accept"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-cache" if answer.cacheable and answer.outcome == "ok" else b"no-store"),
    ]
    if answer.body:
        headers.append((b"content-type", f"{answer.media_type}; charset=utf-8".encode()))
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.allow:
        headers.append((b"allow", answer.allow.encode()))
    if answer.challenge:
        headers.append((b"www-authenticate", answer.challenge.encode()))
    if answer.closes:
        headers.append((b"connection", b"close"))
    body = b"" if scope["method"] == "HEAD" else answer.body
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": answer.closes})
    if answer.closes:
        await _linger(receive)
        await send({"type": "http.response.body", "body": b""})


async def _linger(receive: Receive) -> None:
    """Drop what still arrives, for a moment: a socket closed over unread bytes takes the answer with it."""
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            message = await receive()
            while message["type"] == "http.request" and message.get("more_body", False):
                message = await receive()
    except TimeoutError:
        return
