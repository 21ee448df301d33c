"""The door: who is let in, for how long, and what the others are told over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.types import Message

from errors import Forbidden
from execution.admission import Admission
from execution.refusals import RefusedError
from execution.requests import RequestLimits
from execution.visitors import Identified, Transport, Visitor
from tests.execution.guests import FOREVER, MINUTE, NOW, guests_only
from tests.execution.small_schema import Wired, wire
from tests.refresh.held_clock import HeldClock

MODERN = "application/graphql-response+json"
VISITOR = Visitor(Transport.HTTP, {})


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def guarded(clock: HeldClock) -> Wired:
    return wire(admission=guests_only(clock), request_limits=RequestLimits(body_bytes=1_000))


@pytest.fixture
async def asker(guarded: Wired) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(guarded.endpoint)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test/graphql") as opened:
        yield opened


@pytest.mark.parametrize("written", [MINUTE, FOREVER, ""])
async def test_who_tells_the_truth_or_nothing_is_served(asker: httpx2.AsyncClient, written: str) -> None:
    answer = await asker.post("", json={"query": "{ hello }"}, headers={"Authorization": written})

    assert (answer.status_code, answer.json()) == (200, {"data": {"hello": "Hello, you!"}})
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(
    "accept", [MODERN, "application/json", "text/event-stream", "multipart/mixed;subscriptionSpec=1.0"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_does_not_is_refused_with_401_and_a_challenge_in_whatever_form(
    guarded: Wired, asker: httpx2.AsyncClient, accept: str, method: str
) -> None:
    asked = {"json" if method == "POST" else "params": {"query": "{ hello }"}}
    headers = {"Authorization": "Host x", "Accept": accept}

    answer = await asker.request(method, "", headers=headers, **asked)  # type: ignore[arg-type]

    media_type = MODERN if accept == MODERN else "application/json"
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == (
        'Bearer error="invalid_token", error_description="That is no guest."'
    )
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "errors": [{"message": "That is no guest.", "extensions": {"code": "UNAUTHENTICATED"}}]
    }
    assert guarded.ledger.calls == []
    assert guarded.counted("graphql_errors", code="UNAUTHENTICATED") == 1


@pytest.mark.parametrize(
    "accept", [MODERN, "application/json", "text/event-stream", "multipart/mixed;subscriptionSpec=1.0"]
)
async def test_who_may_not_come_in_is_refused_with_403_and_without_a_challenge(accept: str) -> None:
    async def identify(visitor: Visitor) -> Identified:
        raise Forbidden(f"No {visitor.transport.value} today.")

    closed = wire(admission=Admission(identify))
    transport = httpx2.ASGITransport(closed.endpoint)

    async with httpx2.AsyncClient(transport=transport, base_url="http://test/graphql") as asker:
        answer = await asker.post("", json={"query": "{ hello }"}, headers={"Accept": accept})

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]) == (403, {"code": "FORBIDDEN"})
    assert "www-authenticate" not in answer.headers
    assert closed.ledger.calls == []


@pytest.mark.parametrize(("headers", "stored"), [({}, "no-cache"), ({"Authorization": MINUTE}, "no-store")])
async def test_what_is_answered_to_somebody_is_stored_by_no_cache(
    asker: httpx2.AsyncClient, headers: dict[str, str], stored: str
) -> None:
    answer = await asker.get("", params={"query": "{ hello }"}, headers=headers)

    assert (answer.status_code, answer.headers["cache-control"]) == (200, stored)


async def test_who_is_refused_has_no_body_read(guarded: Wired) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        pytest.fail("the body was asked for")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Host x"), (b"content-type", b"application/json")]
    await guarded.endpoint(
        {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers},
        receive,
        send,
    )

    assert sent[0]["status"] == 401


@pytest.mark.parametrize(("method", "accept", "status"), [("PUT", "*/*", 405), ("POST", "image/png", 406)])
async def test_what_is_no_request_of_graphql_says_so_to_anybody(
    asker: httpx2.AsyncClient, method: str, accept: str, status: int
) -> None:
    answer = await asker.request(method, "", headers={"Authorization": "Host x", "Accept": accept})

    assert answer.status_code == status


async def test_a_visitor_leaves_at_the_moment_at_which_its_time_is_over(clock: HeldClock) -> None:
    door = guests_only(clock)
    guest = await door.admit(Visitor(Transport.HTTP, {b"authorization": MINUTE.encode()}))

    clock.advance(59.999)
    before = door.is_over(guest)
    clock.advance(0.001)

    assert guest == Identified(guest.visitor, MINUTE, (NOW + 60) * 1000)
    assert (before, door.is_over(guest)) == (False, True)
    await door.until_over(guest)


async def test_who_waits_for_the_end_wakes_at_the_end_and_not_before(clock: HeldClock) -> None:
    door = guests_only(clock)
    waiting = asyncio.create_task(door.until_over(Identified(VISITOR, None, (NOW + 60) * 1000)))
    await clock.until_sleeping(60)

    clock.advance(59.999)
    await asyncio.sleep(0)
    was_waiting = not waiting.done()
    clock.advance(0.001)
    await waiting

    assert was_waiting


async def test_a_visitor_without_an_end_stays(clock: HeldClock) -> None:
    door = guests_only(clock)
    clock.advance(10**9)

    assert not door.is_over(Identified(VISITOR))


async def test_without_a_door_keeper_everybody_is_let_in() -> None:
    admitted = await Admission().admit(VISITOR)

    assert admitted == Identified(VISITOR)


async def test_a_refusal_is_one_of_the_whole_request(clock: HeldClock) -> None:
    with pytest.raises(RefusedError) as refused:
        await guests_only(clock).admit(Visitor(Transport.WEBSOCKET, {}, {"guest": "Host"}))

    assert (refused.value.refusal.status, refused.value.refusal.code.value) == (401, "UNAUTHENTICATED")
