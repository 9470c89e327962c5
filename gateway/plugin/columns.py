"""Columns: what a mapping is made of, checked against the row's Struct and the schema's kind when a plugin is imported."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from telegraphql.gateway.plugin.mapping_errors import fail, written_at
from telegraphql.schema.nearest_names import nearest, nearest_name

TEXTS = frozenset({str, int, float, NoneType})


class RowSource:
    """A source that is no attribute: the row itself, or the provider."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


ROW: Final = RowSource("ROW")
PROVIDER: Final = RowSource("PROVIDER")


@dataclass(frozen=True, slots=True)
class ProviderValue:
    """An attribute of the provider, as a dotted path; read once per page."""

    path: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the plugin's method gives to `Provider.page` under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """The value of another column of the same mapping, such as "started_at" or "from_.number"."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is the same for all rows; a source, and a column as well."""

    value: Any


# The name of an attribute of the row, a dotted path through nested Structs, one of the above, or another column.
Source = Union[str, RowSource, ProviderValue, Parameter, Mapped, Constant, "Column"]


def provider(path: str) -> ProviderValue:
    """Return the source of an attribute of the provider, such as `provider("settings.currency")`."""
    return ProviderValue(_name_of("provider", path))


def parameter(name: str) -> Parameter:
    """Return the source of a value that the plugin's method gives to `Provider.page` by this name."""
    return Parameter(_name_of("parameter", name))


def mapped(name: str) -> Mapped:
    """Return the source of another column's value; it is null where that column cannot be read."""
    return Mapped(_name_of("mapped", name))


def _name_of(function: str, given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise fail(written_at(), f"{function} takes a name, not {given!r}")
    return given


@dataclass(frozen=True, eq=False)
class Column:
    """One field of a record: a function, and the sources whose values it is called with.

    The function returns the field's value, None where the upstream says nothing, and raises ValueError (or any other
    exception) where a value cannot be read: then the field is null, and the page has one problem for all such rows.
    `never_fails` promises that it reads whatever values of the declared types; it is not called then where nobody selects the field.
    """

    read: Callable[..., Any]
    sources: tuple[Source, ...]
    where: str
    # What the documentation says of it, such as "time in UTC".
    words: str = ""
    # Types of attributes for which `read` never raises; None for a function that never raises at all.
    total_for: frozenset[Any] | None = frozenset()
    # True if `read` judges any JSON value by itself. Other functions only see values of the declared types.
    lenient: bool = False
    # True if the value is the attribute itself.
    is_plain: bool = False
    # True if `read` returns text or None, and nothing else.
    is_text: bool = False
    # What `read` does with the usual types of value: by a type's name, an expression of `value`, which may call `read`. It is written
    # where a column is read, since calling a function for it takes twice as long. None stays None.
    usual: Mapping[str, str] | None = None

    def __init__(self, read: Callable[..., Any], *sources: Source, never_fails: bool = False, words: str = "", **options: Any) -> None:
        where = written_at()
        if not callable(read):
            raise fail(where, f"Column starts with a function, such as Column(status, {read!r}), not with {read!r}")
        for source in sources:
            if not isinstance(source, KINDS_OF_SOURCE):
                raise fail(where, f"a source of a Column is the name of an attribute, mapped(...) or Constant(...), not {source!r}")
        if unknown := sorted(options.keys() - OPTIONS):
            raise fail(where, f"Column has no option {unknown[0]!r}; {nearest(unknown[0], OPTIONS | {'never_fails', 'words'})}")
        object.__setattr__(self, "read", read)
        object.__setattr__(self, "sources", sources)
        object.__setattr__(self, "where", where)
        object.__setattr__(self, "words", words or _first_line(read))
        object.__setattr__(self, "total_for", None if never_fails else options.pop("total_for", frozenset()))
        for name, value in options.items():
            object.__setattr__(self, name, value)

    @property
    def all_sources(self) -> list[Source]:
        """Return the sources of the column, and those of the columns among them."""
        return [one for each in self.sources for one in ([each, *each.all_sources] if isinstance(each, Column) else [each])]

    @property
    def attributes(self) -> list[str]:
        """Return the paths of the row's attributes that the column reads."""
        return [each for each in self.all_sources if isinstance(each, str)]


KINDS_OF_SOURCE = (str, RowSource, ProviderValue, Parameter, Mapped, Constant, Column)
OPTIONS = frozenset({"total_for", "lenient", "is_plain", "is_text", "usual"})


def as_column(given: Any) -> Any:
    """Return the column of a constant; anything else as it is."""
    return Column(_same, given, words="always the same", is_plain=True) if isinstance(given, Constant) else given


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, eq=False)
class Object:
    """A value with fields of its own, such as a Party: its class, and a column for each of its attributes.

    It is null where the part named by `unless_null` is.
    """

    kind: type[Any]
    parts: Mapping[str, Column]
    unless_null: str | None
    where: str

    def __init__(self, kind: type[Any], /, *, unless_null: str | None = None, **parts: Column | Constant) -> None:
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "parts", {name: as_column(part) for name, part in parts.items()})
        object.__setattr__(self, "unless_null", unless_null)
        object.__setattr__(self, "where", written_at())


