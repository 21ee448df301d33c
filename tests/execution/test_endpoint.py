"""GraphQL over HTTP: what runs, what is refused, with which status, media type and code."""

from collections.abc import Callable
from typing import Any

import httpx2
import orjson
import pytest
import strawberry
from graphql import GraphQLResolveInfo
from starlette.types import Message
from strawberry.extensions import SchemaExtension
from structlog.testing import capture_logs

from execution.limits import DocumentLimits
from execution.requests import RequestLimits
from tests.execution.small_schema import SCHEMA, Mutation, Query, Wired, codes, wire

JSON = "application/json; charset=utf-8"
GRAPHQL = "application/graphql-response+json; charset=utf-8"
MODERN = {"accept": "application/graphql-response+json"}
LEGACY = {"accept": "application/json"}


def ask(query: object, **members: object) -> bytes:
    return orjson.dumps({"query": query, **members})


def posting(endpoint: Wired) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(endpoint.endpoint)
    headers = {"content-type": "application/json"}
    return httpx2.AsyncClient(transport=transport, base_url="http://test/graphql", headers=headers)


@pytest.fixture(autouse=True)
def say_json(client: httpx2.AsyncClient) -> None:
    client.headers["content-type"] = "application/json"


# ------------------------------------------------------------------------------------------------ what runs


async def test_post_is_answered_with_exact_bytes(client: httpx2.AsyncClient, wired: Wired) -> None:
    answer = await client.post("", content=ask("{ hello }"))

    assert answer.status_code == 200
    assert answer.content == b'{"data":{"hello":"Hello, you!"}}'
    assert answer.headers["content-type"] == JSON
    assert answer.headers["content-length"] == "32"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert wired.ledger.calls == ["hello you"]


async def test_client_that_prefers_it_gets_the_graphql_media_type(client: httpx2.AsyncClient) -> None:
    answer = await client.post("", content=ask("{ hello }"), headers=MODERN)

    assert (answer.status_code, answer.headers["content-type"]) == (200, GRAPHQL)


async def test_variables_and_operation_name_are_used(client: httpx2.AsyncClient) -> None:
    text = "query A { hello } query B($n: String!) { hello(name: $n) }"

    answer = await client.post("", content=ask(text, operationName="B", variables={"n": "Ünal 🦊"}))

    assert answer.json() == {"data": {"hello": "Hello, Ünal 🦊!"}}


async def test_null_members_count_as_absent(client: httpx2.AsyncClient) -> None:
    answer = await client.post(
        "", content=ask("{ hello }", variables=None, operationName=None, extensions=None)
    )

    assert answer.json() == {"data": {"hello": "Hello, you!"}}


async def test_unknown_members_are_passed_over(client: httpx2.AsyncClient) -> None:
    answer = await client.post("", content=ask("{ hello }", id=7))

    assert answer.json() == {"data": {"hello": "Hello, you!"}}


async def test_link_is_answered(client: httpx2.AsyncClient) -> None:
    parameters = {"query": "query($n: String!) { hello(name: $n) }", "variables": '{"n": "Ana"}'}

    answer = await client.get("", params=parameters)

    assert answer.json() == {"data": {"hello": "Hello, Ana!"}}
    assert answer.headers["cache-control"] == "no-cache"


async def test_mutation_runs_by_post(client: httpx2.AsyncClient, wired: Wired) -> None:
    answer = await client.post("", content=ask("mutation { bump }"))

    assert answer.json() == {"data": {"bump": 1}}
    assert wired.ledger.calls == ["bump"]


async def test_exception_known_to_the_schema_becomes_its_type(client: httpx2.AsyncClient) -> None:
    text = "query($n: Int!) { lend(amount: $n) { ... on Loan { amount } ... on Refused { message } } }"

    most = await client.post("", content=ask(text, variables={"n": 10}))
    more = await client.post("", content=ask(text, variables={"n": 11}))

    assert most.json() == {"data": {"lend": {"amount": 10}}}
    assert more.json() == {"data": {"lend": {"message": "Ten is the most."}}}


async def test_introspection_is_served(client: httpx2.AsyncClient) -> None:
    answer = await client.post("", content=ask("{ __schema { queryType { name } } __typename }"))

    assert answer.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}}


