"""Arguments: whatever a document and its variables say, a resolver is called with what Strawberry would call it with."""

import asyncio
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, ClassVar

import pytest
import strawberry
from graphql import DocumentNode, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.extensions import SchemaExtension
from strawberry.types import Info

from telegraphql.gateway.graphql.compiler.compiled_cache import Programs
from telegraphql.gateway.graphql.compiler.executor import executor
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.schema.scalars import SCALARS
from telegraphql.schema.schema import build
from tests.gateway.graphql.compiler.argument_schema import Changing, Query
from tests.support.examples import examples


class Kept(SchemaExtension):
    """Documents are parsed once, as they are in the gateway: what is chosen for them is found again by their nodes."""

    documents: ClassVar[dict[str, DocumentNode]] = {}

    def on_parse(self) -> Iterator[None]:
        text = self.execution_context.query or ""
        self.execution_context.graphql_document = self.documents.get(text) or self.documents.setdefault(text, parse(text))
        yield


def made(compiled: bool, query: type = Query) -> strawberry.Schema:
    chosen = executor(ExecutionSettings(compile=compiled))
    return strawberry.Schema(query, execution_context_class=chosen, scalar_overrides=dict(SCALARS), extensions=[Kept])


STOCK, COMPILED = made(False), made(True)


def programs(schema: strawberry.Schema = COMPILED) -> Programs:
    chosen: Any = schema.execution_context_class
    found: Programs = chosen.programs
    return found


async def both(document: str, variables: dict[str, Any] | None = None) -> tuple[Any, list[Any]]:
    """What both answer, which has to be the same; twice, since the second time the ways are there already."""
    wanted = await STOCK.execute(document, variables)
    for _ in range(2):
        found = await COMPILED.execute(document, variables)
        assert repr(found.data) == repr(wanted.data)
        assert told(found) == told(wanted)
    return wanted.data, told(wanted)


def told(result: Any) -> list[Any]:
    return [(error.formatted, type(error.original_error)) for error in result.errors or ()]


LITERALS = [
    "plain",
    'plain(count: 1, text: "a", colour: AZURE, day: "2026-01-02", as: null)',
    "plain(count: null, text: null, colour: null)",
    'needed(id: 5, size: 2) more: needed(id: "x", size: 1, often: 1)',
    'lists(ids: "a", wishes: {name: "n"}, grid: 1)',
    "lists(ids: [], wishes: [], grid: [[], [1, 2], 3])",
    "lists(ids: null, grid: [])",
    'wished(which: {name: null, colours: AZURE, size: {width: 1}, sizes: [null, {width: 2, unit: "m", height: 1}]}, must: {width: 3})',
    'wished(which: {from: "2026-01-01T00:00:00+01:00", among: {either: [{grid: [[1]]}], count: "1.50"}})',
    'wished(which: {}, must: null) left(one: {left: 1}, any: {a: [1, "b"]}) again: left(any: 3)',
    "failing(size: 1) needed(id: 1, size: 1)",
]


@pytest.mark.parametrize("document", LITERALS)
async def test_literals_are_read_as_strawberry_reads_them(document: str) -> None:
    await both(f"{{ {document} }}")


WRONG = [
    'plain(count: "1")',
    "plain(count: 99999999999)",
    "plain(colour: GREEN)",
    'plain(day: "then")',
    'wished(which: {from: "2026-01-01T00:00:00"})',
    'wished(which: {among: {count: "no"}})',
    "needed(id: 1)",
    "needed(id: 1, size: null)",
    "wished(must: {})",
    "wished(must: {width: 1, depth: 2})",
    "lists(grid: null)",
    "left(one: {})",
    'left(one: {left: 1, right: "a"})',
]


@pytest.mark.parametrize("document", WRONG)
async def test_what_is_wrong_is_told_as_ever(document: str) -> None:
    _, errors = await both(f"{{ {document} }}")
    assert errors


def values(*each: Any) -> list[dict[str, Any]]:
    """Each of some values for v, and none at all."""
    return [{}, *({"v": value} for value in each)]


