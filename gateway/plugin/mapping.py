"""Mapping: how a plugin says from which of the upstream's fields each field of a record is read."""

from collections.abc import Mapping as Dict
from collections.abc import Set
from dataclasses import MISSING, Field, fields
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec
from strawberry.types import get_object_definition

from telegraphql.gateway.plugin.columns import (
    Column,
    LeafColumn,
    Mapped,
    Object,
    Parameter,
    as_column,
    leaf,
    leaves,
)
from telegraphql.gateway.plugin.mapping_errors import fail, written_at
from telegraphql.gateway.plugin.readers import own_id
from telegraphql.schema.filters import criteria
from telegraphql.schema.kinds import FILTERS, RELATIONS
from telegraphql.schema.nearest_names import nearest
from telegraphql.schema.record import Record

R = TypeVar("R", bound=Record)
# Attributes of a record that are dicts of columns.
DICTS = ("refs", "files", "held")
NOT_MAPPED = frozenset({"provider_name"})


class Mapping(Generic[R]):
    """A table of columns: how each field of a record is read from a row of the upstream.

    It names the schema's kind, the msgspec Struct of the row, and one column for each field of the kind. This is a complete one:

        import msgspec

        from telegraphql.plugin import Column, Constant, Mapping, file, ident, later, mapped, money, party, seconds, template, text, utc
        from telegraphql.schema import Call, CallDirection, CallStatus

        class Cdr(msgspec.Struct):
            id: int
            calldate: str
            duration: int | None = None
            disposition: str | None = None
            cause: str | None = None
            src: str | None = None
            src_name: str | None = None
            dst: str | None = None
            charge: str | None = None
            live_id: str | None = None

        STATUS = {"CONNECTED": CallStatus.ANSWERED, "RINGING": CallStatus.NO_ANSWER}
        BUSY = frozenset({"User busy", "Call Rejected"})

        def status(disposition: str | None, cause: str | None) -> CallStatus:
            if cause in BUSY:
                return CallStatus.BUSY
            return STATUS.get(disposition or "", CallStatus.UNKNOWN)

        CALL = Mapping(
            Call,
            Cdr,
            native_id=ident("id"),
            started_at=utc("calldate"),
            duration_seconds=seconds("duration"),
            ended_at=later(mapped("started_at"), mapped("duration_seconds")),
            direction=Constant(CallDirection.INBOUND),
            status=Column(status, "disposition", "cause", never_fails=True),
            from_=party("src", name="src_name"),
            to=party("dst"),
            cost=money("charge"),
            hangup_cause=text("cause"),
            refs={"recordings": ident("live_id")},
            files={"capture": file(mime_type="text/plain", file_name=template("call-{}.txt", mapped("native_id")))},
        )

    A method of the provider reads rows with it: `return self.page(CALL, answer.data, total=answer.total)`. The rows are `msgspec.Raw`, or
    decoded Structs. The result is a `Page` of rows that look like records; `.record()` returns one that can be changed.

    **Columns.** `Column(function, *sources)` calls an ordinary function with the values of its sources, in their order:
      - `"duration"` is an attribute of the Struct by its Python name; `"caller.number"` is one of a nested Struct (null where `caller` is);
      - `mapped("started_at")` is the value of another column, `mapped("from_.number")` of a part of one; it is computed once per row;
      - `provider("settings.currency")` is an attribute of the provider, read once per page; `PROVIDER` is the provider itself;
      - `parameter("cdr")` is what the method passed as `self.page(NOTE, rows, cdr=key)`;
      - `ROW` is the whole Struct; `Constant(value)` is the same value for all rows, and a column as well.
    The ready-made columns treat "", zero times and impossible durations as null. A value with fields of its own is an
    `Object(Visitor, name=text("visitor_name"), ...)`. `refs`, `files` and `held` are dicts of columns.

    **Absent and malformed values.** A function returns None if the upstream has no value, and raises ValueError if it cannot read one.
    The field is then null (or its default, such as UNKNOWN), and the page has one problem MALFORMED_FIELD for all such rows. A function
    never needs to check types: it is not called with a value that is not of the Struct's type. All columns of a returned row are read,
    selected or not, so that problems do not depend on the selection. `never_fails=True` promises that a function reads any value of the
    declared types, such as one that looks up codes; it is called only if its field is selected. Only these cost a row, as
    MALFORMED_RECORD: `native_id`, the kind's time, `position_time`, `sort_id`, and fields that the schema needs but that are null.

    **More.** `skip_if=Column(...)` leaves out rows for which it is true. `position_time` is the time by which the upstream sorts, if it is
    not the time that the record shows; the listing declares that as well. `raw` is what `native` shows, if rows are not JSON. A field
    without a column has the schema's default. `CALL.record(row, provider)` returns the record of one row.

    Names and values are checked when the plugin is imported. A `MappingError` has the file, the line and the nearest existing name.
    """

    def __init__(self, kind: type[R], struct: type[msgspec.Struct], /, *, skip_if: Column | None = None, **columns: Any) -> None:
        self.kind = kind
        self.struct = struct
        self.where = written_at()
        for given, base in ((kind, Record), (struct, msgspec.Struct)):
            if not (isinstance(given, type) and issubclass(given, base)):
                raise fail(self.where, f"a Mapping starts with a kind of the schema and a Struct, not with {given!r}")
        self.columns: Dict[str, Column | Object | Dict[str, Column]] = {name: _as_columns(name, each) for name, each in columns.items()}
        self.fields: Dict[str, Field[Any]] = {each.name: each for each in fields(kind) if each.init}
        self._check_names()
        self.leaves: Dict[str, LeafColumn] = {each.path: each for each in leaves(struct, self.columns)}
        self.skip_if = leaf(struct, "skip_if", skip_if) if skip_if else None
        self.ordered = tuple(self._in_order())
        # What the first look at a row reads. Without it there is no record.
        self.vital = tuple(self._vital())
        self.parameters = frozenset(each.name for one in self.all_columns for each in one.all_sources if isinstance(each, Parameter))

    def __repr__(self) -> str:
        return f"<Mapping of {self.struct.__name__} to {self.kind.__name__}>"

    @property
    def all_columns(self) -> list[Column]:
        """Every column, those of objects and dicts and `skip_if` among them."""
        return [each.column for each in self._all()]

    @property
    def time_name(self) -> str | None:
        """The attribute that holds the record's own time."""
        return self.kind.time_field

    @property
    def position_name(self) -> str | None:
        """The attribute by which a record stands in its list; None for kinds that are ordered by name."""
        return "position_time" if "position_time" in self.columns else self.kind.time_field

    @cached_property
    def id_names(self) -> tuple[str, ...]:
        """The upstream's names of what the native id is read from."""
        encoded = dict(zip(self.struct.__struct_fields__, self.struct.__struct_encode_fields__, strict=True))
        return tuple(encoded[each.names[0]] for each in self.leaves["native_id"].attributes.values())

    def default(self, path: str) -> Any:
        """Return what stands in the place of a column that cannot be read, or that is not there; MISSING where nothing can."""
        name, _, part = path.partition(".")
        if name in DICTS and part:
            return None
        column = self.columns.get(name)
        of = {each.name: each for each in fields(column.kind)} if part and isinstance(column, Object) else self.fields
        found = of[part or name]
        return found.default if found.default_factory is MISSING else found.default_factory()

    def record(self, row: Any, of: Any, raw: Any = None, **parameters: Any) -> R:
        """Return the record of one decoded row, or of a `msgspec.Raw`; ValueError where it has no id, or no time."""
        from telegraphql.gateway.plugin.row_reader import RowReader
        from telegraphql.gateway.plugin.rows import Rows

        found = Rows(RowReader(self, of, parameters), [row])
        if not found:
            raise ValueError(found.problems[0].message if found.problems else "the row is to be skipped")
        made: R = found[0].record()
        if raw is not None:
            made.raw = raw
        return made

    def _all(self) -> list[LeafColumn]:
        return [*self.leaves.values(), *([self.skip_if] if self.skip_if else [])]

    def _check_names(self) -> None:
        kind, known = self.kind, self.fields.keys() - NOT_MAPPED
        for name, column in self.columns.items():
            where = getattr(column, "where", self.where)
            if name not in known:
                raise fail(where, _no_field(kind, name, known))
            if (name in DICTS) is not isinstance(column, Dict):
                raise fail(where, f"{name!r} {'is a dict of columns' if name in DICTS else 'is a column, not a dict'}")
            if isinstance(column, Object):
                self._check_parts(column)
            for key, each in column.items() if isinstance(column, Dict) else ():
                self._check_key(name, key, getattr(each, "where", where))
        needed = {"native_id", *(name for name in known if self.fields[name].default is self.fields[name].default_factory is MISSING)}
        if missing := needed - self.columns.keys():
            raise fail(self.where, f"{kind.__name__} needs {', '.join(sorted(missing))}: add the columns")

    def _check_parts(self, column: Object) -> None:
        known = {each.name for each in fields(column.kind) if each.init}
        for name, part in column.parts.items():
            if name not in known:
                raise fail(getattr(part, "where", column.where), f"{column.kind.__name__} has no field {name!r}; {nearest(name, known)}")
        if column.unless_null is not None and column.unless_null not in column.parts:
            raise fail(
                column.where, f"{column.kind.__name__} has no part {column.unless_null!r}; {nearest(column.unless_null, column.parts)}"
            )

    def _check_key(self, name: str, key: str, where: str) -> None:
        """Check that a key of `refs`, `files` or `held` is a field of the kind in the schema's spelling, or leads to it."""
        declared = get_object_definition(self.kind, strict=True).fields
        known = {_schema_name(each.python_name) for each in declared if name != "files" or each.metadata.get("file")}
        if name == "refs":
            known |= _references(self.kind)
        if key not in known:
            raise fail(where, f"{self.kind.__name__} has no {key!r} for `{name}`; {nearest(key, known)}")

    def _in_order(self) -> list[LeafColumn]:
        """Return the columns, each behind those whose values it reads."""
        found: dict[str, LeafColumn] = {}

        def add(each: LeafColumn, above: tuple[str, ...]) -> None:
            for source in each.column.all_sources:
                if not isinstance(source, Mapped):
                    continue
                if source.name not in self.leaves:
                    raise fail(each.column.where, f"there is no column {source.name!r} to read; {nearest(source.name, self.leaves)}")
                if source.name in above:
                    raise fail(each.column.where, f"{each.path!r} and {source.name!r} are made of each other")
                add(self.leaves[source.name], (*above, source.name))
            found.setdefault(each.path, each)

        for one in self._all():
            add(one, (one.path,))
        found.pop("skip_if", None)
        return list(found.values())

    def _vital(self) -> list[str]:
        chosen = ["native_id", *(name for name in ("position_time", self.time_name or "", "sort_id") if name in self.columns)]
        for name, column in self.columns.items():
            if name in chosen or self.default(name) is not MISSING:
                continue
            if isinstance(column, Object):
                chosen += [
                    f"{name}.{part}" for part in column.parts if part == column.unless_null or self.default(f"{name}.{part}") is MISSING
                ]
            elif not (self.leaves[name].is_total and not self.leaves[name].attributes):
                chosen.append(name)
        return chosen


