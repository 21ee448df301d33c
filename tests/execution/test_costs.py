"""What an operation may cost is counted before it runs, with the sizes that fields declare."""

from typing import Any

import pytest
import strawberry

from execution.documents import Document, read_document
from execution.limits import DocumentLimits, refuse_cost
from execution.refusals import Refusal


@strawberry.type
class Leaf:
    name: str = "leaf"

    @strawberry.field(metadata={"size": 20, "sized_by": ("first", "last")})
    def page(self, first: int | None = None, last: int | None = None) -> list["Branch"]:
        return []

    @strawberry.field(metadata={"size": 20})
    def branches(self) -> list["Branch"]:
        return []


@strawberry.type
class Branch:
    name: str = "branch"

    @strawberry.field(metadata={"size": 5})
    def leaves(self) -> list[Leaf]:
        return []


@strawberry.type
class Query:
    @strawberry.field(metadata={"size": 30, "sized_by": ("keys",)})
    def branches(self, keys: list[str] | None = None) -> list[Branch]:
        return []

    @strawberry.field(metadata={"size": 20, "sized_by": ("first", "last")})
    def page(self, first: int | None = None, last: int | None = None) -> Branch:
        return Branch()

    @strawberry.field
    def one(self) -> Branch:
        return Branch()

    @strawberry.field(metadata={"size": 3, "weight": 10})
    def heavy(self) -> list[Leaf]:
        return []


SCHEMA = strawberry.Schema(query=Query)._schema


def read(text: str) -> Document:
    document = read_document(SCHEMA, text, DocumentLimits())
    assert not isinstance(document, Refusal)
    return document


def cost(text: str, variables: dict[str, Any] | None = None) -> int:
    document = read(text)
    return document.cost(document.operation(None), variables or {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ one { name } }", 2),
        ("{ branches { name } }", 31),
        ('{ branches(keys: ["a", "b"]) { name } }', 3),
        ("{ branches(keys: []) { name } }", 1),
        ("{ branches(keys: null) { name } }", 31),
        ("{ page(first: 50) { name } }", 51),
        ("{ page(last: 3) { name } }", 4),
        ("{ page { name } }", 21),
        ("{ heavy { name } }", 1 + 3 * (10 + 1)),
        ("{ page(first: null, last: 70) { name } }", 71),
        ("{ page(last: 70, first: null) { name } }", 71),
        ("{ page(first: 3, last: 70) { name } }", 71),
        ("{ page(first: 2147483647) { name } }", 101),
        ("{ one { leaves { branches { leaves { name } } } } }", 1 + 1 + 5 * (1 + 20 * (1 + 5))),
        ("{ ...all } fragment all on Query { branches { ...b ...b } } fragment b on Branch { name }", 61),
        ("{ a: one { name } b: one { name } ... on Query { one { name } } __typename }", 7),
        ("{ __schema { types { fields { type { name } } } } }", 1),
    ],
)
def test_lists_count_as_often_as_they_are_long(text: str, expected: int) -> None:
    assert cost(text) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({"keys": ["a"] * 4}, 5), ({"keys": []}, 1), ({"keys": None}, 31), ({}, 31), ({"keys": "a"}, 31)],
)
def test_a_variable_says_how_long_a_list_is(variables: dict[str, Any], expected: int) -> None:
    assert cost("query ($keys: [String!]) { branches(keys: $keys) { name } }", variables) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, 21),
        ({"last": 70}, 71),
        ({"first": None, "last": 70}, 71),
        ({"first": 3, "last": 70}, 71),
        ({"first": 70.0}, 71),
        ({"first": -1}, 1),
    ],
)
def test_of_several_variables_the_greatest_counts(variables: dict[str, Any], expected: int) -> None:
    text = "query ($first: Int, $last: Int) { page(first: $first, last: $last) { name } }"

    assert cost(text, variables) == expected


@pytest.mark.parametrize(
    ("variables", "expected"), [({}, 71), ({"last": 5}, 6), ({"last": None}, 21)], ids=str
)
def test_a_variable_that_is_not_given_counts_as_its_default(variables: dict[str, Any], expected: int) -> None:
    assert cost("query ($last: Int = 70) { page(last: $last) { name } }", variables) == expected


def test_below_the_root_a_variable_counts_as_a_full_list() -> None:
    below = "query ($last: Int) { one { leaves { page(first: null, last: $last) { name } } } }"

    assert cost(below, {"last": 1}) == 1 + 1 + 5 * (1 + 100)


def test_relations_in_circles_cost_more_with_each_round() -> None:
    rounds = "leaves { branches { " * 5 + "name" + " } }" * 5

    assert cost(f"{{ one {{ {rounds} }} }}") > 100**5


def test_as_much_as_the_limit_may_run_and_one_more_may_not() -> None:
    limits = DocumentLimits(max_cost=31)

    refused = refuse_cost(32, limits)

    assert refuse_cost(31, limits) is None
    assert refused is not None
    assert "could have 32 fields, and 31 are allowed" in str(refused.errors[0]["message"])
