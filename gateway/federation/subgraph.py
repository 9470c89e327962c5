"""Subgraph: the schema as routers compose it with others - with the keys of entities, and marks for what may be shared or left out."""

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
from strawberry.schema.schema_converter import GraphQLCoreConverter

from telegraphql.gateway.auth.redaction import is_personal
from telegraphql.gateway.federation.references import KEYS

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@tag"])'
# What routers add themselves.
THEIRS = frozenset({"_Any", "_Entity", "_Service", "_entities", "_service"})
ROOTS = frozenset({"Query", "Mutation", "Subscription"})
LISTS = ("Connection", "Edge")
Fielded = ObjectTypeDefinitionNode | InputObjectTypeDefinitionNode
Part = FieldDefinitionNode | InputValueDefinitionNode


@lru_cache(maxsize=1)
def printed(schema: strawberry.Schema) -> str:
    """The subgraph in GraphQL's own language."""
    document = parse(schema.as_str(), no_location=True)
    definitions = (_marked(each, schema) for each in document.definitions if _name(each) not in THEIRS)
    return "\n\n".join([LINK, *map(print_ast, definitions)]) + "\n"


def _name(node: Any) -> str:
    return str(node.name.value) if getattr(node, "name", None) else ""


def _marked(node: DefinitionNode, schema: strawberry.Schema) -> DefinitionNode:
    """A definition with its directives."""
    if not isinstance(node, Fielded):
        return node
    parts: Any = tuple(_tagged(each, _name(node), schema) for each in node.fields or () if _name(each) not in THEIRS)
    directives = (*(node.directives or ()), *_directives(f"type X {_sharing(node)}"))
    return replace(node, fields=parts, directives=directives)


def _sharing(node: Fielded) -> str:
    """Known by a key; or a value, which other graphs may have as well."""
    name = _name(node)
    if isinstance(node, InputObjectTypeDefinitionNode) or name in ROOTS or name.endswith(LISTS):
        return ""
    return f'@key(fields: "{KEYS[name]}")' if name in KEYS else "@shareable"


def _tagged(part: Part, parent: str, schema: strawberry.Schema) -> Part:
    """A field with a tag for what contracts may want to leave out."""
    tags = " ".join(f'@tag(name: "{tag}")' for tag in _tags(part, parent, schema))
    return replace(part, directives=(*(part.directives or ()), *_directives(f"type X {tags}"))) if tags else part


def _tags(part: Part, parent: str, schema: strawberry.Schema) -> Iterator[str]:
    """What callers may be kept from, by the words of `redact`."""
    core: Any = schema._schema
    field = core.type_map[parent].fields[_name(part)].extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if field is not None and is_personal(field):
        yield "personal"
    if _name(part) == "native" and parent in KEYS:
        yield "native"


def _directives(text: str) -> tuple[ConstDirectiveNode, ...]:
    (made,) = parse(text, no_location=True).definitions
    return tuple(made.directives or ())  # type: ignore[attr-defined]