def _as_columns(name: str, given: Any) -> Any:
    """Return what a mapping is given for a field: a column, an object, or a dict of columns."""
    if isinstance(given, Dict):
        return {key: as_column(each) for key, each in given.items()}
    return own_id(given) if name == "native_id" else as_column(given)


def _no_field(kind: type[Record], name: str, known: Set[str]) -> str:
    """Return the complaint about a column for a field that a kind does not have."""
    for owner, relation in RELATIONS:
        if owner is kind and relation in (name, _schema_name(name)):
            return f'{kind.__name__}.{relation} is a relation: give its key in `refs`, such as refs={{"{relation}": ident("...")}}'
    for field in get_object_definition(kind, strict=True).fields:
        if field.metadata.get("file") and field.python_name == name:
            return f"{kind.__name__}.{name} is a file: describe it in `files`"
    return f"{kind.__name__} has no field {name!r}; {nearest(name, known)}"


def _schema_name(attribute: str) -> str:
    head, *rest = attribute.rstrip("_").split("_")
    return head + "".join(word.capitalize() for word in rest)


def _references(kind: type[Record]) -> set[str]:
    """Return the keys of `refs` that are no field of a kind: a record's second id, keys of relations to it, and markers of its filters."""
    markers = {found.marker for found in criteria(FILTERS[kind]).values() if found.marker} if kind in FILTERS else set()
    return {"id"} | markers | {relation.by for relation in RELATIONS.values() if relation.kind is kind}
