"""Rows: an upstream's rows as records that are read column by column, so that what nobody looks at costs nothing."""

import logging
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from telegraphql.gateway.plugin.column_code import first_reader, record_maker, value_reader
from telegraphql.gateway.plugin.columns import PROVIDER, ROW, Column, Constant, LeafColumn, Mapped, Object, Parameter, ProviderValue, Source
from telegraphql.gateway.plugin.mapping import DICTS
from telegraphql.gateway.plugin.mapping import Mapping as ColumnMapping
from telegraphql.gateway.plugin.row_decoding import RowDecoder, decoder_of
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

log = logging.getLogger("telegraphql")
FORESEEN = (msgspec.DecodeError, ValueError, ArithmeticError)
# Where in a row that is no object a decoder found the fault.
AT = re.compile(r" - at `(\$[\w.\[\]]{0,60})`$")
# What stands in `native` where a value must not be shown; the field itself stays.
HIDDEN = "(hidden)"
NO_ODD: frozenset[str] = frozenset()


class RowView(msgspec.Struct, eq=False):
    """A row that reads like its record: an attribute is computed by its column when it is looked at.

    To change a record, or where its class matters, use `record()`."""

    reader: "RowReader"
    row: Any
    raw: Any
    native_id: str
    # Where it stands in its list; None for kinds without a time.
    time: datetime | None
    sort_id: str = ""
    # Attributes that do not have the Struct's type; only the readers of the library look at them.
    odd: frozenset[str] = NO_ODD
    values: dict[str, Any] | None = None
    made: Any = None
    # What is sent of it, and the selection for which that is so.
    sent: Any = None
    projection: Any = None
    # The columns that cannot be read, once that is known.
    malformed: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if self.made is not None:
            return getattr(self.made, name)
        values = self.values
        if values is None:
            values = self.values = {}
        elif name in values:
            return values[name]
        found = values[name] = self.reader.value(self, name)
        return found

    @property
    def kind(self) -> type[Record]:
        """The record's class."""
        return self.reader.mapping.kind

    @property
    def provider_name(self) -> str:
        """The configured name of the provider."""
        return self.reader.provider_name

    @property
    def time_field(self) -> str | None:
        """The attribute that holds the record's own time."""
        kind: type[Record] = self.reader.mapping.kind
        return kind.time_field

    @property
    def name_field(self) -> str | None:
        """The attribute by which records of this kind are ordered, where they have no time."""
        kind: type[Record] = self.reader.mapping.kind
        return kind.name_field

    def record(self) -> Record:
        """Return the record itself; the same one whenever it is called."""
        if self.made is None:
            self.reader.make_records([self])
        made: Record = self.made
        return made