async def test_second_request_of_a_text_neither_parses_nor_validates(
    client: httpx2.AsyncClient, wired: Wired
) -> None:
    await client.post("", content=ask("{ hello }"))

    await client.post("", content=ask("{ hello }"))

    assert wired.operations.documents.reads == 1
    assert wired.ledger.calls == ["hello you", "hello you"]


# ------------------------------------------------------------------------------- errors of fields, documents


@pytest.mark.parametrize("accept", [MODERN, LEGACY], ids=["modern", "legacy"])
@pytest.mark.parametrize(
    ("field", "content"),
    [("fails", {"fails": None}), ("mustFail", None)],
    ids=["nullable", "up to the root"],
)
async def test_field_error_is_shaped_beside_the_answer_with_status_200(
    client: httpx2.AsyncClient, accept: dict[str, str], field: str, content: object
) -> None:
    answer = await client.post("", content=ask(f"{{ {field} }}"), headers=accept)

    assert answer.status_code == 200
    assert answer.json() == {
        "errors": [{"message": "masked", "path": [field], "extensions": {"code": "MASKED"}}],
        "data": content,
    }


REFUSED_DOCUMENTS = [
    pytest.param({"query": "{"}, "GRAPHQL_PARSE_FAILED", id="syntax"),
    pytest.param({"query": ""}, "GRAPHQL_PARSE_FAILED", id="empty"),
    pytest.param({"query": "{}"}, "GRAPHQL_PARSE_FAILED", id="no selections"),
    pytest.param({"query": "{ nonsense }"}, "GRAPHQL_VALIDATION_FAILED", id="validation"),
    pytest.param({"query": "{ twice(number: 1.5) }"}, "GRAPHQL_VALIDATION_FAILED", id="argument"),
    pytest.param({"query": "{" + "hello " * 500 + "}"}, "GRAPHQL_VALIDATION_FAILED", id="repeated"),
    pytest.param({"query": "query($n: Int!) { twice(number: $n) }"}, "BAD_USER_INPUT", id="no variable"),
    pytest.param(
        {"query": "query($n: Int!) { twice(number: $n) }", "variables": {"n": "1"}},
        "BAD_USER_INPUT",
        id="type",
    ),
    pytest.param(
        {"query": "query($n: Int!) { twice(number: $n) }", "variables": {"n": 2**31}},
        "BAD_USER_INPUT",
        id="range",
    ),
    pytest.param(
        {"query": "query A { hello } query B { hello }"}, "OPERATION_RESOLUTION_FAILURE", id="which"
    ),
    pytest.param({"query": "{ hello }", "operationName": "A"}, "OPERATION_RESOLUTION_FAILURE", id="unknown"),
    pytest.param({"query": "subscription { ticks }"}, "OPERATION_RESOLUTION_FAILURE", id="subscription"),
]


@pytest.mark.parametrize(("members", "code"), REFUSED_DOCUMENTS)
async def test_request_error_is_400_without_data_in_the_graphql_media_type(
    client: httpx2.AsyncClient, wired: Wired, members: dict[str, object], code: str
) -> None:
    answer = await client.post("", content=orjson.dumps(members), headers=MODERN)

    assert (answer.status_code, answer.headers["content-type"]) == (400, GRAPHQL)
    assert list(answer.json()) == ["errors"]
    assert codes(answer) == [code]
    assert wired.ledger.calls == []


@pytest.mark.parametrize(("members", "code"), REFUSED_DOCUMENTS)
async def test_request_error_is_200_without_data_in_json(
    client: httpx2.AsyncClient, wired: Wired, members: dict[str, object], code: str
) -> None:
    answer = await client.post("", content=orjson.dumps(members), headers=LEGACY)

    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    assert list(answer.json()) == ["errors"]
    assert codes(answer) == [code]
    assert wired.ledger.calls == []


async def test_wrong_variable_is_named_and_no_right_one_suggested(client: httpx2.AsyncClient) -> None:
    text = "query($c: Color!) { paint(color: $c) }"

    answer = await client.post("", content=ask(text, variables={"c": "SILVR"}))

    message = answer.json()["errors"][0]["message"]
    assert "'$c'" in message
    assert "'SILVR'" in message
    assert "SILVER" not in message


