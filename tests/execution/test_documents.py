"""The cache of documents: what a text turns out to be, once, and how much is kept."""

import pytest
from graphql import get_introspection_query

from execution.documents import Document, DocumentCache
from execution.limits import DocumentLimits
from execution.refusals import Refusal, RefusalCode, RefusedError
from tests.execution.small_schema import SCHEMA

GRAPHQL_SCHEMA = SCHEMA._schema


def cache(**bounds: int) -> DocumentCache:
    return DocumentCache(GRAPHQL_SCHEMA, DocumentLimits(), **bounds)


def refusal(text: str) -> Refusal:
    found = cache().get(text)
    assert isinstance(found, Refusal)
    return found


def document(text: str) -> Document:
    found = cache().get(text)
    assert isinstance(found, Document)
    return found


@pytest.mark.parametrize("text", ["{ hello }", "{ nonsense }", "{"], ids=["good", "invalid", "unparsed"])
def test_same_text_is_read_once(text: str) -> None:
    documents = cache()

    first, second = documents.get(text), documents.get(text)

    assert first is second
    assert documents.reads == 1


def test_oldest_unused_text_is_dropped_past_the_number_kept() -> None:
    documents = cache(max_entries=2)
    documents.get("{ hello }")
    documents.get("{ fails }")
    documents.get("{ hello }")

    documents.get("{ half }")

    documents.get("{ hello }")
    assert (len(documents), documents.reads) == (2, 3)
    documents.get("{ fails }")
    assert documents.reads == 4


def test_texts_are_dropped_past_the_characters_kept() -> None:
    documents = cache(max_kept_characters=160)
    texts = [f"{{ f{number:05} }}" for number in range(20)]

    found = list(map(documents.get, texts))

    assert len(found) == 20
    assert len(documents) == 16
    assert documents.kept_characters == 160


def test_text_longer_than_its_share_is_answered_and_not_kept() -> None:
    documents = cache(max_kept_characters=16 * 9)

    documents.get("{ hello }")
    documents.get("{  hello }")

    assert (len(documents), documents.kept_characters) == (1, 9)


def test_standard_introspection_passes_every_limit() -> None:
    full = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    assert document(full).operation("IntrospectionQuery").name is not None


def test_circular_introspection_is_refused() -> None:
    circular = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"

    assert refusal(circular).errors[0]["message"] == "Maximum introspection depth exceeded"


def test_field_error_names_no_field_that_exists() -> None:
    refused = refusal("{ hellou }")

    assert refused.errors == (
        {
            "message": "Cannot query field 'hellou' on type 'Query'.",
            "locations": [{"line": 1, "column": 3}],
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
        },
    )


def test_at_most_five_errors_are_told() -> None:
    assert len(refusal("{ a b c d e }").errors) == 5
    assert len(refusal("{ a b c d e f g h i j }").errors) == 5


def test_message_is_cut_at_three_hundred_characters() -> None:
    text = str(refusal("{ " + "a" * 1000 + " }").errors[0]["message"])

    assert len(text) == 300
    assert text.endswith("a…")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", RefusalCode.GRAPHQL_PARSE_FAILED),
        ("{", RefusalCode.GRAPHQL_PARSE_FAILED),
        ("{}", RefusalCode.GRAPHQL_PARSE_FAILED),
        ("{ item { } }", RefusalCode.GRAPHQL_PARSE_FAILED),
        ('{ hello(name: "\ud800") }', RefusalCode.GRAPHQL_PARSE_FAILED),
        ('{ hello(name: "\\u0000") }', RefusalCode.BAD_USER_INPUT),
        ("fragment F on Query { hello }", RefusalCode.GRAPHQL_VALIDATION_FAILED),
        ("type T { f: Int }", RefusalCode.GRAPHQL_VALIDATION_FAILED),
        ("{ twice(number: 1.5) }", RefusalCode.GRAPHQL_VALIDATION_FAILED),
        ("{ ...A } fragment A on Query { ...A }", RefusalCode.GRAPHQL_VALIDATION_FAILED),
        ("query A { hello } query A { fails }", RefusalCode.GRAPHQL_VALIDATION_FAILED),
    ],
)
def test_document_that_must_not_run_has_its_code(text: str, code: RefusalCode) -> None:
    assert refusal(text).code is code


def test_only_operation_runs_without_a_name() -> None:
    assert document("query A { hello }").operation(None).operation.value == "query"
    assert document("mutation { bump }").operation("").operation.value == "mutation"


def test_named_operation_is_found_among_several() -> None:
    found = document("query A { hello } mutation B { bump }").operation("B")

    assert found.operation.value == "mutation"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("query A { hello } query B { half }", None, "operationName must name one"),
        ("query A { hello } query B { half }", "C", "no operation named 'C'"),
        ("{ hello }", "A", "no operation named 'A'"),
    ],
)
def test_operation_that_is_not_clear_is_refused(text: str, name: str | None, expected: str) -> None:
    with pytest.raises(RefusedError) as caught:
        document(text).operation(name)

    assert caught.value.refusal.code is RefusalCode.OPERATION_RESOLUTION_FAILURE
    assert expected in str(caught.value.refusal.errors[0]["message"])