class RowReader:
    """Reads the rows of one answer: a mapping, the provider, and the values that its method gave."""

    def __init__(self, mapping: ColumnMapping[Any], of: Any, parameters: Mapping[str, Any]) -> None:
        if parameters.keys() != mapping.parameters:
            wanted = ", ".join(sorted(mapping.parameters)) or "none"
            raise TypeError(f"{mapping!r} takes the parameters {wanted}, but was given {', '.join(sorted(parameters)) or 'none'}")
        self.mapping = mapping
        self.of = of
        self.parameters = parameters
        self.provider_name: str = of.name
        self.decoder: RowDecoder = decoder_of(mapping.struct)

    def look(self, rows: Sequence[Any], raws: Sequence[Any], found: list[RowView], problems: list[Problem]) -> None:
        """Make the views of decoded rows, and a problem of each row without id or time."""

        def irregular(row: Any, raw: Any) -> None:
            view = self.look_slowly(row, raw, NO_ODD, problems)
            if view is not None:
                found.append(view)

        _first_reader(self.mapping)(rows, raws, self, self.of, self.parameters, found.append, irregular)

    def look_slowly(self, row: Any, raw: Any, odd: frozenset[str], problems: list[Problem]) -> RowView | None:
        """Make the view of one row, column by column; None where it is to be skipped, or cannot be read."""
        mapping, reading = self.mapping, Reading(self, row, odd)
        if mapping.skip_if is not None and reading.raw_value(mapping.skip_if):
            return None
        found: dict[str | None, Any] = {}
        for path in mapping.vital:
            found[path] = reading.value(path)
            if found[path] is None or path in reading.failed:
                problems.append(self.malformed_record(raw, f"$.{_shown(mapping.leaves[path])}"))
                return None
        raw = reading.value("raw") if "raw" in mapping.columns else raw
        time = found.get(mapping.position_name)
        return RowView(self, row, raw, found["native_id"], time, found.get("sort_id", ""), odd)

    def malformed_record(self, raw: Any, where: str | None) -> Problem:
        """Return the problem that names a row by its id, where it has one, and the part that is wrong."""
        name, part = _name(raw, self.mapping.id_names), f"`{where}`" if where else "its shape"
        message = f"the record {name} cannot be read: {part} is missing or wrong; the other records are complete"
        return Problem(provider=self.provider_name, code=ProblemCode.MALFORMED_RECORD, message=message, retryable=False, retry_after=None)

    def value(self, view: RowView, name: str) -> Any:
        """Return one attribute of a view; its default where it cannot be read."""
        read = _value_reader(self.mapping, name)
        if not view.odd:
            try:
                return read(view, self.of, self.parameters)
            except Exception:  # whatever it is, it is met again, column by column
                pass
        reading = Reading(self, view.row, view.odd, view)
        found = reading.attributes([name])[name]
        view.malformed = tuple(dict.fromkeys((*view.malformed, *reading.failed)))
        return found

    def make_records(self, views: Iterable[RowView]) -> None:
        """Make the records of views."""
        waiting = [view for view in views if view.made is None]
        regular = [view for view in waiting if not view.odd]
        _record_maker(self.mapping)(regular, self.of, self.parameters, self.settle)
        for view in waiting:
            if view.made is None:
                self.settle(view)
            if view.values:
                view.made.__dict__.update(view.values)

    def settle(self, view: RowView) -> None:
        """Make a record column by column: what cannot be read has its default, and is noted."""
        if view.made is None:
            view.made, view.malformed = self._read_slowly(view)

    def whole(self, view: RowView) -> Record:
        """Return the record of a view as if nothing of it had been read before."""
        return self._read_slowly(view)[0]

    def _read_slowly(self, view: RowView) -> tuple[Record, tuple[str, ...]]:
        reading = Reading(self, view.row, view.odd, view)
        made: Record = object.__new__(self.mapping.kind)
        made.__dict__ = {**reading.attributes(self.mapping.fields), "provider_name": self.provider_name, "raw": view.raw}
        return made, tuple(reading.failed)


