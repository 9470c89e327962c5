"""Plan: what a selection reads and how it is answered, decided before any code is written."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from graphql import GraphQLField, GraphQLObjectType, GraphQLOutputType

from telegraphql.gateway.graphql.graphql_core_internals import FieldDetailsList
from telegraphql.schema.paging import Edge
from telegraphql.schema.record import Record

if TYPE_CHECKING:
    from telegraphql.gateway.graphql.compiler.leaf_types import Check


class NotPlain(Exception):
    """A selection that is left to graphql-core."""


class SelectionTooLarge(Exception):
    """A selection whose code would take longer to make than it saves."""


class ResolverStyle(Enum):
    """The way in which a field that is no attribute is resolved."""

    AT_ONCE = "its resolver is called where it stands"
    TOGETHER = "for all parents by one call of the context"
    APART = "parent by parent, by graphql-core"


@dataclass(frozen=True, slots=True)
class Site:
    """A field that needs more than its parent: what graphql-core would be told of it."""

    way: ResolverStyle
    key: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList

    @property
    def return_type(self) -> GraphQLOutputType:
        """Return the type of the field."""
        return self.definition.type


@dataclass(frozen=True, slots=True)
class ListSelection:
    """A list of values of one type."""

    item: "Value"

    @property
    def deep(self) -> bool:
        """Return True if an item needs more than its parent."""
        return self.item.deep


@dataclass(frozen=True, slots=True)
class Value:
    """The type of a value, and True if it may be null."""

    nullable: bool
    of: "Check | ListSelection | ObjectSelection | Choice"

    @property
    def deep(self) -> bool:
        """Return True if anything in it needs more than its parent."""
        return self.of.deep


@dataclass(frozen=True, slots=True)
class ConstantField:
    """A field that is the same for all parents."""

    text: str
    deep: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field that is read from its parent."""

    name: str
    value: Value

    @property
    def deep(self) -> bool:
        """Return True if its value needs more than its parent."""
        return self.value.deep


@dataclass(frozen=True, slots=True)
class Called:
    """A field whose resolver never waits; `site` where the resolver asks for an info, under the parameter's name `info`."""

    name: str
    resolver: Callable[..., Any]
    waits: bool
    value: Value
    site: Site | None = None
    info: str = "info"

    @property
    def deep(self) -> bool:
        """Return True if its resolver or its value needs more than its parent."""
        return self.site is not None or self.value.deep


@dataclass(frozen=True, slots=True)
class Later:
    """A field that is filled in when all parents are there."""

    site: Site
    deep: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Member:
    """A field of an answer: its name in the schema, the client's word for it if another, and where it comes from."""

    name: str
    alias: str | None
    source: ConstantField | Attribute | Called | Later


@dataclass(frozen=True, slots=True)
class ObjectSelection:
    """An object: of which class it must be, and what is selected of it."""

    name: str
    kind: type[Any]
    members: tuple[Member, ...]

    @property
    def deep(self) -> bool:
        """Return True if a field of it needs more than its parent."""
        return any(member.source.deep for member in self.members)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several objects, told by its class."""

    name: str
    shapes: tuple[ObjectSelection, ...]

    @property
    def deep(self) -> bool:
        """Return True if one of the objects needs more than its parent."""
        return any(shape.deep for shape in self.shapes)


def drawn(value: Value) -> ObjectSelection | None:
    """Return the one selection of records in a connection, a list of records, or a record; None where there are several, or none."""
    inner = value.of.item.of if isinstance(value.of, ListSelection) else value.of
    if isinstance(inner, ObjectSelection) and issubclass(inner.kind, Record):
        return inner
    connection = value.of if isinstance(value.of, ObjectSelection) else None
    nodes = [each for name in ("nodes", "edges") for each in _items(connection, name)]
    found = [each for edge in nodes for each in (_below(edge, "node") if edge.kind is Edge else [edge])]
    return found[0] if len(found) == 1 and issubclass(found[0].kind, Record) else None


def _items(shape: ObjectSelection | None, name: str) -> list[ObjectSelection]:
    lists = [each.of.item.of for each in _values(shape, name) if isinstance(each.of, ListSelection)]
    return [each for each in lists if isinstance(each, ObjectSelection)]


def _below(shape: ObjectSelection, name: str) -> list[ObjectSelection]:
    return [each.of for each in _values(shape, name) if isinstance(each.of, ObjectSelection)]


def _values(shape: ObjectSelection | None, name: str) -> list[Value]:
    sources = [member.source for member in shape.members] if shape else []
    return [each.value for each in sources if isinstance(each, Attribute) and each.name == name]
