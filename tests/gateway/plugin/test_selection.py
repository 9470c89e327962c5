"""Which fields a plugin learns of: fragments, aliases and directives read as a client means them."""

from typing import Any

import pytest
from graphql import parse
from strawberry.types import Info

from telegraphql.gateway.plugin.selection import NOTHING, SELECTIONS, Selection, selected
from telegraphql.schema.call import Call
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call

NODES: dict[str, tuple[str, list[str]]] = {
    "plain": ("{ calls { nodes { id cost { amount } } } }", ["id", "cost.amount"]),
    "edges": ("{ calls { edges { cursor node { id } } } }", ["id"]),
    "nodes and edges": ("{ calls { nodes { id } edges { node { cost { amount } } } } }", ["id", "cost.amount"]),
    "neither": ("{ calls { pageInfo { endCursor } totalCount } }", []),
    "alias": ("{ all: calls { them: nodes { price: cost { much: amount } } } }", ["cost.amount"]),
    "twice": ("{ calls { nodes { cost { amount } } nodes { cost { currency } } } }", ["cost.amount", "cost.currency"]),
    "field twice": ("{ calls { nodes { a: cost { amount } b: cost { currency } } } }", ["cost.amount", "cost.currency"]),
    "calls twice": ("{ calls { nodes { id } } calls { nodes { cost { amount } } } }", ["id", "cost.amount"]),
    "fragment": ("{ calls { ...p } } fragment p on CallConnection { nodes { ...c } } fragment c on Call { id }", ["id"]),
    "inline": ("{ calls { ... { nodes { ... on Call { id } ... on Node { nativeId: id } ... on Record { nativeId: id } } } } }", ["id"]),
    "nested": ("{ calls { nodes { session { calls { session { id } } } } } }", ["session.calls.session.id"]),
    "typename": ("{ calls { nodes { __typename } } }", ["__typename"]),
    "skip": ("{ calls { nodes { id @skip(if: true) durationSeconds @skip(if: false) } } }", ["durationSeconds"]),
    "include": ("{ calls { nodes { id @include(if: true) durationSeconds @include(if: false) } } }", ["id"]),
    "both": ("{ calls { nodes { id @include(if: true) @skip(if: true) durationSeconds } } }", ["durationSeconds"]),
    "variable": ("query ($no: Boolean!) { calls { nodes { id @include(if: $no) durationSeconds @skip(if: $no) } } }", ["durationSeconds"]),
    "default": ("query ($yes: Boolean! = true) { calls { nodes { id @include(if: $yes) durationSeconds @skip(if: $yes) } } }", ["id"]),
    "spread": ("query ($no: Boolean!) { calls { nodes { id ...c @include(if: $no) } } } fragment c on Call { durationSeconds }", ["id"]),
    "inline skipped": ("query ($no: Boolean!) { calls { nodes { id ... @include(if: $no) { durationSeconds } } } }", ["id"]),
    "below": ("query ($no: Boolean!) { calls { nodes { cost { amount currency @include(if: $no) } } } }", ["cost.amount"]),
}


@pytest.mark.parametrize(("document", "paths"), NODES.values(), ids=NODES)
async def test_the_provider_learns_which_fields_are_wanted(document: str, paths: list[str]) -> None:
    store = Store()
    await data([serving("a", Memory, store)], document, {"no": False})
    assert [each.select for each in store.asks[:1]] == [Selection.of(*paths)]


async def test_two_lists_have_a_selection_each() -> None:
    store = Store()
    await data([serving("a", Memory, store)], "{ a: calls { nodes { id } } b: calls { nodes { durationSeconds } totalCount } }")
    assert [each.select for each in store.asks] == [Selection.of("id"), Selection.of("durationSeconds")]
    assert len(store.counts) == 1


async def test_a_count_that_is_skipped_is_not_asked_for() -> None:
    store = Store()
    found = await data([serving("a", Memory, store)], "query ($no: Boolean!) { calls { totalCount @include(if: $no) } }", {"no": False})
    assert (found, store.counts) == ({"calls": {}}, [])


