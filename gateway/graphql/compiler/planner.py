"""Compile: from a selection to its plan. What is not understood to the last detail is left to graphql-core."""

from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from telegraphql.gateway.graphql.compiler.leaf_types import check_of
from telegraphql.gateway.graphql.compiler.plan import (
    Attribute,
    Called,
    Choice,
    ConstantField,
    Later,
    ListSelection,
    Member,
    NotPlain,
    ObjectSelection,
    ResolverStyle,
    SelectionTooLarge,
    Site,
    Value,
)
from telegraphql.gateway.graphql.graphql_core_internals import Executor, FieldDetailsList
from telegraphql.schema.fields import ResolverPromise, promise_of
from telegraphql.schema.strawberry_internals import definition_of, field_behind, is_resolved_by_class

# Making code takes some 0.1 ms a field, once; what a stranger may have made for one answer has to end.
MOST_FIELDS = 400
# An interface with more is completed by graphql-core: few of its kinds come in one list.
MOST_KINDS = 8


@dataclass(slots=True)
class Planner:
    """Makes one plan for an operation, whose executor collects the fields; SelectionTooLarge where they are too many."""

    executor: Executor[Any]
    left: int = MOST_FIELDS

    def value(self, of: GraphQLOutputType, details: FieldDetailsList) -> Value:
        """Return what a place of this type holds; raise NotPlain if that is not certain."""
        nullable = not isinstance(of, GraphQLNonNull)
        inner: Any = of.of_type if isinstance(of, GraphQLNonNull) else of
        if is_leaf_type(inner):
            return Value(nullable, check_of(inner))
        if is_list_type(inner):
            return Value(nullable, ListSelection(self.value(inner.of_type, details)))
        if is_object_type(inner):
            return Value(nullable, self.shape(inner, details))
        if is_abstract_type(inner) and len(self.executor.schema.get_possible_types(inner)) <= MOST_KINDS:
            return Value(nullable, self.choice(inner, details))
        raise NotPlain

    def shape(self, of: GraphQLObjectType, details: FieldDetailsList) -> ObjectSelection:
        """Return an object with what is selected of it."""
        kind = class_of(of)
        collected = self.executor.collect_subfields(of, details)
        if kind is None or collected.new_defer_usages:
            raise NotPlain
        members = (self._member(of, key, each) for key, each in collected.grouped_field_set.items())
        return ObjectSelection(of.name, kind, tuple(members))

    def choice(self, of: GraphQLAbstractType, details: FieldDetailsList) -> Choice:
        """One of the objects of a union or an interface, with what is selected of each."""
        told, types = types_by_class(self.executor.schema), self.executor.schema.get_possible_types(of)
        shapes = tuple(self.shape(each, details) for each in types)
        if not is_resolved_by_class(of) or any(told.get(shape.kind) is not each for shape, each in zip(shapes, types, strict=True)):
            raise NotPlain
        return Choice(of.name, shapes)

    def _member(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> Member:
        self.left -= 1
        if self.left < 0:
            raise SelectionTooLarge
        name = details[0].node.name.value
        alias = key if key != name else None
        if name == "__typename":
            return Member(name, alias, ConstantField(parent.name))
        definition = parent.fields.get(name)
        if definition is None:
            raise NotPlain
        return Member(name, alias, self._source(Site(ResolverStyle.APART, key, parent, definition, details)))

    def _source(self, site: Site) -> Attribute | Called | Later:
        """Return the source of a field. A nullable one that is not understood is left to graphql-core, since its errors stay its own."""
        try:
            return self._understood(site)
        except NotPlain:
            if isinstance(site.return_type, GraphQLNonNull):
                raise
            return Later(site)

    def _understood(self, site: Site) -> Attribute | Called | Later:
        field = field_of(site.definition)
        if field.base_resolver is None:
            if not is_name(field.python_name):
                raise NotPlain
            return Attribute(field.python_name, self.value(site.return_type, site.details))
        promise = promise_of(field.base_resolver.wrapped_func)
        if promise is ResolverPromise.TOGETHER and not isinstance(site.return_type, GraphQLNonNull):
            return Later(Site(ResolverStyle.TOGETHER, site.key, site.parent_type, site.definition, site.details))
        if promise is ResolverPromise.AT_ONCE:
            return self._called(field, site)
        raise NotPlain

    def _called(self, field: StrawberryField, site: Site) -> Called:
        resolver = field.base_resolver
        if resolver is None or resolver.self_parameter is None or not is_name(field.python_name):
            raise NotPlain
        info = resolver.info_parameter
        function: Any = resolver.wrapped_func
        return Called(
            name=field.python_name,
            resolver=function,
            waits=resolver.is_async,
            value=self.value(site.return_type, site.details),
            site=Site(ResolverStyle.AT_ONCE, site.key, site.parent_type, site.definition, site.details) if info else None,
            info=info.name if info else "info",
        )


def field_of(definition: GraphQLField) -> StrawberryField:
    """Strawberry's own description of a field, where nothing stands between it and its value."""
    field = field_behind(definition)
    if field is None:
        raise NotPlain
    if field.extensions or field.arguments or definition.args or field.default_resolver is not getattr:
        raise NotPlain
    return field


def class_of(of: GraphQLObjectType) -> type[Any] | None:
    """Return the one class whose instances are surely of a type; None if Strawberry asks more than the class."""
    definition = definition_of(of)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of is not None:
        return None
    # Instances of a generic type are made by its own class, whatever they hold.
    return definition.concrete_of.origin if definition.concrete_of else definition.origin


def types_by_class(schema: GraphQLSchema) -> dict[type[Any], GraphQLObjectType]:
    """Return the types whose instances have one class of their own."""
    found: dict[type[Any], GraphQLObjectType] = {}
    for each in schema.type_map.values():
        definition = definition_of(each)
        if is_object_type(each) and isinstance(definition, StrawberryObjectDefinition) and not definition.concrete_of:
            found[definition.origin] = each
    return {kind: each for kind, each in found.items() if each.name == get_object_definition(kind, strict=True).name}


def is_name(text: str) -> bool:
    """Return True if a text can be a name in Python code."""
    return text.isidentifier() and not iskeyword(text)
