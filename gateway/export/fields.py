"""The exported fields of a record, as a GraphQL document and as flat columns."""

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

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export.root_fields import RootField
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.fields import ResolverPromise, promise_of
from telegraphql.schema.strawberry_internals import definition_of

# Of a provider a row needs only the name.
OF_PROVIDER = Selection.of("name")


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One leaf of a row: its path, its type and, if it is a list of objects, the selection of their fields."""

    path: tuple[str, ...]
    type: GraphQLOutputType
    below: Selection

    @property
    def name(self) -> str:
        """Return the column's name in flat formats, such as `from.number`."""
        return ".".join(self.path)


def default_selection(object_type: GraphQLObjectType, without: Iterable[str] = ()) -> Selection:
    """Return the fields that come with a record itself: no relations, no links and not the upstream's own record."""
    return Selection(
        {name: below for name, field in object_type.fields.items() if name not in without and (below := _default_field(field)) is not None}
    )


def _default_field(field: GraphQLField) -> Selection | None:
    """Return the selection below a field that is exported by default, or None if the field is not."""
    field_type, resolver = get_named_type(field.type), _resolver(field)
    if field_type.name == "Provider":
        return OF_PROVIDER
    if is_object_type(field_type):
        return default_selection(field_type) if resolver is None else None
    needs_no_request = resolver is None or promise_of(resolver) is ResolverPromise.AT_ONCE
    return Selection() if is_leaf_type(field_type) and needs_no_request and field_type.name != "JSON" else None


def _resolver(field: GraphQLField) -> object | None:
    resolver = definition_of(field).base_resolver
    return None if resolver is None else resolver.wrapped_func


def parse_fields(root: RootField, text: str) -> Selection:
    """Return the selection that `--fields` names, such as "id,from.number,recordings". An object stands for its default fields.

    Raises:
        SettingsError: A field does not exist, or cannot be exported.
    """
    selection = Selection()
    for path in filter(None, (part.strip() for part in text.split(","))):
        selection = selection.plus(_parse_path(root.object_type, path.split("."), path))
    if not selection.fields:
        raise SettingsError(f"--fields is empty: name fields of {root.name}, such as id,provider.name, or leave it out")
    return selection


def _parse_path(object_type: GraphQLObjectType, names: list[str], path: str) -> Selection:
    first, remaining_names = names[0], names[1:]
    if first not in object_type.fields:
        raise SettingsError(f"--fields {path[:80]}: {object_type.name} has no field {first[:80]!r}; it has {', '.join(object_type.fields)}")
    field, below = object_type.fields[first], get_named_type(object_type.fields[first].type)
    if field.args:
        raise SettingsError(f"--fields {path}: {first} is a paginated list: export it with a --kind of its own")
    if is_object_type(below):
        inner = (
            _parse_path(below, remaining_names, path)
            if remaining_names
            else OF_PROVIDER
            if below.name == "Provider"
            else default_selection(below)
        )
        return Selection({first: inner})
    if remaining_names:
        raise SettingsError(f"--fields {path}: {first} has no fields; write only {path.removesuffix('.' + '.'.join(remaining_names))}")
    return Selection({first: Selection()})


def query_document(root: RootField, select: Selection) -> str:
    """Return the GraphQL query for the rows of one page."""
    return f"query Export {{ {root.name} {{ nodes {_braced(select)} }} }}"


def _braced(select: Selection) -> str:
    return f"{{ {' '.join(name + (' ' + _braced(select[name]) if select[name].fields else '') for name in select)} }}"


def columns(object_type: GraphQLObjectType, select: Selection, parent_path: tuple[str, ...] = ()) -> Iterator[ExportColumn]:
    """Yield the leaves of a row, in the order of the selection."""
    for name in select:
        path, kind = (*parent_path, name), get_nullable_type(object_type.fields[name].type)
        if is_object_type(kind):
            yield from columns(kind, select[name], path)
        else:
            yield ExportColumn(path, kind, select[name])


def item(column_type: GraphQLOutputType) -> GraphQLOutputType | None:
    """Return the type of a list's items, or None if the type is not a list."""
    return get_nullable_type(column_type.of_type) if is_list_type(column_type) else None


def value(row: Mapping[str, object], path: tuple[str, ...]) -> object:
    """Return the value at a path of a row, or None if an object on the way is null."""
    current: object = row
    for name in path:
        if not isinstance(current, dict):
            return None
        current = current[name]
    return current
