"""How large a document is: fragments count as often as they are used, and nobody writes them out to count them."""

import pytest
from graphql import get_introspection_query, parse

from telegraphql.gateway.graphql.validation.document_size import DocumentSize, measure
from telegraphql.gateway.graphql.validation.introspection import MAX_INTROSPECTION_DEPTH

WEIGHTS = {
    "{ a }": DocumentSize(depth=1, fields=1, root_fields=1),
    "query Q { a { b { c } d } }": DocumentSize(name="Q", depth=3, fields=4, root_fields=1),
    "{ x: a y: b { z: c } }": DocumentSize(depth=2, fields=3, aliases=3, root_fields=2),
    "{ a a a { b b } }": DocumentSize(depth=2, fields=5, duplicate_fields=3, root_fields=3),
    "{ x: a x: a y: a }": DocumentSize(depth=1, fields=3, duplicate_fields=1, aliases=3, root_fields=3),
    "query @a { a @a @b { b @a } }": DocumentSize(depth=2, fields=2, directives=4, directives_per_location=2, root_fields=1),
    "{ ... { a } ... on Query { a } ... { a } }": DocumentSize(depth=1, fields=6, duplicate_fields=1, root_fields=3),
    "{ a { ... @x { b } } }": DocumentSize(depth=2, fields=3, directives=1, directives_per_location=1, root_fields=1),
    "{ __typename __schema { types { name } } }": DocumentSize(depth=1, fields=4, root_fields=2, introspection_depth=3),
}


@pytest.mark.parametrize(("document", "weight"), WEIGHTS.items())
def test_everything_is_counted_where_it_stands(document: str, weight: DocumentSize) -> None:
    assert measure(parse(document)) == [weight]


def test_a_fragment_counts_as_often_as_it_is_used_and_alone() -> None:
    document = parse("{ a { ...F } b { c { ...F } } } fragment F on T @d { x: e { f } }")
    operation, fragment = measure(document)
    assert operation == DocumentSize(depth=4, fields=9, aliases=2, directives=2, directives_per_location=1, root_fields=2)
    assert fragment == DocumentSize(depth=2, fields=2, aliases=1, directives=1, directives_per_location=1)


def test_the_same_fragment_twice_in_a_selection_is_a_repetition() -> None:
    operation, _ = measure(parse("{ ...F ...F ...F } fragment F on Query { a }"))
    assert (operation.duplicate_fields, operation.root_fields) == (2, 3)


def test_each_operation_and_each_fragment_is_weighed_by_itself() -> None:
    weights = measure(parse("query A { a } query B { x: a { b } } fragment F on T { c c }"))
    assert [(each.name, each.depth, each.aliases, each.duplicate_fields) for each in weights] == [
        ("A", 1, 0, 0),
        ("B", 2, 1, 0),
        ("", 1, 0, 1),
    ]


def test_fragments_that_double_at_each_step_are_counted_at_once() -> None:
    steps = " ".join(f"fragment F{step} on T {{ x: a {{ ...F{step + 1} }} y: a {{ ...F{step + 1} }} }}" for step in range(60))
    operation = measure(parse(f"{{ ...F0 }} {steps} fragment F60 on T {{ a }}"))[0]
    assert operation.aliases == 2**61 - 2
    assert operation.depth == 61


@pytest.mark.parametrize("circle", ["fragment F on T { a { ...F } }", "fragment F on T { ...G } fragment G on T { b { ...F ...G } }"])
def test_circles_end(circle: str) -> None:
    assert measure(parse(f"{{ ...F }} {circle}"))[0].fields < 10


def test_a_fragment_that_is_missing_weighs_nothing() -> None:
    assert measure(parse("{ ...Nowhere }")) == [DocumentSize(fields=1)]


@pytest.mark.parametrize("query", [get_introspection_query(), get_introspection_query(type_depth=15)])
def test_the_depth_of_introspection_is_told_apart(query: str) -> None:
    weights = measure(parse(query))
    assert [each.depth for each in weights] == [1, 0, 0, 0]
    assert weights[0].introspection_depth <= MAX_INTROSPECTION_DEPTH
