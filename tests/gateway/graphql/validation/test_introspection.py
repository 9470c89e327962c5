"""Who is told the schema, and what errors give away of it."""

import pytest
from graphql import get_introspection_query

from telegraphql.gateway.auth.caller import LOCAL, Caller, Scope
from telegraphql.gateway.graphql.validation.introspection import is_introspection_allowed, remove_suggestion
from telegraphql.gateway.graphql.validation.limits import Limits
from tests.support.graphql_client import ask
from tests.support.memory_provider import Memory, Store, serving

ADMIN, READER = Caller("admin", frozenset({Scope.ADMIN})), Caller("reader", frozenset({Scope.READ}))
# GraphiQL's own options.
GRAPHIQL = get_introspection_query(
    descriptions=True, specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
)
ASKED = [
    (None, False, LOCAL, True),
    (None, False, READER, True),
    (None, True, READER, False),
    (None, True, ADMIN, True),
    (None, True, LOCAL, False),
    (True, True, READER, True),
    (False, False, ADMIN, False),
]


@pytest.mark.parametrize(("setting", "production", "caller", "expected"), ASKED)
def test_who_may_ask_for_the_schema(setting: bool | None, production: bool, caller: Caller, expected: bool) -> None:
    assert is_introspection_allowed(Limits(introspection=setting), production, caller) is expected


@pytest.mark.parametrize(
    "document", [GRAPHIQL, "{ __schema { types { name } } }", '{ ...F } fragment F on Query { x: __type(name: "Call") { name } }']
)
async def test_the_schema_is_told_or_not(document: str) -> None:
    served = [serving("a", Memory, Store())]
    assert (await ask(served, document)).errors is None
    answer = await ask(served, document, allows_introspection=lambda _: False)
    assert [(error.message, error.extensions) for error in answer.errors or []] == [
        ("introspection is not allowed for this caller (limits.introspection)", {"code": "INTROSPECTION_DISABLED"})
    ]


async def test_the_name_of_a_type_is_always_told() -> None:
    answer = await ask([serving("a", Memory, Store())], "{ __typename calls { __typename } }", allows_introspection=lambda _: False)
    assert answer.data == {"__typename": "Query", "calls": {"__typename": "CallConnection"}}


CIRCLES = [
    "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    '{ __type(name: "Call") { interfaces { possibleTypes { fields { name } } } } }',
    "{ __schema { ...T } } fragment T on __Schema { types { fields { type { fields { type { fields { name } } } } } } }",
    "{ __schema { queryType { " + "ofType { " * 30 + "name" + " }" * 32 + " }",
]


@pytest.mark.parametrize("document", CIRCLES)
async def test_the_schema_is_not_told_in_circles(document: str) -> None:
    answer = await ask([serving("a", Memory, Store())], document)
    assert answer.data is None
    assert {(error.extensions or {}).get("code") for error in answer.errors or []} == {"TOO_DEEP"}


WRONG = [
    "{ cals { id } }",
    "{ calls { nodes { idd } } }",
    "{ calls(frist: 1) { nodes { id } } }",
    "{ calls(order: NEWEST) { nodes { id } } }",
]


@pytest.mark.parametrize("document", WRONG)
async def test_errors_suggest_names_only_to_those_who_may_know_them(document: str) -> None:
    served = [serving("a", Memory, Store())]
    told, kept = await ask(served, document), await ask(served, document, allows_introspection=lambda _: False)
    assert [remove_suggestion(error.message) for error in told.errors or []] == [error.message for error in kept.errors or []]
    assert "Did you mean" in str(told.errors) or "NEWEST" in document
    assert "Did you mean" not in str(kept.errors)


async def test_variables_are_not_corrected_either() -> None:
    document = "query ($o: TimeOrder) { calls(order: $o) { nodes { id } } }"
    answer = await ask([serving("a", Memory, Store())], document, {"o": "NEWEST_FRST"}, allows_introspection=lambda _: False)
    assert "Did you mean" not in str(answer.errors)
    document = "query ($of: CallFilter) { calls(filter: $of) { nodes { id } } }"
    answer = await ask([serving("a", Memory, Store())], document, {"of": {"directio": 1}}, allows_introspection=lambda _: False)
    assert [error.message.partition(": ")[2] for error in answer.errors or []] == [
        "Expected value of type 'CallFilter' not to include unknown field 'directio'. Found: {'directio': 1}."
    ]


def test_what_only_looks_like_a_suggestion_stays() -> None:
    assert remove_suggestion("x Did you mean 'a', 'b', or 'c'?") == "x"
    assert remove_suggestion("x Did you mean 'a'? Found: 5.") == "x Found: 5."
    assert remove_suggestion("Did you mean it") == "Did you mean it"