async def test_a_relation_learns_its_own_fields() -> None:
    store = Store([call(1, 1, "a", refs={"parent": "0"}), call(0, 0, "a")])
    document = "{ calls { nodes { parent { ...c cost { amount } } } } } fragment c on Record { nativeId }"
    await data([serving("a", Memory, store)], document)
    assert [wanted.select for wanted in store.wanted] == [Selection.of("nativeId", "cost.amount")]


async def test_of_an_interface_only_what_concerns_the_kind_is_wanted() -> None:
    store = Store([call(1, 1, "a")])
    document = """
    { nodes(ids: ["Q2FsbDphOjE"]) { id ... on Record { nativeId } ... on Call { durationSeconds } ... on Session { isDerived } ...s } }
    fragment s on Recording { sizeBytes }
    """
    await data([serving("a", Memory, store)], document)
    assert [wanted.select for wanted in store.wanted] == [Selection.of("id", "nativeId", "durationSeconds")]


@pytest.mark.parametrize("variables", [{}, {"no": None}, {"no": "maybe"}])
async def test_a_directive_without_its_variable_is_the_clients_error(variables: dict[str, Any]) -> None:
    store = Store()
    answer = await ask([serving("a", Memory, store)], "query ($no: Boolean!) { calls { nodes { id @skip(if: $no) } } }", variables)
    assert answer.data is None
    assert (len(answer.errors or []), store.asked) == (1, [])


def test_a_selection_is_a_tree_of_names() -> None:
    tree = Selection.of("session.cost", "session.calls.id", "id")
    assert ("session" in tree, "cost" in tree, "cost" in tree["session"], "id" in tree["session"]["calls"]) == (True, False, True, True)
    assert (sorted(tree), tree["nothing"]["at all"], sorted(NOTHING)) == (["id", "session"], NOTHING, [])
    assert tree.plus(NOTHING) is tree
    assert NOTHING.plus(tree) == tree


def test_equal_selections_are_one_key() -> None:
    one, other = Selection.of("a.b", "c"), Selection.of("c", "a").plus(Selection.of("a.b"))
    assert (one == other, hash(one) == hash(other), len({one, other, Selection.of("a")})) == (True, True, 2)
    assert Call.__name__ not in one


class Read:
    """A field of a document, as a resolver is told of it."""

    def __init__(self, text: str, **variables: bool) -> None:
        document = parse(text)
        (operation, *rest) = document.definitions
        self.fragments = {each.name.value: each for each in rest}  # type: ignore[attr-defined]
        self.field_nodes = list(operation.selection_set.selections)  # type: ignore[attr-defined]
        self.variable_values = variables


def told(raw: Any) -> Info:
    return Info(_raw_info=raw, _field=None)  # type: ignore[arg-type]


def test_what_is_selected_is_read_once_where_it_is_kept() -> None:
    raw, kept = Read("{ node { id ... on Call { durationSeconds } ... on Chat { text } } }"), dict[Any, Selection]()
    first, second, other = told(raw), told(raw), told(raw)
    for each in (first, second):
        each.__dict__[SELECTIONS] = kept
    assert selected(first, "Call") is selected(second, "Call")
    assert selected(first, "Call") == selected(other, "Call") == Selection.of("id", "durationSeconds")
    assert selected(second, "Chat") == Selection.of("id", "text")
    assert selected(other, "Call") is not selected(other, "Call")


def test_what_a_filter_needs_besides_is_found_once_for_the_same_filter() -> None:
    wanted = Selection.of("id", "session.id")
    assert wanted.needing(("session", "from")) == Selection.of("id", "session.id", "from")
    assert wanted.needing(("session", "from")) is wanted.needing(("session", "from"))
    assert wanted.needing(()) == wanted
    assert wanted.needing(("to",)) == Selection.of("id", "session.id", "to")


def test_the_records_of_a_connection_stand_beside_each_other_and_in_edges() -> None:
    found = Selection.of("nodes.id", "edges.node.cost.amount", "edges.cursor", "totalCount")
    assert found.records == Selection.of("id", "cost.amount")
    assert hash(found.records) == hash(Selection.of("cost.amount", "id"))
    assert NOTHING.records == NOTHING
