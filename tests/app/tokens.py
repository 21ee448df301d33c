"""Callers with tokens, and a server that takes them."""

from contextlib import AbstractAsyncContextManager

from identity.callers import Scope
from tests.app.server import Server, served
from tests.identity.made_tokens import NOW, SECRET, signed
from tests.replay import Replay

WITH_TOKENS = {"auth_mode": "jwt", "jwt_secret": SECRET}


def serving_tokens(replay: Replay, **given: object) -> AbstractAsyncContextManager[Server]:
    """A running server that takes tokens signed with SECRET."""
    return served(replay.url, **WITH_TOKENS | given)  # type: ignore[arg-type]


def bearer(*scopes: Scope, subject: str = "ana", seconds: int = 3600, secret: str = SECRET) -> str:
    """The Authorization of a caller, good for so many seconds and 30 more."""
    scope = " ".join(each.value for each in scopes)
    return f"Bearer {signed({'sub': subject, 'exp': NOW + seconds, 'scope': scope}, secret)}"


def storage_calls(server: Server) -> float:
    """How often storage was asked for anything so far."""
    names = ("playgraph_storage_reads_total", "playgraph_storage_writes_total")
    total: float = sum(
        sample.value
        for metric in server.app.state.playgraph.metrics.registry.collect()
        for sample in metric.samples
        if sample.name in names
    )
    return total
