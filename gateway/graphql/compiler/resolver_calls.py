"""Calls: how a resolver that waits is called, where nothing but Strawberry's conversion of its arguments stands before it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLObjectType
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from telegraphql.gateway.graphql.compiler.argument_coercion import Arguments, Reader
from telegraphql.gateway.graphql.compiler.plan import NotPlain
from telegraphql.gateway.plugin.selection import SelectionCache
from telegraphql.schema.strawberry_internals import field_behind


@dataclass(frozen=True, slots=True)
class ResolverCall:
    """A field of a document, its resolver, and under which name that asks for an info."""

    definition: GraphQLField
    told: StrawberryField
    resolver: Callable[..., Any]
    info: str | None
    info_class: type[Info]
    arguments: Arguments
    selections: SelectionCache = field(default_factory=dict)


def call_of(reader: Reader, info_class: type[Info], parent: GraphQLObjectType, node: FieldNode) -> ResolverCall | None:
    """Return the call of a field; None if it is left to graphql-core."""
    definition = parent.fields.get(node.name.value)
    try:
        return None if definition is None else _call(reader, info_class, definition, node)
    except (NotPlain, GraphQLError, RecursionError):
        return None


def _call(reader: Reader, info_class: type[Info], definition: GraphQLField, node: FieldNode) -> ResolverCall:
    told = field_behind(definition)
    if told is None:
        raise NotPlain
    own = told.base_resolver
    if own is None or told.extensions or told.is_subscription or not own.is_async or own.self_parameter is None:
        raise NotPlain
    if own.parent_parameter or own.root_parameter or not callable(own.wrapped_func):
        raise NotPlain
    info = own.info_parameter
    arguments = reader.arguments(told, definition.args, node)
    return ResolverCall(definition, told, own.wrapped_func, info.name if info else None, info_class, arguments)
