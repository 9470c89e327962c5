"""Each limit refuses what is beyond it, before anything is asked upstream; what is known is not parsed and validated again."""

from typing import Any

import pytest
from strawberry.schema import schema as strawberry_schema

from telegraphql.gateway.graphql.validation import document_cache
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from tests.support.graphql_client import ask, context, served_schema
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call

CALLS = "{ calls(first: 2) { nodes { nativeId } } }"
Told = list[tuple[str, dict[str, Any] | None]]


@pytest.fixture
def store() -> Store:
    return Store([call(number, number, "a") for number in range(3)])


@pytest.fixture
def served(store: Store) -> list[BoundProvider]:
    return [serving("a", Memory, store)]


async def told(served: list[BoundProvider], document: str, **options: Any) -> Told:
    answer = await ask(served, document, **options)
    assert answer.data is None
    return [(error.message, error.extensions) for error in answer.errors or []]


def beyond(what: str, name: str, code: str, found: int, limit: int) -> Told:
    message = f"this operation {what}; at most {limit} are allowed (limits.{name})"
    return [(message, {"code": code, "limit": limit, "requested": found})]


REFUSED: list[tuple[str, str, str, str, int]] = [
    ("depth", "{ calls { nodes { session { id } } } }", "is 4 fields deep", "TOO_DEEP", 4),
    ("fields", CALLS, "has 3 fields and fragments", "TOO_MANY_FIELDS", 3),
    ("duplicate_fields", "{ providers { name name } }", "repeats 1 fields or fragments in one selection set", "TOO_MANY_REPEATS", 1),
    ("aliases", "{ a: providers { b: name } }", "has 2 aliases", "TOO_MANY_ALIASES", 2),
    ("directives", "{ providers @skip(if: true) { name @skip(if: true) } }", "has 2 directives", "TOO_MANY_DIRECTIVES", 2),
    (
        "directives_per_location",
        "{ providers @skip(if: true) @include(if: true) { name } }",
        "has 2 directives at one location",
        "TOO_MANY_DIRECTIVES",
        2,
    ),
    ("root_fields", "{ providers { name } __typename }", "has 2 root fields", "TOO_MANY_ROOT_FIELDS", 2),
]


@pytest.mark.parametrize(("name", "document", "what", "code", "found"), REFUSED)
async def test_a_limit_allows_what_it_says_and_nothing_more(
    served: list[BoundProvider], store: Store, name: str, document: str, what: str, code: str, found: int
) -> None:
    assert (await ask(served, document, limits=Limits(**{name: found}))).errors is None
    before = len(store.asks)
    assert await told(served, document, limits=Limits(**{name: found - 1})) == beyond(what, name, code, found, found - 1)
    assert len(store.asks) == before


async def test_an_expensive_operation_is_refused_before_anything_is_asked(served: list[BoundProvider], store: Store) -> None:
    answer = await ask(served, CALLS, limits=Limits(cost=1))
    message = "this operation costs 2 records; at most 1 are allowed (limits.cost); request smaller pages"
    assert [(error.message, error.extensions) for error in answer.errors or []] == [
        (message, {"code": "TOO_EXPENSIVE", "limit": 1, "requested": 2})
    ]
    assert (answer.data, answer.extensions, store.asks) == (None, {"cost": {"requested": 2, "limit": 1}}, [])


async def test_variables_are_part_of_the_cost_of_a_known_document(served: list[BoundProvider]) -> None:
    document = "query ($n: Int!) { calls(first: $n) { nodes { nativeId } } }"
    answers = [await ask(served, document, {"n": size}, limits=Limits(cost=2)) for size in (2, 3, 1)]
    assert [answer.errors is None for answer in answers] == [True, False, True]


async def test_the_answer_tells_its_cost_unless_told_not_to(served: list[BoundProvider]) -> None:
    spent = {"rows": 3, "bytes": 0, "upstreamRequests": 0, "cpuMilliseconds": 0}
    assert (await ask(served, CALLS)).extensions == {"cost": {"requested": 2, "limit": 30_000, "spent": spent}}
    assert (await ask(served, "{ __typename }")).extensions == {"cost": {"requested": 0, "limit": 30_000}}
    assert (await ask(served, CALLS, limits=Limits(report_cost=False))).extensions == {}


