"""The subgraph's SDL: entity keys, and directives for what may be shared or left out."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import strawberry
from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    ObjectTypeDefinitionNode,
    parse,
    print_ast,
)

from telegraphql.gateway.auth.redaction import is_personal
from telegraphql.gateway.federation.references import KEYS
from telegraphql.schema.strawberry_internals import core_schema, definition_of

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@tag"])'
# Definitions that routers add themselves.
ROUTER_NAMES = frozenset({"_Any", "_Entity", "_Service", "_entities", "_service"})
ROOTS = frozenset({"Query", "Mutation", "Subscription"})
LISTS = ("Connection", "Edge")
TypeWithFields = ObjectTypeDefinitionNode | InputObjectTypeDefinitionNode
FieldNode = FieldDefinitionNode | InputValueDefinitionNode


@lru_cache(maxsize=1)
def subgraph_sdl(schema: strawberry.Schema) -> str:
    """Return the subgraph's SDL."""
    document = parse(schema.as_str(), no_location=True)
    definitions = (_with_directives(each, schema) for each in document.definitions if _name(each) not in ROUTER_NAMES)
    return "\n\n".join([LINK, *map(print_ast, definitions)]) + "\n"


def _name(node: Any) -> str:
    return str(node.name.value) if getattr(node, "name", None) else ""


def _with_directives(node: DefinitionNode, schema: strawberry.Schema) -> DefinitionNode:
    """Return a type with its federation directives."""
    if not isinstance(node, TypeWithFields):
        return node
    fields: Any = tuple(_with_tags(field, _name(node), schema) for field in node.fields or () if _name(field) not in ROUTER_NAMES)
    directives = (*(node.directives or ()), *_directives(f"type X {_key_or_shareable(node)}"))
    return replace(node, fields=fields, directives=directives)


def _key_or_shareable(node: TypeWithFields) -> str:
    """Return `@key` for an entity, and `@shareable` for a value type that other graphs may define too."""
    name = _name(node)
    if isinstance(node, InputObjectTypeDefinitionNode) or name in ROOTS or name.endswith(LISTS):
        return ""
    return f'@key(fields: "{KEYS[name]}")' if name in KEYS else "@shareable"


def _with_tags(field: FieldNode, parent: str, schema: strawberry.Schema) -> FieldNode:
    """Return a field with tags for what contracts may want to leave out."""
    tags = " ".join(f'@tag(name: "{tag}")' for tag in _tags(field, parent, schema))
    return replace(field, directives=(*(field.directives or ()), *_directives(f"type X {tags}"))) if tags else field


def _tags(field: FieldNode, parent: str, schema: strawberry.Schema) -> Iterator[str]:
    """Yield the tags of a field: the words that `redact` of the configuration uses."""
    definition = definition_of(core_schema(schema).type_map[parent].fields[_name(field)])
    if definition is not None and is_personal(definition):
        yield "personal"
    if definition is not None and definition.metadata.get("sound"):
        yield "recordings"
    if _name(field) == "native" and parent in KEYS:
        yield "native"


def _directives(text: str) -> tuple[ConstDirectiveNode, ...]:
    (definition,) = parse(text, no_location=True).definitions
    return tuple(definition.directives or ())  # type: ignore[attr-defined]