# ------------------------------------------------------------------------------------- bodies, URLs, headers

REFUSED_BODIES = [
    pytest.param(b"", "BAD_REQUEST", id="empty"),
    pytest.param(b"null", "BAD_REQUEST", id="null"),
    pytest.param(b"7", "BAD_REQUEST", id="number"),
    pytest.param(b'"{ hello }"', "BAD_REQUEST", id="string"),
    pytest.param(b'[{"query":"{ hello }"}]', "BAD_REQUEST", id="batch"),
    pytest.param(b"{}", "BAD_REQUEST", id="no query"),
    pytest.param(b'{"query":', "BAD_REQUEST", id="cut off"),
    pytest.param(b"\xff\xfe", "BAD_REQUEST", id="not UTF-8"),
    pytest.param(
        b'{"query":"{ hello }","variables":{"a":"\xed\xa0\x80"}}', "BAD_REQUEST", id="raw surrogate"
    ),
    pytest.param(b'{"query":"{ hello }","variables":{"a":NaN}}', "BAD_REQUEST", id="NaN"),
    pytest.param(b'{"query":"{ hello }","variables":{"a":' + b"1" * 5000 + b"}}", "BAD_REQUEST", id="digits"),
    pytest.param(b'{"query":"{ hello }","variables":' + b"[" * 100_000, "BAD_REQUEST", id="deep"),
    pytest.param(b'{"query":' + b'{"a":' * 5000 + b"1" + b"}" * 5001, "BAD_REQUEST", id="deep objects"),
    pytest.param(b'{"query":7}', "BAD_REQUEST", id="query"),
    pytest.param(b'{"query":"{ hello }","variables":[]}', "BAD_REQUEST", id="variables"),
    pytest.param(b'{"query":"{ hello }","variables":"{}"}', "BAD_REQUEST", id="variables as text"),
    pytest.param(b'{"query":"{ hello }","operationName":1}', "BAD_REQUEST", id="operationName"),
    pytest.param(b'{"query":"{ hello }","extensions":true}', "BAD_REQUEST", id="extensions"),
    pytest.param(b'{"query":"{ hello \\u0000 }"}', "BAD_USER_INPUT", id="NUL in query"),
    pytest.param(b'{"query":"{ hello }","variables":{"a":["\\u0000"]}}', "BAD_USER_INPUT", id="NUL below"),
    pytest.param(b'{"query":"{ hello }","variables":{"a\\u0000":1}}', "BAD_USER_INPUT", id="NUL in a key"),
    pytest.param(b'{"query":"{ hello }","variables":{"a":"\\ud800"}}', "BAD_USER_INPUT", id="high surrogate"),
    pytest.param(b'{"query":"{ hello }","variables":{"a":"\\udc00"}}', "BAD_USER_INPUT", id="low surrogate"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED_BODIES)
async def test_body_that_is_no_request_is_400_and_runs_nothing(
    client: httpx2.AsyncClient, wired: Wired, body: bytes, code: str
) -> None:
    answer = await client.post("", content=body)

    assert (answer.status_code, codes(answer)) == (400, [code])
    assert list(answer.json()) == ["errors"]
    assert answer.headers["cache-control"] == "no-store"
    assert wired.ledger.calls == []


async def test_backslash_before_u0000_is_ordinary_text(client: httpx2.AsyncClient) -> None:
    text = "query($n: String!) { hello(name: $n) }"

    answer = await client.post("", content=ask(text, variables={"n": r"\u0000"}))

    assert answer.json() == {"data": {"hello": r"Hello, \u0000!"}}


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "text/plain; application/json"},
        {"content-type": ""},
        {"content-encoding": "gzip"},
        {"content-encoding": "br"},
    ],
    ids=str,
)
async def test_foreign_body_is_415(client: httpx2.AsyncClient, wired: Wired, headers: dict[str, str]) -> None:
    answer = await client.post("", content=ask("{ hello }"), headers=headers)

    assert (answer.status_code, codes(answer)) == (415, ["BAD_REQUEST"])
    assert wired.ledger.calls == []