async def test_five_hundred_calls_with_three_relations_pass_and_ten_lists_with_nested_ones_do_not(served: list[BoundProvider]) -> None:
    three = "session { id } recordings { id } voicemessages { id }"
    assert (await ask(served, f"{{ calls(first: 500) {{ nodes {{ id {three} }} }} }}")).errors is None
    nested = "nodes { session { calls { recordings { id } } } }"
    lists = " ".join(f"a{number}: calls(first: 500) {{ {nested} }}" for number in range(10))
    ((_, extensions),) = await told(served, f"{{ {lists} }}")
    assert extensions == {"code": "TOO_EXPENSIVE", "limit": 30_000, "requested": 40_000}


TOKENS = "this document has more than the 10 allowed tokens (limits.tokens)"
NESTED = "this document is nested too deeply; at most 12 fields are allowed (limits.depth)"


async def test_a_long_document_is_not_read_to_its_end(served: list[BoundProvider]) -> None:
    assert await told(served, "{ " + "a " * 9 + "}", limits=Limits(tokens=10)) == [(TOKENS, {"code": "TOO_MANY_TOKENS", "limit": 10})]


ABYSSES = ["{" + "a{" * 3000 + "b" + "}" * 3001, "{" + "...{" * 3000 + "b" + "}" * 3001, "{ a(b: " + "[" * 3000 + "]" * 3000 + ") }"]


@pytest.mark.parametrize("document", ABYSSES)
async def test_what_is_nested_beyond_what_python_can_look_through_is_refused(served: list[BoundProvider], document: str) -> None:
    assert await told(served, document, limits=Limits(tokens=100_000)) == [(NESTED, {"code": "TOO_DEEP", "limit": 12})]


async def test_long_chains_of_fragments_are_refused_or_answered(served: list[BoundProvider]) -> None:
    chain = " ".join(f"fragment F{step} on Query {{ ...F{step + 1} }}" for step in range(2000))
    document = f"{{ ...F0 }} {chain} fragment F2000 on Query {{ __typename }}"
    errors = await told(served, document, limits=Limits(tokens=100_000, fields=100_000))
    assert errors == [(NESTED, {"code": "TOO_DEEP", "limit": 12})]


@pytest.mark.parametrize("circle", ["...F", "calls { nodes { id } } ...G"])
async def test_fragments_in_circles_are_refused(served: list[BoundProvider], store: Store, circle: str) -> None:
    errors = await told(served, f"{{ ...F }} fragment F on Query {{ {circle} }} fragment G on Query {{ ...F }}")
    assert errors[0][0].startswith("Cannot spread fragment 'F' within itself")
    assert store.asks == []


async def test_each_operation_and_fragment_counts_whichever_is_executed(served: list[BoundProvider]) -> None:
    document = "query A { providers { name } } query B { b: providers { name } }"
    answer = await served_schema().execute(document, context_value=context(served, limits=Limits(aliases=0)), operation_name="A")
    assert [error.extensions for error in answer.errors or []] == [{"code": "TOO_MANY_ALIASES", "limit": 0, "requested": 1}]


async def test_a_known_document_is_neither_parsed_nor_validated_again(served: list[BoundProvider], monkeypatch: pytest.MonkeyPatch) -> None:
    parsed, validated = [], []
    parse, validate = strawberry_schema.parse, document_cache.validate_document
    monkeypatch.setattr(strawberry_schema, "parse", lambda text, **options: parsed.append(text) or parse(text, **options))
    monkeypatch.setattr(document_cache, "validate_document", lambda *each: validated.append(1) or validate(*each))
    document = "{ calls(first: 1) { nodes { nativeId startedAt } } } # of this test"
    answers = [await ask(served, document) for _ in range(3)]
    assert (parsed, validated) == ([document], [1])
    assert [answer.data for answer in answers] == [answers[0].data] * 3
    limited = await ask(served, document, limits=Limits(depth=1))
    assert [error.extensions for error in limited.errors or []] == [{"code": "TOO_DEEP", "limit": 1, "requested": 3}]
    await ask(served, document, limits=Limits(document_cache_bytes=0))
    assert len(parsed) == 1


async def test_what_is_wrong_is_not_remembered(served: list[BoundProvider]) -> None:
    document = "{ calls { nothing } } # of this test"
    errors = [await told(served, document) for _ in range(2)]
    assert errors[0] == errors[1]
    assert errors[0][0][0].startswith("Cannot query field 'nothing'")