VARIABLES = [
    ("$v: Int", "plain(count: $v, as: $v)", values(None, 1, 2.0, "1", 2**40, True)),
    ("$v: Int = 5", "plain(count: $v) needed(id: 1, size: 2, often: 3)", values(None, 1)),
    ("$v: Int!", "needed(id: 1, size: $v)", values(None, 1, [1])),
    ("$v: Int = 4", "needed(id: 1, size: $v, often: $v)", values(None, 1)),
    ("$v: Int!, $unused: Int", "needed(id: 1, size: 1, often: $v)", values(1)),
    ("$v: Colour", "plain(colour: $v) wished(which: {colours: [$v, RED]})", values(None, "AZURE", "BLUE", 1)),
    ("$v: Colour!", "wished(which: {colours: [RED, $v]})", values(None, "RED")),
    ("$v: [Colour!]", "wished(which: {colours: $v})", values(None, "AZURE", ["RED", "AZURE"], [None], [])),
    ("$v: ID!", "lists(ids: [$v]) needed(id: $v, size: 1)", values("a", 5, None, 1.5)),
    ("$v: [ID!]", "lists(ids: $v)", values(None, "a", ["a", 2], ["a", None])),
    ("$v: DateTime!", "wished(which: {from: $v})", values("2026-01-01T00:00:00Z", "2026-01-01T00:00:00", 1, None)),
    ("$v: DateTime", "wished(which: {from: $v, name: null})", values("2026-01-01T00:00:00Z", None)),
    ("$v: Decimal", "wished(which: {among: {count: $v}})", values("1.5", "x", None)),
    ("$v: Size", "wished(must: $v, which: {size: $v, sizes: [$v, null]})", values(None, {"width": 1}, {"height": 1}, {"width": 1, "x": 2})),
    ("$v: Size!", "wished(must: $v, which: {sizes: [$v]})", values({"width": 1, "height": 2, "unit": "m"}, {"width": 1, "unit": None})),
    (
        "$v: Wish",
        "wished(which: $v)",
        values({}, None, {"name": "a", "colours": ["AZURE"]}, {"sizes": [None, {"width": 1}], "grid": [[1], 2]}),
    ),
    (
        "$v: Wish",
        "wished(which: $v)",
        values({"among": {"either": {"among": {"either": []}}}}, {"from": "2026-01-01T00:00:00Z", "size": None}),
    ),
    ("$v: [Wish!]", "lists(wishes: $v)", values(None, {"name": "a"}, [{"name": "a"}, {}], [None], "no")),
    ("$v: Wish!", "lists(wishes: [$v, {}]) more: lists(wishes: [{among: {either: [$v]}}])", values({}, {"name": "b"})),
    ("$v: [[Int!]!]!", "lists(grid: $v)", values(1, [1, [2]], [], [None], None)),
    ("$v: Int!", "lists(grid: [[$v, 1], 2]) more: wished(must: {width: $v})", values(1, None)),
    ("$v: Int", "wished(must: {width: 1, height: $v})", values(None)),
    ("$v: Int = 3", "wished(must: {width: $v})", values(None, 1)),
    ("$v: String", "wished(must: {width: 1, unit: $v})", values(None)),
    ("$v: String!", "wished(must: {width: 1, unit: $v})", values("m")),
    ("$v: One", "left(one: $v)", values(None, {"left": 1}, {"left": None}, {"left": 1, "right": "a"}, {})),
    ("$v: JSON", "left(any: $v) more: left(any: {a: [$v]})", values(None, 1, {"a": [1]}, [None])),
]


@pytest.mark.parametrize(("declared", "fields", "given"), VARIABLES, ids=[f"{declared} {fields}" for declared, fields, _ in VARIABLES])
async def test_variables_become_what_strawberry_makes_of_them(declared: str, fields: str, given: list[dict[str, Any]]) -> None:
    for variables in given:
        await both(f"query ({declared}) {{ {fields} }}", variables)


async def test_what_is_made_is_each_resolvers_own() -> None:
    schema = made(True, Changing)
    for variables in ({"v": ["a"]}, {"v": ["a"]}):
        found = await schema.execute('query ($v: [String!]!) { one: grown(of: ["a"]) two: grown(of: $v) three: grown(of: $v) }', variables)
        assert found.data == {"one": 2, "two": 2, "three": 2}
    assert programs(schema).called == 6