@pytest.mark.parametrize("headers", [{"content-type": "Application/JSON"}, {"content-encoding": "identity"}])
async def test_spellings_of_the_same_are_read(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("", content=ask("{ hello }"), headers=headers)

    assert answer.status_code == 200


async def test_accept_that_admits_nothing_is_406_in_json(client: httpx2.AsyncClient, wired: Wired) -> None:
    answer = await client.post("", content=ask("{ hello }"), headers={"accept": "text/html"})

    assert (answer.status_code, answer.headers["content-type"]) == (406, JSON)
    assert codes(answer) == ["BAD_REQUEST"]
    assert wired.ledger.calls == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
async def test_other_methods_are_405_with_allow(
    client: httpx2.AsyncClient, wired: Wired, method: str
) -> None:
    answer = await client.request(method, "", content=ask("{ hello }"))

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, OPTIONS")
    assert codes(answer) == ["BAD_REQUEST"]
    assert wired.ledger.calls == []


async def test_head_runs_nothing_and_has_no_body(client: httpx2.AsyncClient, wired: Wired) -> None:
    answer = await client.head("", params={"query": "{ hello }"})

    assert (answer.status_code, answer.content) == (405, b"")
    assert wired.ledger.calls == []


async def test_options_names_the_methods_and_runs_nothing(client: httpx2.AsyncClient, wired: Wired) -> None:
    answer = await client.options("", params={"query": "{ hello }"})

    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, POST, OPTIONS")
    assert answer.content == b""
    assert wired.ledger.calls == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": "mutation { bump }"},
        {"query": "query A { hello } mutation B { bump }", "operationName": "B"},
    ],
    ids=["alone", "by name"],
)
async def test_mutation_by_get_is_405(
    client: httpx2.AsyncClient, wired: Wired, parameters: dict[str, str]
) -> None:
    answer = await client.get("", params=parameters)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert codes(answer) == ["BAD_REQUEST"]
    assert wired.ledger.calls == []


@pytest.mark.parametrize(
    ("query_string", "code"),
    [
        ("", "BAD_REQUEST"),
        ("query=%FF", "BAD_REQUEST"),
        ("query=%ED%A0%80", "BAD_REQUEST"),
        ("query={hello}&query={half}", "BAD_REQUEST"),
        ("query={hello}&variables=7", "BAD_REQUEST"),
        ("query={hello}&variables={", "BAD_REQUEST"),
        ("query={hello}&variables=" + "[" * 3000, "BAD_REQUEST"),
        ("query={hello}&variables=" + "1" * 5000, "BAD_REQUEST"),
        ("query={hello}&extensions=[]", "BAD_REQUEST"),
        ("query={hello}" + "&a=1" * 100, "BAD_REQUEST"),
        ("query={hello%00}", "BAD_USER_INPUT"),
        ('query={hello}&variables={"a":"\\u0000"}', "BAD_USER_INPUT"),
        ('query={hello}&variables={"a":"\\ud800"}', "BAD_USER_INPUT"),
    ],
)
async def test_url_that_is_no_request_is_400_and_runs_nothing(
    client: httpx2.AsyncClient, wired: Wired, query_string: str, code: str
) -> None:
    answer = await client.get("http://test/graphql?" + query_string)

    assert (answer.status_code, codes(answer)) == (400, [code])
    assert wired.ledger.calls == []


@pytest.mark.parametrize(("length", "status"), [(80, 200), (81, 414)])
async def test_url_may_be_as_long_as_its_limit(length: int, status: int) -> None:
    endpoint = wire(request_limits=RequestLimits(url_bytes=80))
    query_string = "query={hello}&a=".ljust(length - len("/graphql"), "a")

    async with posting(endpoint) as client:
        answer = await client.get("http://test/graphql?" + query_string)

    assert answer.status_code == status


@pytest.mark.parametrize(("length", "status"), [(200, 200), (201, 413)])
async def test_body_may_be_as_long_as_its_limit(length: int, status: int) -> None:
    endpoint = wire(request_limits=RequestLimits(body_bytes=200))

    async with posting(endpoint) as client:
        answer = await client.post("", content=ask("{ hello }").ljust(length))

    assert answer.status_code == status


async def test_limits_of_documents_are_settable() -> None:
    endpoint = wire(limits=DocumentLimits(max_depth=1))

    async with posting(endpoint) as client:
        flat = await client.post("", content=ask("{ hello }"))
        deep = await client.post("", content=ask("{ item { name } }"))

    assert flat.json() == {"data": {"hello": "Hello, you!"}}
    assert deep.json()["errors"][0]["message"] == "The document has 2 levels of fields; the limit is 1."


