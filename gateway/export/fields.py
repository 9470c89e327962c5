"""Fields: what is exported of each record - what is plain unless told otherwise - as a document and as columns."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export.roots import Root
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.fields import ResolverPromise, promise_of

# Of a provider its name tells all that a row needs.
OF_PROVIDER = Selection.of("name")


@dataclass(frozen=True, slots=True)
class Column:
    """A value of a row that is no object: where it stands, its type, and what is selected below where it is a list of objects."""

    path: tuple[str, ...]
    type: GraphQLOutputType
    below: Selection

    @property
    def name(self) -> str:
        """Its name where rows are flat."""
        return ".".join(self.path)


def plain(of: GraphQLObjectType, without: Iterable[str] = ()) -> Selection:
    """All that comes with a record by itself: no relations, no links, and not the upstream's own record."""
    return Selection({name: below for name, field in of.fields.items() if name not in without and (below := _plain(field)) is not None})


def _plain(field: GraphQLField) -> Selection | None:
    """What is plain below a plain field; None for one that is not."""
    of, resolver = get_named_type(field.type), _resolver(field)
    if of.name == "Provider":
        return OF_PROVIDER
    if is_object_type(of):
        return plain(of) if resolver is None else None
    at_once = resolver is None or promise_of(resolver) is ResolverPromise.AT_ONCE
    return Selection() if is_leaf_type(of) and at_once and of.name != "JSON" else None


def _resolver(field: GraphQLField) -> object | None:
    resolver = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].base_resolver
    return None if resolver is None else resolver.wrapped_func


def named(root: Root, text: str) -> Selection:
    """What --fields names, such as "id,from.number,recordings"; an object stands for all that is plain in it."""
    found = Selection()
    for path in filter(None, (part.strip() for part in text.split(","))):
        found = found.plus(_named(root.of, path.split("."), path))
    if not found.fields:
        raise SettingsError(f"--fields is empty: name fields of {root.name}, such as id,provider.name, or leave it out")
    return found


def _named(of: GraphQLObjectType, names: list[str], path: str) -> Selection:
    first, rest = names[0], names[1:]
    if first not in of.fields:
        raise SettingsError(f"--fields {path[:80]}: {of.name} has no field {first[:80]!r}; it has {', '.join(of.fields)}")
    field, below = of.fields[first], get_named_type(of.fields[first].type)
    if field.args:
        raise SettingsError(f"--fields {path}: {first} is a list with pages of its own; export it as a --kind by itself")
    if is_object_type(below):
        inner = _named(below, rest, path) if rest else OF_PROVIDER if below.name == "Provider" else plain(below)
        return Selection({first: inner})
    if rest:
        raise SettingsError(f"--fields {path}: {first} has no fields; write only {path.removesuffix('.' + '.'.join(rest))}")
    return Selection({first: Selection()})


def document(root: Root, select: Selection) -> str:
    """The query that gives the rows of one page."""
    return f"query Export {{ {root.name} {{ nodes {_braced(select)} }} }}"


def _braced(select: Selection) -> str:
    return f"{{ {' '.join(name + (' ' + _braced(select[name]) if select[name].fields else '') for name in select)} }}"


def columns(of: GraphQLObjectType, select: Selection, above: tuple[str, ...] = ()) -> Iterator[Column]:
    """The values of a row, in the order in which they were selected."""
    for name in select:
        path, kind = (*above, name), get_nullable_type(of.fields[name].type)
        if is_object_type(kind):
            yield from columns(kind, select[name], path)
        else:
            yield Column(path, kind, select[name])


def item(column_type: GraphQLOutputType) -> GraphQLOutputType | None:
    """The type of a list's items; None for what is no list."""
    return get_nullable_type(column_type.of_type) if is_list_type(column_type) else None


def value(row: Mapping[str, object], path: tuple[str, ...]) -> object:
    """What stands at a path of a row; None where something on the way is null."""
    found: object = row
    for name in path:
        if not isinstance(found, dict):
            return None
        found = found[name]
    return found