async def test_resolvers_are_called_without_a_detour_unless_something_is_not_understood() -> None:
    schema = made(True)
    wanted = [("{ plain(count: 1) }", 1, 0), ("{ left(any: {a: 1}) }", 0, 0), ("query ($v: Int = 4) { needed(id: 1, size: $v) }", 1, 0)]
    for document, called, refused in wanted:
        before = programs(schema).called, programs(schema).refused
        await schema.execute(document)
        assert (programs(schema).called - before[0], programs(schema).refused - before[1]) == (called, refused)


async def test_a_value_that_only_graphql_core_can_judge_is_judged_by_it() -> None:
    schema = made(True)
    found = await schema.execute("query ($v: Int = 4) { needed(id: 1, size: $v) }", {"v": None})
    assert "size" in found.errors[0].message  # type: ignore[index]
    assert (programs(schema).called, programs(schema).refused) == (0, 1)


@cache
def filters(definition: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Values for an input of ours, right and wrong."""
    return st.deferred(lambda: _filters(definition))  # of an input within itself


def _filters(definition: Any) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: st.one_of(st.none(), st.just(0), of_type(each.type)) for name, each in definition.fields.items()}
    few = st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=4)
    return few.flatmap(lambda names: st.fixed_dictionaries({name: fields[name] for name in names}))


def of_type(of: Any) -> st.SearchStrategy[Any]:
    if hasattr(of, "of_type"):
        return of_type(of.of_type) if "!" in str(of)[-1] else st.one_of(of_type(of.of_type), st.lists(of_type(of.of_type), max_size=3))
    if hasattr(of, "fields"):
        return filters(of)
    if hasattr(of, "values"):
        return st.sampled_from(sorted(of.values))
    chosen = {"Int": st.integers(-3, 2**33), "Boolean": st.booleans(), "DateTime": st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01"])}
    return chosen.get(str(of), st.sampled_from(["a", "", "+41"]))


class Echo:
    """A context that tells what it was asked."""

    async def page(self, kind: type[Any], arguments: Any, info: Info) -> Any:
        raise ValueError(f"{kind.__name__} {arguments!r} {info.variable_values}")


@cache
def ours() -> tuple[strawberry.Schema, strawberry.Schema]:
    return build(extensions=[Kept]), build(extensions=[Kept], execution_context_class=executor(ExecutionSettings()))


def call_filters() -> st.SearchStrategy[Any]:
    return filters(ours()[0]._schema.type_map["CallFilter"])


@settings(max_examples=examples(150), derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    st.deferred(call_filters),
    st.sampled_from([{}, {"first": 3}, {"first": "3"}, {"first": None, "order": "OLDEST_FIRST"}, {"order": 5}]),
)
def test_our_own_lists_are_asked_for_the_same(wanted: dict[str, Any], more: dict[str, Any]) -> None:
    document = (
        "query ($f: CallFilter, $first: Int = 2, $order: TimeOrder) { calls(filter: $f, first: $first, order: $order) { nodes { id } } }"
    )
    for variables in (more, more | {"f": wanted}):
        stock, compiled = (asyncio.run(each.execute(document, variables, context_value=Echo())) for each in ours())
        assert told(stock)
        assert (stock.data, told(stock)) == (compiled.data, told(compiled))


@pytest.mark.parametrize(("told", "to"), list(product(['"2026-01-01T00:00:00Z"', "null", "$to"], ["null", "$to"])))
async def test_a_filter_within_a_document_is_the_same(told: str, to: str) -> None:
    wanted = f'{{providers: "a", startedAt: {{since: {told}, until: {to}}}, direction: INBOUND}}'
    wanted = f"{{or: [{wanted}, {{not: {{and: {wanted}}}}}]}}"
    document = f"query ($to: DateTime) {{ calls(filter: {wanted}) {{ __typename }} }}"
    for variables in ({}, {"to": None}, {"to": "2026-01-01T00:00:00Z"}):
        stock, compiled = [await each.execute(document, variables, context_value=Echo()) for each in ours()]
        assert [str(error) for error in stock.errors or ()] == [str(error) for error in compiled.errors or ()] != []