# ------------------------------------------------------------------------------------------ our own mistakes


async def test_answer_that_cannot_be_written_is_a_500_with_a_reference(client: httpx2.AsyncClient) -> None:
    with capture_logs() as logs:
        answer = await client.post("", content=ask("{ half }"))

    assert (answer.status_code, codes(answer)) == (500, ["INTERNAL_SERVER_ERROR"])
    assert list(answer.json()) == ["errors"]
    assert [(line["event"], line["log_level"], line["error"]) for line in logs] == [
        ("request_failed", "error", "TypeError")
    ]
    assert logs[0]["reference"] in answer.json()["errors"][0]["message"]


async def test_failing_context_is_a_500_that_tells_neither_client_nor_log_its_text(wired: Wired) -> None:
    def break_down(*_: object) -> object:
        raise RuntimeError("password=hunter2")

    wired.operations._make_context = break_down
    with capture_logs() as logs:
        async with posting(wired) as client:
            answer = await client.post("", content=ask("{ hello }"), headers=MODERN)

    assert (answer.status_code, codes(answer)) == (500, ["INTERNAL_SERVER_ERROR"])
    assert answer.headers["content-type"] == GRAPHQL
    assert "hunter2" not in answer.text
    assert logs[0]["error"] == "RuntimeError"
    assert "hunter2" not in repr(logs[0]["error"])


async def test_client_that_leaves_while_sending_is_not_answered(wired: Wired) -> None:
    sent: list[Message] = []

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b""}
    headers = [(b"content-type", b"application/json")]
    await wired.endpoint(scope | {"headers": headers}, leave, keep)

    assert sent == []
    assert wired.counted("operations", kind="unknown", outcome="refused") is None


# --------------------------------------------------------------------------------------- metrics, extensions


async def test_operations_and_errors_are_counted(client: httpx2.AsyncClient, wired: Wired) -> None:
    await client.post("", content=ask("{ hello }"))
    await client.post("", content=ask("{ fails }"))
    await client.post("", content=ask("mutation { bump }"))
    await client.post("", content=ask("{ nonsense }"))
    await client.post("", content=b"")

    assert wired.counted("graphql_operations", kind="query", outcome="ok") == 1
    assert wired.counted("graphql_operations", kind="query", outcome="errors") == 1
    assert wired.counted("graphql_operations", kind="mutation", outcome="ok") == 1
    assert wired.counted("graphql_operations", kind="unknown", outcome="refused") == 2
    assert wired.counted("graphql_errors", code="MASKED") == 1
    assert wired.counted("graphql_errors", code="GRAPHQL_VALIDATION_FAILED") == 1
    assert wired.counted("graphql_errors", code="BAD_REQUEST") == 1


class Loud(SchemaExtension):
    async def resolve(
        self, _next: Callable[..., Any], root: Any, info: GraphQLResolveInfo[Any], *args: str, **kwargs: Any
    ) -> object:
        found: str = await _next(root, info, *args, **kwargs)
        return found.upper()


class Timed(SchemaExtension):
    def on_operation(self):  # type: ignore[no-untyped-def]
        yield


async def test_extension_that_wraps_resolvers_runs() -> None:
    endpoint = wire(strawberry.Schema(Query, Mutation, extensions=[Loud]))

    async with posting(endpoint) as client:
        answer = await client.post("", content=ask("{ hello }"))

    assert answer.json() == {"data": {"hello": "HELLO, YOU!"}}


def test_extension_that_would_never_run_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="Timed hooks into on_operation, which never runs here"):
        wire(strawberry.Schema(Query, Mutation, extensions=[Timed]))


async def test_answers_equal_those_of_the_schema_itself(client: httpx2.AsyncClient, wired: Wired) -> None:
    text = "{ a: hello item { ...I inner { ...I } } twice(number: 21) } fragment I on Item { name size }"

    answer = await client.post("", content=ask(text))

    stock = await SCHEMA.execute(text, context_value=wired.ledger)
    assert answer.json() == {"data": stock.data}
    assert stock.errors is None
