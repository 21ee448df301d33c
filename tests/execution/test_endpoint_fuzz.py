"""Whatever bytes or JSON come in: an answer in JSON, with a code for every error, and never a 500."""

import asyncio
import json

import httpx2
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.execution.small_schema import wire

WIRED = wire()
# Python's own encoder also writes what JSON or Unicode forbids: NaN, half surrogates, endless integers.
TEXTS = st.text(st.characters(codec=None))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
WORDS = (  # noqa: SIM905 - a list of 35 quoted words hides them
    "{ } ( ) [ ] hello twice (number: 1 2.5 ... on Query fragment F item inner name @skip(if: true) $n query "
    'mutation bump a: __typename lend(amount:11) # "a" """ \\u0000 subscription ticks é \0'
).split()
DOCUMENTS = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)
MEMBERS = st.fixed_dictionaries(
    {"query": DOCUMENTS | VALUES},
    optional={"variables": VALUES, "operationName": VALUES, "extensions": VALUES},
)
RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def answer(method: str, **request: object) -> httpx2.Response:
    async def send() -> httpx2.Response:
        transport = httpx2.ASGITransport(WIRED.endpoint)
        headers = {"content-type": "application/json"}
        async with httpx2.AsyncClient(transport=transport, headers=headers) as client:
            return await client.request(method, "http://test/graphql", **request)  # type: ignore[arg-type]

    return asyncio.run(send())


def assert_sound(found: httpx2.Response) -> None:
    content = found.json()
    errors = content.get("errors", [])
    assert found.status_code in {200, 400, 405}
    assert bool(errors) or "data" in content
    assert all(isinstance(error["extensions"]["code"], str) for error in errors)
    assert "INTERNAL_SERVER_ERROR" not in found.text


@RELAXED
@given(st.binary(max_size=200))
def test_any_bytes_are_answered_soundly(body: bytes) -> None:
    assert_sound(answer("POST", content=body))


@RELAXED
@given(MEMBERS | VALUES)
def test_any_json_is_answered_soundly(members: object) -> None:
    assert_sound(answer("POST", content=json.dumps(members).encode()))


@RELAXED
@given(DOCUMENTS)
def test_any_document_is_answered_soundly(text: str) -> None:
    assert_sound(answer("POST", content=orjson.dumps({"query": text})))


@RELAXED
@given(st.text(), st.text(max_size=50))
def test_any_url_is_answered_soundly(query: str, variables: str) -> None:
    assert_sound(answer("GET", params={"query": query, "variables": variables}))
