"""Roots: a document for every root field of the schema, with arguments that name a provider wherever one can be named."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from telegraphql.schema.kinds import KINDS
from telegraphql.schema.node import global_id
from tests.support.printed_schema import client_schema

SDL: GraphQLSchema = client_schema()
WORDS = {"DateTime": "2026-01-01T00:00:00Z", "Int": 1, "Boolean": True, "JSON": {"a": "b"}, "Decimal": "1"}


class Root(NamedTuple):
    """One way to ask a root field."""

    operation: str
    field: str
    document: str


def roots(provider: str) -> Iterator[Root]:
    """Every root field, once for each kind whose id it might be given."""
    for operation in ("query", "mutation", "subscription"):
        kind = getattr(SDL, f"{operation}_type")
        assert isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items():
            for each in dict.fromkeys(_document(operation, name, field, provider, of) for of in KINDS):
                yield Root(operation, name, each)


def _document(operation: str, name: str, field: GraphQLField, provider: str, of: str) -> str:
    given = {
        argument: _value(each.type, argument, provider, of)
        for argument, each in field.args.items()
        if isinstance(each.type, GraphQLNonNull) or argument in ("filter", "providers")
    }
    arguments = ", ".join(f"{argument}: {_written(value)}" for argument, value in given.items())
    return f"{operation} {{ {name}{f'({arguments})' if arguments else ''} {_selection(field)} }}"


def _value(kind: Any, name: str, provider: str, of: str) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, name, provider, of)
    if isinstance(kind, GraphQLList):
        return [_value(kind.of_type, name, provider, of)]
    if isinstance(kind, GraphQLEnumType):
        return _Word(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        wanted = [each for each, given in kind.fields.items() if isinstance(given.type, GraphQLNonNull) or each == "providers"]
        return {each: _value(kind.fields[each].type, each, provider, of) for each in wanted}
    if kind.name == "ID":
        return global_id(of, provider, "1")
    return WORDS.get(kind.name, provider if name in ("provider", "providers", "confirm", "name") else "1")


class _Word(str):
    """A value of an enum, which stands without quotes."""


def _written(value: Any) -> str:
    if isinstance(value, _Word):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    return json.dumps(value)


def _selection(field: GraphQLField) -> str:
    kind = get_named_type(field.type)
    below = getattr(kind, "fields", {})
    told = [each for each in ("id", "name", "url", "done", "totalCount") if each in below]
    told += ["problems { provider { name } code message }"] if "problems" in below else []
    told += [f"nodes {{ {_least(below['nodes'])} }}", "pageInfo { hasNextPage endCursor }"] if "nodes" in below else []
    return "{ " + " ".join(["__typename", *told]) + " }" if below else ""


def _least(field: GraphQLField) -> str:
    """What can be selected of any record; a union has no field of its own."""
    return "... on Node { id }" if isinstance(get_named_type(field.type), GraphQLUnionType) else "id"