class Reading:
    """The columns of one row, read one by one."""

    def __init__(self, reader: RowReader, row: Any, odd: frozenset[str], view: RowView | None = None) -> None:
        self.reader = reader
        self.row = row
        self.odd = odd
        self.failed: dict[str, None] = {}
        self._values: dict[str, Any] = {}
        mapping = reader.mapping
        if view is not None:
            self._values["native_id"] = view.native_id
            if mapping.position_name is not None and mapping.position_name in mapping.columns:
                self._values[mapping.position_name] = view.time
            if "sort_id" in mapping.columns:
                self._values["sort_id"] = view.sort_id

    def attributes(self, names: Iterable[str]) -> dict[str, Any]:
        """Return attributes of the record by their names."""
        return {name: self._attribute(name) for name in names}

    def value(self, path: str) -> Any:
        """Return a column's value, or what stands in its place."""
        if path not in self._values:
            leaf = self.reader.mapping.leaves[path]
            try:
                self._values[path] = self.raw_value(leaf)
            except Exception as error:
                self.failed[path] = None
                self._values[path] = self._instead(path)
                if not isinstance(error, FORESEEN):
                    _log(self.reader.provider_name, path, error)
        return self._values[path]

    def raw_value(self, leaf: LeafColumn) -> Any:
        """Return what a column's function makes of the row; raises what that raises."""
        return self._read(leaf.column, leaf)

    def _read(self, column: Column, leaf: LeafColumn) -> Any:
        own = (leaf.attributes[each].names[0] for each in column.sources if isinstance(each, str))
        if self.odd and not column.lenient and not self.odd.isdisjoint(own):
            raise ValueError("a value of another type")
        arguments = [self._source(source, leaf) for source in column.sources]
        return arguments[0] if column.is_plain else column.read(*arguments)

    def _attribute(self, name: str) -> Any:
        mapping = self.reader.mapping
        column = mapping.columns.get(name)
        if column is None:
            return mapping.default(name)
        if isinstance(column, Object):
            return self._object(name, column)
        if name in DICTS:
            found = {key: self.value(f"{name}.{key}") for key in column}  # type: ignore[union-attr]
            return found if name == "refs" else {key: value for key, value in found.items() if value is not None}
        return self.value(name)

    def _object(self, name: str, column: Object) -> Any:
        parts = {part: self.value(f"{name}.{part}") for part in column.parts}
        if column.unless_null is not None and parts[column.unless_null] is None:
            return None
        if any(f"{name}.{part}" in self.failed and self.reader.mapping.default(f"{name}.{part}") is MISSING for part in parts):
            return self._instead(name)
        try:
            return column.kind(**parts)
        except Exception:
            self.failed[name] = None
            return self._instead(name)

    def _instead(self, path: str) -> Any:
        """Return what stands in the place of what cannot be read."""
        found = self.reader.mapping.default(path)
        return None if found is MISSING else found

    def _source(self, source: Source, leaf: LeafColumn) -> Any:
        if isinstance(source, str):
            return leaf.attributes[source].of(self.row)
        if isinstance(source, Column):
            return self._read(source, leaf)
        if isinstance(source, Mapped):
            return self.value(source.name)
        if isinstance(source, Constant):
            return source.value
        if isinstance(source, Parameter):
            return self.reader.parameters[source.name]
        if isinstance(source, ProviderValue):
            found: Any = self.reader.of
            for name in source.path.split("."):
                found = getattr(found, name)
            return found
        assert source is ROW or source is PROVIDER
        return self.reader.of if source is PROVIDER else self._whole

    @cached_property
    def _whole(self) -> Any:
        """The row without what is of another type."""
        return msgspec.structs.replace(self.row, **dict.fromkeys(self.odd)) if self.odd else self.row


