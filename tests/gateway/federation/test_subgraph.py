"""Subgraph: what is printed for routers is the plain schema, with keys and marks."""

from functools import cache
from typing import Any

from graphql import DocumentNode, ObjectTypeDefinitionNode, build_schema, parse, print_ast, visit
from graphql.language import REMOVE, Visitor

from telegraphql.gateway.federation.entities import federated_schema
from telegraphql.gateway.federation.references import KEYS
from telegraphql.gateway.federation.subgraph import LISTS, ROOTS, subgraph_sdl
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.schema import build


@cache
def subgraph() -> str:
    return subgraph_sdl(federated_schema())


def marks() -> dict[str, list[str]]:
    """The directives of each type."""
    definitions = (each for each in parse(subgraph()).definitions if isinstance(each, ObjectTypeDefinitionNode))
    return {each.name.value: [print_ast(mark) for mark in each.directives or ()] for each in definitions}


class Plain(Visitor):
    """Takes away what only routers want."""

    def enter_directive(self, node: Any, *_: Any) -> Any:
        return REMOVE if node.name.value in ("key", "shareable", "tag") else None

    def enter_schema_extension(self, *_: Any) -> Any:
        return REMOVE

    def enter_object_type_definition(self, node: Any, *_: Any) -> Any:
        return REMOVE if node.name.value == "PhoneNumber" else None


def definitions(document: DocumentNode) -> set[str]:
    return {print_ast(each) for each in document.definitions}


def test_it_is_the_plain_schema_besides() -> None:
    plain: Any = visit(parse(subgraph(), no_location=True), Plain())
    assert definitions(plain) == definitions(parse(build().as_str(), no_location=True))


def test_every_record_is_an_entity_by_its_id() -> None:
    keys = {name: found for name, found in marks().items() if any("@key" in mark for mark in found)}
    assert keys == {name: [f'@key(fields: "{key}")'] for name, key in KEYS.items()}
    assert {name for name, key in KEYS.items() if key == "id"} == set(KINDS)


def test_values_may_be_shared_and_lists_may_not() -> None:
    shared = {name for name, found in marks().items() if found == ["@shareable"]}
    assert {"PageInfo", "Money", "Party", "Media", "Problem"} <= shared
    assert {name for name, found in marks().items() if not found} == {name for name in marks() if name in ROOTS or name.endswith(LISTS)}


def test_what_can_be_withheld_is_tagged_for_contracts() -> None:
    lines = [line.strip() for line in subgraph().splitlines() if "@tag" in line]
    assert 'dialedNumber: String @personal @tag(name: "personal")' in lines
    assert 'number: NumberFilter @personal @tag(name: "personal")' in lines
    assert lines.count('native: JSON @tag(name: "native")') == len(KINDS)


def test_it_leaves_to_routers_what_is_theirs() -> None:
    assert [word for word in ("_entities", "_service", "_Any", "_Entity", "_Service") if word in subgraph()] == []


def test_the_served_schema_describes_everything_of_it() -> None:
    made = build_schema(federated_schema().as_str())
    for name in ("_Any", "_Entity", "_Service", "PhoneNumber"):
        assert made.type_map[name].description
    assert made.query_type is not None
    assert [name for name, field in made.query_type.fields.items() if not field.description] == []
