"""Operations over a WebSocket: what they say, how they end, and that one does not disturb another."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from execution.limits import DocumentLimits
from execution.subscriptions.options import StreamOptions
from tests.execution.streaming import Served, Talk, serving

WATCH = "subscription ($topic: String!) { watch(topic: $topic) { number } }"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.fixture
async def talk(served: Served) -> AsyncIterator[Talk]:
    async with served.initialised() as talk:
        yield talk


def codes(message: Any) -> list[str]:
    """The codes of an `error` message, in order."""
    assert message["type"] == "error"
    return [error["extensions"]["code"] for error in message["payload"]]


# -------------------------------------------------------------------------------------------- what is said


async def test_a_subscription_gives_each_event_in_order_and_completes(served: Served, talk: Talk) -> None:
    await talk.subscribe("a", "subscription { count(to: 3) }")

    heard = [await talk.hear() for _ in range(4)]

    assert heard == [
        {"id": "a", "type": "next", "payload": {"data": {"count": 1}}},
        {"id": "a", "type": "next", "payload": {"data": {"count": 2}}},
        {"id": "a", "type": "next", "payload": {"data": {"count": 3}}},
        {"id": "a", "type": "complete"},
    ]
    assert served.figure("stream_events_total", transport="websocket") == 3
    assert served.figure("graphql_operations_total", kind="subscription", outcome="ok") == 1


@pytest.mark.parametrize(
    ("query", "data"), [("{ hello }", {"hello": "Hello, you!"}), ("mutation { bump }", {"bump": 1})]
)
async def test_queries_and_mutations_give_one_result(talk: Talk, query: str, data: object) -> None:
    await talk.subscribe("a", query)

    assert await talk.hear() == {"id": "a", "type": "next", "payload": {"data": data}}
    assert await talk.hear() == {"id": "a", "type": "complete"}


async def test_variables_and_operation_name_are_used(talk: Talk) -> None:
    text = "subscription A { count(to: 1) } subscription B($n: Int!) { two: count(to: $n) }"
    await talk.subscribe("a", text, operationName="B", variables={"n": 1}, extensions={"any": 1})

    assert (await talk.hear())["payload"] == {"data": {"two": 1}}


async def test_each_event_is_executed_in_a_context_of_its_own(served: Served, talk: Talk) -> None:
    served.board.post("x", 10, 20)
    await talk.subscribe("a", 'subscription { watch(topic: "x") { number context } }')

    heard = [(await talk.hear())["payload"]["data"]["watch"] for _ in range(2)]

    assert heard == [{"number": 10, "context": 2}, {"number": 20, "context": 3}]
    assert len(served.board.contexts) == 3


# ---------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        ("subscription { }", {}, "GRAPHQL_PARSE_FAILED"),
        ("", {}, "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: count(to: 1) b: count(to: 1) }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { count(to: 1) @skip(if: true) }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ... @include(if: false) { count(to: 1) } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription A { count(to: 1) } subscription B { count(to: 1) }",
            {},
            "OPERATION_RESOLUTION_FAILURE",
        ),
        ("subscription ($n: Int!) { count(to: $n) }", {}, "BAD_USER_INPUT"),
        ("subscription ($n: Int!) { count(to: $n) }", {"n": "x"}, "BAD_USER_INPUT"),
        ("query ($n: String!) { hello(name: $n) }", {"n": 7}, "BAD_USER_INPUT"),
        ("{ " + "notes { number } " * 51 + "}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{" * 60 + "}" * 60, {}, "GRAPHQL_PARSE_FAILED"),
        ("{ " + "hello " * 2001 + "}", {}, "GRAPHQL_PARSE_FAILED"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_refusal_is_an_error_of_its_operation_alone(
    served: Served, talk: Talk, query: str, variables: object, code: str
) -> None:
    await talk.subscribe("other", WATCH, variables={"topic": "x"})
    await served.board.until("open x")
    contexts = len(served.board.contexts)

    await talk.subscribe("a", query, variables=variables)
    heard = await talk.hear()
    served.board.post("x", 5)

    assert (heard["id"], set(codes(heard))) == ("a", {code})
    assert set(heard) == {"id", "type", "payload"}
    assert await talk.hear() == {"id": "other", "type": "next", "payload": {"data": {"watch": {"number": 5}}}}
    assert len(served.board.contexts) == contexts + 1
    assert served.figure("graphql_errors_total", code=code) >= 1


async def test_the_limits_of_documents_hold_at_both_sides(served: Served) -> None:
    async with (
        serving(limits=DocumentLimits(max_cost=1001, max_depth=2)) as small,
        small.initialised() as talk,
    ):
        await talk.subscribe("a", "{ notes { number } }")
        within = await talk.hear(), await talk.hear()
        await talk.subscribe("b", "{ notes { number } hello }")
        dear = await talk.hear()

    assert [message["type"] for message in within] == ["next", "complete"]
    assert codes(dear) == ["GRAPHQL_VALIDATION_FAILED"]
    assert dear["payload"][0]["message"].startswith(
        "The answer could have 1002 fields, and 1001 are allowed."
    )


async def test_a_document_is_read_once_however_often_it_is_asked_for(served: Served, talk: Talk) -> None:
    for each in ("a", "b"):
        await talk.subscribe(each, "subscription { count(to: 1) }")
        assert [(await talk.hear())["type"] for _ in range(2)] == ["next", "complete"]

    assert served.operations.documents.reads == 1


# -------------------------------------------------------------------------------------------- what fails


async def test_a_field_that_fails_is_masked_beside_the_data(talk: Talk, served: Served) -> None:
    served.board.post("x", 1)
    with capture_logs():
        await talk.subscribe("a", 'subscription { watch(topic: "x") { number broken } }')
        heard = await talk.hear()

    assert heard["type"] == "next"
    assert heard["payload"]["data"] == {"watch": {"number": 1, "broken": None}}
    assert [error["extensions"] for error in heard["payload"]["errors"]] == [
        {"code": "INTERNAL_SERVER_ERROR"}
    ]
    assert heard["payload"]["errors"][0]["path"] == ["watch", "broken"]
    assert "secret" not in str(heard)


async def test_a_source_that_breaks_ends_its_operation_with_a_masked_error(talk: Talk) -> None:
    with capture_logs():
        await talk.subscribe("a", "subscription { breaks(after: 2) }")
        heard = [await talk.hear() for _ in range(3)]

    assert [message["type"] for message in heard] == ["next", "next", "error"]
    assert codes(heard[2]) == ["INTERNAL_SERVER_ERROR"]
    assert "secret" not in str(heard[2])
    assert heard[2]["payload"][0]["path"] == ["breaks"]


async def test_a_source_that_stops_on_purpose_tells_its_code_and_text(talk: Talk) -> None:
    await talk.subscribe("a", "subscription { stops }")
    heard = [await talk.hear() for _ in range(2)]

    assert heard[0]["payload"] == {"data": {"stops": 1}}
    assert codes(heard[1]) == ["BAD_USER_INPUT"]
    assert heard[1]["payload"][0]["message"] == "No more of this."


async def test_a_subscription_that_cannot_begin_is_an_error(served: Served, talk: Talk) -> None:
    with capture_logs():
        await talk.subscribe("a", "subscription { refuses }")
        heard = await talk.hear()

    assert codes(heard) == ["BAD_USER_INPUT"]
    assert "data" not in str(heard)
    assert served.figure("graphql_operations_total", kind="subscription", outcome="errors") == 1
    assert served.figure("subscriptions", transport="websocket") == 0


async def test_a_result_that_cannot_be_written_is_an_error_with_a_reference(talk: Talk) -> None:
    with capture_logs() as logs:
        await talk.subscribe("a", "{ notes { half } }")
        heard = await talk.hear()

    assert codes(heard) == ["INTERNAL_SERVER_ERROR"]
    assert logs[0]["reference"] in heard["payload"][0]["message"]


# ----------------------------------------------------------------------------------------------- how they end


async def test_complete_closes_the_source_and_nothing_follows_it(served: Served, talk: Talk) -> None:
    await talk.subscribe("a", WATCH, variables={"topic": "x"})
    await served.board.until("open x")

    await talk.complete("a")
    await served.board.until("closed x")
    served.board.post("x", 1)
    await talk.say({"type": "ping"})

    assert await talk.hear() == {"type": "pong"}
    assert served.figure("subscriptions", transport="websocket") == 0


async def test_an_id_may_be_used_again_after_either_side_completed_it(served: Served, talk: Talk) -> None:
    await talk.subscribe("a", WATCH, variables={"topic": "x"})
    await talk.complete("a")
    await talk.subscribe("a", WATCH, variables={"topic": "y"})
    await served.board.until("open y")
    served.board.post("x", 1)
    served.board.post("y", 2)

    assert (await talk.hear())["payload"] == {"data": {"watch": {"number": 2}}}

    await talk.complete("a")
    for _ in range(50):
        await talk.subscribe("a", "subscription { count(to: 1) }")
        assert [(await talk.hear())["type"] for _ in range(2)] == ["next", "complete"]


async def test_an_id_in_use_closes_4409(served: Served, talk: Talk) -> None:
    await talk.subscribe("a", WATCH, variables={"topic": "x"})
    await talk.subscribe("a", "{ hello }")

    assert await talk.closed() == (4409, "Subscriber for a already exists")
    await served.board.until("closed x")


async def test_a_client_that_leaves_closes_its_sources_at_once(served: Served) -> None:
    async with served.initialised() as talk:
        await talk.subscribe("a", WATCH, variables={"topic": "x"})
        await talk.subscribe("b", WATCH, variables={"topic": "x"})
        await served.board.until("open x", 2)
        talk.socket.transport.abort()

        await served.board.until("closed x", 2)
        await served.counted("stream_connections", 0, transport="websocket")
        assert served.figure("subscriptions", transport="websocket") == 0


async def test_a_query_under_way_ends_with_its_client(served: Served) -> None:
    async with served.initialised() as talk:
        await talk.subscribe("a", '{ wait(topic: "x") }')
        await served.board.until("wait x")

    await served.counted("stream_connections", 0, transport="websocket")


async def test_a_slow_operation_holds_up_no_other(served: Served, talk: Talk) -> None:
    await talk.subscribe("slow", '{ wait(topic: "x") }')
    await served.board.until("wait x")

    await talk.subscribe("quick", "{ hello }")
    quick = [await talk.hear(), await talk.hear()]
    served.board.post("x", 3)

    assert [message["id"] for message in quick] == ["quick", "quick"]
    assert (await talk.hear())["payload"] == {"data": {"wait": 3}}


async def test_operations_on_one_socket_are_bounded_and_free_again() -> None:
    async with serving(StreamOptions(operations=3)) as served, served.initialised() as talk:
        for each in "abc":
            await talk.subscribe(each, WATCH, variables={"topic": each})
            await served.board.until(f"open {each}")
        await talk.subscribe("d", "{ hello }")
        refused = await talk.hear()
        await talk.complete("a")
        await talk.subscribe("d", "{ hello }")
        accepted = [await talk.hear(), await talk.hear()]

    assert codes(refused) == ["LIMIT_EXCEEDED"]
    assert refused["payload"][0]["message"] == "A connection runs at most 3 operations at a time."
    assert [message["type"] for message in accepted] == ["next", "complete"]


async def test_a_hundred_operations_run_side_by_side(served: Served, talk: Talk) -> None:
    for each in range(100):
        await talk.subscribe(str(each), WATCH, variables={"topic": str(each)})
    await served.board.until("open 99")
    for each in range(100):
        served.board.post(str(each), each)

    heard = [await talk.hear() for _ in range(100)]

    assert {message["id"]: message["payload"]["data"]["watch"]["number"] for message in heard} == {
        str(each): each for each in range(100)
    }
    await talk.subscribe("one more", "{ hello }")
    assert codes(await talk.hear()) == ["LIMIT_EXCEEDED"]


async def test_a_thousand_quick_changes_of_mind_leave_nothing_behind(served: Served, talk: Talk) -> None:
    for each in range(1000):
        await talk.subscribe(str(each), WATCH, variables={"topic": "x"})
        await talk.complete(str(each))
    await talk.say({"type": "ping"})

    assert await talk.hear() == {"type": "pong"}
    await served.counted("subscriptions", 0, transport="websocket")
    assert served.board.marks.count("open x") == served.board.marks.count("closed x")