def _first_line(read: Callable[..., Any]) -> str:
    lines = (inspect.getdoc(read) or "").splitlines() if inspect.isroutine(read) else []
    return lines[0].rstrip(".") if lines else ""


@dataclass(frozen=True, slots=True)
class AttributePath:
    """A checked path from a row to a value: its attributes, which of them may be null on the way, and the types at its end."""

    names: tuple[str, ...]
    nullable: tuple[bool, ...]
    types: frozenset[Any]

    def of(self, row: Any) -> Any:
        """Return the value at the end; None where something on the way is null."""
        for name in self.names:
            row = None if row is None else getattr(row, name)
        return row


def path_of(struct: type[msgspec.Struct], path: str, where: str) -> AttributePath:
    """Check a path through a Struct; MappingError names the nearest attribute where it leads nowhere."""
    names, nullable = path.split("."), []
    at: Any = struct
    for index, name in enumerate(names):
        owner = _struct_in(at)
        if owner is None:
            raise fail(where, f"{path!r} goes on behind {'.'.join(names[:index])!r}, which is no Struct")
        hints = _hints(owner)
        if name not in owner.__struct_fields__:
            fixed = f"; for a fixed value write Constant({path!r})" if nearest_name(name, owner.__struct_fields__) is None else ""
            raise fail(where, f"{owner.__name__} has no attribute {name!r}; {nearest(name, owner.__struct_fields__)}{fixed}")
        at = hints.get(name, Any)
        nullable.append(NoneType in types_in(at))
    return AttributePath(tuple(names), tuple(nullable), types_in(at))


def types_in(hint: Any) -> frozenset[Any]:
    """Return the types that a hint allows."""
    if get_origin(hint) in (Union, UnionType):
        return frozenset(kind for each in get_args(hint) for kind in types_in(each))
    return frozenset({NoneType if hint is None else hint})


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    found = [each for each in types_in(hint) if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    return found[0] if len(found) == 1 else None


def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    try:
        return get_type_hints(struct)
    except NameError:
        return {}


def check_call(column: Column, name: str) -> None:
    """MappingError where a column's function does not take as many values as the column has sources."""
    try:
        signature = inspect.signature(column.read)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*column.sources)
    except TypeError:
        given = ", ".join(map(str, column.sources)) or "nothing"
        raise fail(column.where, f"the function of {name!r} is called with {given}, but its parameters are {signature}") from None


@dataclass(frozen=True, slots=True)
class LeafColumn:
    """A column with its path in the mapping, such as "from_.number", and what it reads, checked."""

    path: str
    column: Column
    attributes: Mapping[str, AttributePath] = field(default_factory=dict)

    @property
    def is_total(self) -> bool:
        """Return True if it can be read whatever a row of the declared types holds."""
        return self._never_raises(self.column)

    def _never_raises(self, column: Column) -> bool:
        if not all(self._never_raises(each) for each in column.sources if isinstance(each, Column)):
            return False
        if column.total_for is None or column.is_plain:
            return True
        types = [self._types(each) for each in column.sources if not isinstance(each, Constant)]
        return bool(types) and all(each <= column.total_for for each in types)

    def _types(self, source: Source) -> frozenset[Any]:
        """Return the types that a source can have; what another column makes is taken for text."""
        if isinstance(source, str):
            return self.attributes[source].types
        return TEXTS if isinstance(source, Column | Mapped) else frozenset({Any})


def leaf(struct: type[msgspec.Struct], path: str, column: Any) -> LeafColumn:
    """Check one column of a mapping."""
    if not isinstance(column, Column):
        made = f"{path!r} is {type(column).__name__}"
        raise fail(getattr(column, "where", written_at()), f'{made}; make it a column, such as text("name") or Constant("value")')
    for each in (column, *(one for one in column.all_sources if isinstance(one, Column))):
        if not each.is_plain:
            check_call(each, path)
    return LeafColumn(path, column, {each: path_of(struct, each, column.where) for each in column.attributes})


def leaves(struct: type[msgspec.Struct], columns: Mapping[str, Any]) -> Iterator[LeafColumn]:
    """Yield the leaf columns of a mapping, those of objects and of dicts by their paths."""
    for name, column in columns.items():
        if isinstance(column, Object):
            yield from leaves(struct, {f"{name}.{part}": each for part, each in column.parts.items()})
        elif isinstance(column, Mapping):
            yield from leaves(struct, {f"{name}.{part}": each for part, each in column.items()})
        else:
            yield leaf(struct, name, column)
