"""Media types by the Accept and Content-Type headers."""

import pytest

from execution.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, MULTIPART, is_json, response_type


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("APPLICATION/JSON; charset=UTF-8", JSON),
        ("application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json, application/json", GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json", JSON),
        ("application/json;q=0.9, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json;q=0.5, application/json;q=0.4", GRAPHQL_RESPONSE),
        (
            "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
            GRAPHQL_RESPONSE,
        ),
        ("application/json;q=0, */*", GRAPHQL_RESPONSE),
        ("application/json;q=0, application/*;q=0.1", GRAPHQL_RESPONSE),
        ("application/graphql-response+json, application/json, text/event-stream, */*", GRAPHQL_RESPONSE),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("application/json;charset=latin-1, application/graphql-response+json;q=0.1", GRAPHQL_RESPONSE),
        ("application/json;q=x, application/graphql-response+json;q=0.1", GRAPHQL_RESPONSE),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=2", None),
        ("application/json;q=nan", None),
        ("*/*;q=0", None),
        ("application/jsonp", None),
        (",;,=", None),
        ("text/event-stream", EVENT_STREAM),
        ("Text/Event-Stream; charset=utf-8", EVENT_STREAM),
        ("text/event-stream, application/json", EVENT_STREAM),
        ("text/event-stream, */*", EVENT_STREAM),
        ("text/event-stream;q=0.9, application/json;q=0.8", EVENT_STREAM),
        ("text/event-stream;q=0.8, application/json;q=0.9", JSON),
        ("application/json, text/event-stream", JSON),
        ("*/*, text/event-stream", JSON),
        ("text/*", None),
        ("text/event-stream;q=0", None),
        (
            "application/graphql-response+json, application/graphql+json, application/json, "
            "text/event-stream, multipart/mixed",
            GRAPHQL_RESPONSE,
        ),
        ("multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json", MULTIPART),
        ('multipart/mixed;boundary="graphql";subscriptionSpec="1.0"', MULTIPART),
        ("multipart/mixed;subscriptionSpec=1.0;q=0.5,application/json;q=0.9", JSON),
        ("multipart/mixed;deferSpec=20220824,application/json", JSON),
        ("multipart/mixed", None),
        ("multipart/mixed;subscriptionSpec=2.0", None),
        ("text/event-stream, multipart/mixed", EVENT_STREAM),
    ],
)
def test_answer_has_the_type_that_accept_prefers(accept: str, expected: str | None) -> None:
    assert response_type(accept) == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON", True),
        ("application/json; charset=utf-8", True),
        ('application/json;charset="UTF-8"', True),
        ("application/json; charset=latin-1", False),
        ("application/jsonlines", False),
        ("text/plain; application/json", False),
        ("application/graphql", False),
        ("application/x-www-form-urlencoded", False),
        ("", False),
    ],
)
def test_only_json_in_utf8_is_read(content_type: str, expected: bool) -> None:
    assert is_json(content_type) is expected