class Rows(Sequence[RowView]):
    """The rows of one answer in their order, read as far as they are looked at: of several lists that become one, most are not.

    `problems` holds those of the rows read so far."""

    def __init__(self, reader: RowReader, raws: Iterable[Any]) -> None:
        self._reader = reader
        self._raws = raws if isinstance(raws, list) else list(raws)
        self._read: list[RowView] = []
        self._at = self._given = self._told = 0
        self.problems: list[Problem] = []

    @property
    def is_read(self) -> bool:
        """Return True if none is left."""
        return self._at >= len(self._raws)

    def next(self, most: int | None = None) -> list[RowView]:
        """Return what was not given yet of what is read by then: so many more rows, or all."""
        self._read_to(len(self._raws) if most is None else self._at + most)
        found, self._given = self._read[self._given :], len(self._read)
        return found

    def _read_to(self, end: int) -> None:
        if self._at < len(self._raws):
            self._look(self._raws[self._at : end], self._read, self.problems)
            self._at = end

    def _look(self, raws: list[Any], found: list[RowView], problems: list[Problem]) -> None:
        reader, decoder = self._reader, self._reader.decoder
        if raws and isinstance(raws[0], reader.mapping.struct):
            reader.look(raws, [None] * len(raws), found, problems)
            return
        rows = decoder.all(raws)
        if rows is not None:
            reader.look(rows, raws, found, problems)
            return
        for raw in raws:
            try:
                row, odd = decoder.one(raw)
            except Exception as error:
                at = AT.search(str(error))
                problems.append(reader.malformed_record(raw, at[1] if at else None))
                continue
            if odd:
                view = reader.look_slowly(row, raw, odd, problems)
                found += [] if view is None else [view]
            else:
                reader.look([row], [raw], found, problems)

    def unread(self) -> list[Problem]:
        """Read all; return the problems that have come up since they were asked for last."""
        self._read_to(len(self._raws))
        return self.news()

    def news(self) -> list[Problem]:
        """Return the problems that have come up since they were asked for last."""
        fresh, self._told = self.problems[self._told :], len(self.problems)
        return fresh

    def last(self) -> RowView | None:
        """Return the last one that can be read."""
        if self.is_read:
            return self._read[-1] if self._read else None
        for at in range(len(self._raws) - 1, -1, -1):
            found: list[RowView] = []
            self._look(self._raws[at : at + 1], found, [])  # what is wrong is told in its turn
            if found:
                return found[-1]
        return None

    def all(self) -> list[RowView]:
        """Return all of them."""
        self._read_to(len(self._raws))
        return self._read

    def __len__(self) -> int:
        return len(self.all())

    def __getitem__(self, at: Any) -> Any:
        return self.all()[at]

    def __iter__(self) -> Iterator[RowView]:
        return iter(self.all())


@lru_cache(maxsize=1024)
def _first_reader(mapping: ColumnMapping[Any]) -> Any:
    return first_reader(mapping, RowView)


@lru_cache(maxsize=1024)
def _record_maker(mapping: ColumnMapping[Any]) -> Any:
    return record_maker(mapping)


@lru_cache(maxsize=8192)
def _value_reader(mapping: ColumnMapping[Any], name: str) -> Any:
    return value_reader(mapping, name)


def _shown(leaf: LeafColumn) -> str:
    return next(iter(leaf.attributes), leaf.path)


def _name(raw: Any, id_names: Sequence[str]) -> str:
    try:
        found = msgspec.json.decode(raw) if isinstance(raw, msgspec.Raw | bytes) else raw
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return "without an id"
    names = [str(found[name]) for name in id_names if isinstance(found, Mapping) and isinstance(found.get(name), str | int)]
    return "-".join(names)[:64] or "without an id"


def _log(provider: str, path: str, error: Exception) -> None:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno}"
    log.error(
        "the column %s of %s failed with %s at %s: raise ValueError for what cannot be read", path, provider, type(error).__name__, where
    )


def kind_of(record: Record | RowView) -> type[Record]:
    """Return the class of a record, be it made or not."""
    return record.kind if type(record) is RowView else type(record)  # type: ignore[return-value]


def records_of(found: Iterable[Record | RowView]) -> list[Any]:
    """Return records in the place of views."""
    records = list(found)
    for reader, views in by_reader(each for each in records if type(each) is RowView):
        reader.make_records(views)
    return [each.made if type(each) is RowView else each for each in records]


def by_reader(views: Iterable[RowView]) -> Iterable[tuple[RowReader, list[RowView]]]:
    """Return regular views that are no records yet, those of one answer together."""
    groups: dict[int, tuple[RowReader, list[RowView]]] = {}
    last, group = None, list[RowView]()
    for view in views:
        if view.made is not None:
            continue
        reader = view.reader
        if reader is not last:
            last, group = reader, groups.setdefault(id(reader), (reader, []))[1]
        group.append(view)
    return groups.values()


def without_views(found: Any) -> Any:
    """Return a record, or lists of them, with records in the place of views."""
    if type(found) is RowView:
        return found.record()
    return [without_views(each) for each in found] if isinstance(found, list) else found
