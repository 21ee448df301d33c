"""Limits of documents: both sides of each, and the counts that prove nothing is walked twice."""

import pytest
from graphql import parse

from execution.limits import DocumentLimits, Extent, measure, refuse_document, refuse_text
from execution.refusals import Refusal, RefusalCode

LIMITS = DocumentLimits()


def message(refusal: Refusal | None) -> str:
    assert refusal is not None
    assert len(refusal.errors) == 1
    return str(refusal.errors[0]["message"])


def nested(levels: int) -> str:
    return "{ f " * levels + "}" * levels


def doubling(links: int) -> str:
    """Fragments that each spread the next one twice: two to the power of `links` fields."""
    chain = "".join(f" fragment F{n} on T {{ ...F{n + 1} ...F{n + 1} }}" for n in range(links))
    return f"{{ ...F0 }}{chain} fragment F{links} on T {{ f }}"


@pytest.mark.parametrize(
    "text",
    [
        "{" + "f " * 1998 + "}",
        nested(50),
        "{ f(a: " + "[" * 48 + "]" * 48 + ") }",
        "{ f }" + " " * 299_995,
        "{ f }" + "\n#" * 1997,
    ],
    ids=["tokens", "nesting", "nesting of values", "characters", "comments"],
)
def test_text_at_a_limit_is_let_through(text: str) -> None:
    assert refuse_text(text, LIMITS) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{" + "f " * 1999 + "}", "The document has more than 2000 tokens, which is the limit."),
        ("{" + "f " * 100_000 + "}", "The document has more than 2000 tokens, which is the limit."),
        ("{ f }" + "\n#" * 1998, "The document has more than 2000 tokens, which is the limit."),
        (nested(51), "The document has more than 50 levels of brackets, which is the limit."),
        ("{ f " * 10_000, "The document has more than 50 levels of brackets, which is the limit."),
        ("{ f(a: " + "[" * 49, "The document has more than 50 levels of brackets, which is the limit."),
        ("{ f }" + " " * 299_996, "The document has more than 300000 characters, which is the limit."),
    ],
    ids=["tokens", "100k tokens", "comments", "nesting", "10k nesting", "values", "characters"],
)
def test_text_past_a_limit_is_one_parse_error(text: str, expected: str) -> None:
    refused = refuse_text(text, LIMITS)

    assert message(refused) == expected
    assert refused is not None
    assert refused.code is RefusalCode.GRAPHQL_PARSE_FAILED


def test_reading_stops_at_the_token_past_the_limit() -> None:
    # The question mark starts no token: met, it would be the error instead.
    assert "more than 3 tokens" in message(refuse_text("{ a b c ?", DocumentLimits(max_tokens=3)))


def test_character_that_starts_no_token_is_a_syntax_error_with_its_place() -> None:
    refused = refuse_text("{\n ?", LIMITS)

    assert refused is not None
    assert refused.errors == (
        {
            "message": "Syntax Error: Unexpected character: '?'.",
            "locations": [{"line": 2, "column": 2}],
            "extensions": {"code": "GRAPHQL_PARSE_FAILED"},
        },
    )


@pytest.mark.parametrize("text", ['{ f(a: "x\\u0000") }', '{ f(a: "\\u{0}") }', '{ f(a: """\0""") }'])
def test_nul_in_a_string_is_bad_user_input(text: str) -> None:
    refused = refuse_text(text, LIMITS)

    assert refused is not None
    assert refused.code is RefusalCode.BAD_USER_INPUT


@pytest.mark.parametrize(
    "text",
    [
        "{" + " ".join(f"a{n}: f" for n in range(30)) + "}",
        "{" + "f " * 50 + "}",
        "{" + " ".join(f"f{n}" for n in range(1000)) + "}",
        nested(12),
        "{ f " + "@a " * 9 + "}",
        "".join(f"query Q{n} {{ f }} " for n in range(20)),
        "{ f " * 12 + "{ __typename } " + "}" * 12,
        "{ __schema " + nested(30) + " }",
        "{ ...A } fragment A on T { " + nested(12)[2:],
    ],
    ids=[
        "aliases",
        "repeated",
        "fields",
        "depth",
        "directives",
        "operations",
        "typename",
        "schema",
        "spread",
    ],
)
def test_document_at_a_limit_is_let_through(text: str) -> None:
    assert refuse_document(parse(text), LIMITS) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{" + " ".join(f"a{n}: f" for n in range(31)) + "}", "31 aliases; the limit is 30"),
        ("{" + "f " * 51 + "}", "51 repetitions of one field; the limit is 50"),
        ("{" + "__typename " * 500 + "}", "500 repetitions of one field; the limit is 50"),
        ("{" + "... { f } " * 51 + "}", "51 repetitions of one field; the limit is 50"),
        ("{" + "p { f f f f f f f f } " * 7 + "}", "56 repetitions of one field; the limit is 50"),
        ("{" + " ".join(f"f{n}" for n in range(1001)) + "}", "1001 selected fields; the limit is 1000"),
        (nested(13), "13 levels of fields; the limit is 12"),
        ("{ f " + "@a " * 10 + "}", "10 directives; the limit is 9"),
        ("query ($v: Int " + "@a " * 10 + ") { f }", "10 directives; the limit is 9"),
        ("".join(f"query Q{n} {{ f }} " for n in range(21)), "21 operations; the limit is 20"),
        ("{ " + "...A " * 16 + "} fragment A on T { a: f b: f }", "32 aliases; the limit is 30"),
        ("{ p { ...A } } fragment A on T " + nested(12), "13 levels of fields; the limit is 12"),
    ],
)
def test_document_past_a_limit_is_one_validation_error(text: str, expected: str) -> None:
    refused = refuse_document(parse(text), LIMITS)

    assert message(refused) == f"The document has {expected}."
    assert refused is not None
    assert refused.code is RefusalCode.GRAPHQL_VALIDATION_FAILED


def test_fragment_bomb_is_counted_in_full_without_being_walked() -> None:
    refused = refuse_document(parse(doubling(50)), LIMITS)

    assert message(refused) == "The document has 1125899906842624 selected fields; the limit is 1000."


def test_longer_bomb_is_told_without_its_hundred_digits() -> None:
    refused = refuse_document(parse(doubling(150)), LIMITS)

    assert message(refused) == "The document has over 1000000000000000000 selected fields; the limit is 1000."


def test_bomb_of_unknown_fragments_is_refused_like_any_other() -> None:
    without_end = doubling(50).removesuffix(" fragment F50 on T { f }")

    refused = refuse_document(parse(without_end), LIMITS)

    assert message(refused) == "The document has 1125899906842624 selected fields; the limit is 1000."


def test_circle_of_fragments_ends_the_count_and_is_left_to_validation() -> None:
    circle = parse("{ ...A } fragment A on T { ...B ...B f } fragment B on T { ...A ...A }")

    assert refuse_document(circle, LIMITS) is None


def test_every_operation_of_a_document_is_measured() -> None:
    document = parse("query A { f } query B " + nested(13))

    assert message(refuse_document(document, LIMITS)).startswith("The document has 13 levels")


def test_extent_adds_up_fields_aliases_and_spreads() -> None:
    operation = parse("{ a: p { f __typename ...F } ... { g ...F } ...Unknown }").definitions[0]
    fragment = Extent(depth=3, fields=5, aliases=2)

    extent = measure(operation.selection_set, {"F": fragment})  # type: ignore[attr-defined]

    assert extent == Extent(depth=4, fields=15, aliases=5)
