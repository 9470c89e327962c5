"""Known queries: one that was executed before is answered as if it had never come, without stages that have nothing left to do."""

from typing import Any

import pytest
from strawberry.types import ExecutionResult

from telegraphql.gateway.auth.caller import Caller
from telegraphql.gateway.auth.caller import Scope as Permission
from telegraphql.gateway.errors import Overloaded, Unavailable
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit, Place
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.http import graphql_schema
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from tests.support.graphql_client import context, served_schema
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call, recording

LIMITS = Limits()
NODES = "nodes { id status startedAt } pageInfo { hasNextPage endCursor } problems { code message }"
RELATED = "{ calls(first: 3) { nodes { id recordings { id call { id } } } problems { code field count } } }"
KNOWN: list[tuple[str, dict[str, Any]]] = [
    (f"{{ calls(first: 2) {{ {NODES} }} }}", {}),
    (f"query Named {{ calls(first: 2) {{ {NODES} }} }}", {}),
    (f"{{ a: calls(first: 1) {{ {NODES} }} b: calls(last: 2) {{ {NODES} }} recordings {{ nodes {{ id }} }} }}", {}),
    (f"query ($n: Int = 1, $f: CallFilter) {{ calls(first: $n, filter: $f) {{ {NODES} }} }}", {"f": {"providers": ["a"]}}),
    ("query ($all: Boolean!) { calls { nodes { id status @include(if: $all) } } }", {"all": True}),
    ("query ($all: Boolean!) { calls { nodes { id status @include(if: $all) } } }", {"all": False}),
    (RELATED, {}),
    ("{ calls(first: -1) { nodes { id } } recordings { nodes { id } } }", {}),
    ("query ($n: Int!) { calls(first: $n) { nodes { recordings { call { id } } } } }", {"n": 100_000}),
    ('{ node(id: "no id") { id } }', {}),
    ('{ calls(after: "no cursor") { nodes { id } } recordings { nodes { id } } }', {}),
    ("fragment F on Query { calls(first: 1) { nodes { ...G } } } query { ...F } fragment G on Call { id native }", {}),
]
ORDINARY: list[tuple[str, dict[str, Any]]] = [
    ("{ viewer { name } calls { nodes { id } } }", {}),
    ("query ($n: Int) { calls(first: $n) { nodes { id } } }", {"n": "many"}),
    ("query ($n: Int!) { calls(first: $n) { nodes { id } } }", {}),
    ("query A { calls { nodes { id } } } query B { calls { nodes { status } } }", {}),
    ("{ __schema { queryType { name } } calls { nodes { id } } }", {}),
    ("mutation { deleteRecordings(ids: []) { ids } }", {}),
]


class Full(ConcurrencyLimit):
    """Whoever waited for a place has got none."""

    def place(self, payer: str) -> Place:
        return Place(self, payer, refusal=Overloaded("try again in a moment"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the queries that only had to be run."""
    names: list[str] = []
    ordinary = graphql_schema.run_known

    async def counted(schema: Any, query: Any, *rest: Any) -> ExecutionResult:
        names.append(query.prepared.name)
        return await ordinary(schema, query, *rest)

    monkeypatch.setattr(graphql_schema, "run_known", counted)
    return names


def providers(failure: Exception | None = None) -> list[BoundProvider]:
    calls = [call(number, number) for number in range(4)]
    return [
        serving("a", Memory, Store(calls, [recording(f"r{number}", number, number) for number in range(3)])),
        serving("b", Memory, Store([call(9, 9, "b")], failure=failure)),
    ]


async def told(document: str, variables: dict[str, Any], *, known: bool, failure: Exception | None = None, **options: Any) -> Any:
    """What is answered, by the schema as it is served, or by the stages of Strawberry alone."""
    schema = served_schema()
    asked = context(providers(failure), **{"limits": LIMITS} | options)
    execute = schema.execute if known else super(type(schema), schema).execute
    answer = await execute(document, dict(variables), context_value=asked)
    extensions: dict[str, Any] = dict(answer.extensions or {})
    extensions.get("cost", {}).get("spent", {}).pop("cpuMilliseconds", None)
    return answer.data, [error.formatted for error in answer.errors or ()], extensions


@pytest.mark.parametrize(("document", "variables"), KNOWN, ids=range(len(KNOWN)))
@pytest.mark.parametrize("failure", [None, Unavailable("is down")], ids=["up", "down"])
async def test_a_query_that_came_before_only_has_to_be_run(
    document: str, variables: dict[str, Any], failure: Exception | None, run: list[str]
) -> None:
    wanted = await told(document, variables, known=False, failure=failure)
    run.clear()
    assert [await told(document, variables, known=True, failure=failure) for _ in range(2)] == [wanted, wanted]
    assert len(run) == 2


@pytest.mark.parametrize(("document", "variables"), ORDINARY, ids=range(len(ORDINARY)))
async def test_whatever_is_left_to_find_out_goes_the_ordinary_way(document: str, variables: dict[str, Any], run: list[str]) -> None:
    async def asked(known: bool) -> Any:
        try:
            return await told(document, variables, known=known)
        except Exception as error:
            return type(error), str(error)

    wanted = await asked(known=False)
    assert [await asked(known=True) for _ in range(2)] == [wanted, wanted]
    assert run == []


@pytest.mark.parametrize(
    "options",
    [
        {"limits": Limits(cost=1)},
        {"caller": Caller("c", frozenset({Permission.WRITE}))},
        {"concurrency_limit": Full()},
    ],
    ids=["cost", "scope", "overload"],
)
async def test_a_known_query_is_refused_like_any_other(options: dict[str, Any]) -> None:
    document = f"query Refused {{ calls(first: 2) {{ {NODES} }} }}"
    await told(document, {}, known=True)
    wanted = await told(document, {}, known=False, **options)
    assert wanted[1]
    assert [await told(document, {}, known=True, **options) for _ in range(2)] == [wanted, wanted]
