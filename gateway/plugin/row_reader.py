"""Row reader: from the rows of one answer to views, values and records, in compiled loops while they are regular."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, get_type_hints

import msgspec

from telegraphql.gateway.plugin.column_code import first_reader, record_maker, time_reader, value_filler, value_reader
from telegraphql.gateway.plugin.column_reading import Reading
from telegraphql.gateway.plugin.columns import ROW, Column, LeafColumn, Mapped
from telegraphql.gateway.plugin.mapping import Mapping as ColumnMapping
from telegraphql.gateway.plugin.row_decoding import decoder_of
from telegraphql.gateway.plugin.row_view import NO_ODD, RowView
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record


class RowReader:
    """Reads the rows of one answer: a mapping, the provider, and the values that its method gave."""

    def __init__(self, mapping: ColumnMapping[Any], of: Any, parameters: Mapping[str, Any]) -> None:
        if parameters.keys() != mapping.parameters:
            wanted = ", ".join(sorted(mapping.parameters)) or "none"
            raise TypeError(f"{mapping!r} takes the parameters {wanted}, but was given {', '.join(sorted(parameters)) or 'none'}")
        self.mapping = mapping
        self.of = of
        self.parameters = parameters
        self.provider_name: str = of.id

    def look(self, rows: Sequence[Any], raws: Sequence[Any], found: list[RowView], problems: list[Problem]) -> None:
        """Make the views of decoded rows, and a problem of each row without id or time."""

        def irregular(row: Any, raw: Any) -> None:
            view = self.look_slowly(row, raw, NO_ODD, problems)
            if view is not None:
                found.append(view)

        _first_reader(self.mapping)(rows, raws, self, self.of, self.parameters, found.append, irregular)

    def times(self, raws: Sequence[Any]) -> list[datetime] | None:
        """Return the time of each row of JSON by decoding nothing else; None if a row is irregular, or has no time."""
        struct = _struct_of_times(self.mapping)
        rows = decoder_of(struct).all(raws) if struct is not None else None
        if rows is None:
            return None
        try:
            times: list[datetime] | None = _time_reader(self.mapping)(rows, self.of, self.parameters)
        except Exception:  # whatever it is, the row that holds it meets it again
            return None
        return times

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

    def read_ahead(self, views: Iterable[RowView], names: tuple[str, ...]) -> None:
        """Read some attributes of views in one loop. What cannot be read is left to whoever looks at it."""
        regular = [view for view in views if not view.odd]
        _value_filler(self.mapping, names)(regular, self.of, self.parameters, _leave)

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


@lru_cache(maxsize=1024)
def _first_reader(mapping: ColumnMapping[Any]) -> Any:
    return first_reader(mapping, RowView)


@lru_cache(maxsize=1024)
def _time_reader(mapping: ColumnMapping[Any]) -> Any:
    return time_reader(mapping)


@lru_cache(maxsize=1024)
def _struct_of_times(mapping: ColumnMapping[Any]) -> type[msgspec.Struct] | None:
    """Return a Struct of the attributes that tell a row's time; None if it needs the row itself, or rows have no time."""
    if mapping.position_name is None or mapping.position_name not in mapping.vital:
        return None
    leaves = [mapping.leaves[mapping.position_name], *([mapping.skip_if] if mapping.skip_if is not None else [])]
    if any(ROW in leaf.column.sources for leaf in leaves):
        return None
    if any(isinstance(source, Column | Mapped) for leaf in leaves for source in leaf.column.sources):
        return None
    hints, names = (
        get_type_hints(mapping.struct),
        dict(zip(mapping.struct.__struct_fields__, mapping.struct.__struct_encode_fields__, strict=True)),
    )
    attributes = sorted({path.names[0] for leaf in leaves for path in leaf.attributes.values()})
    fields = [(name, hints[name] | None, msgspec.field(default=None, name=names[name])) for name in attributes]
    return msgspec.defstruct(f"TimesOf{mapping.struct.__name__}", fields)


@lru_cache(maxsize=1024)
def _record_maker(mapping: ColumnMapping[Any]) -> Any:
    return record_maker(mapping)


@lru_cache(maxsize=8192)
def _value_reader(mapping: ColumnMapping[Any], name: str) -> Any:
    return value_reader(mapping, name)


@lru_cache(maxsize=1024)
def _value_filler(mapping: ColumnMapping[Any], names: tuple[str, ...]) -> Any:
    return value_filler(mapping, names)


def _leave(view: RowView) -> None:
    """Leave what cannot be read to whoever looks at it."""


def _shown(leaf: LeafColumn) -> str:
    return next(iter(leaf.attributes), leaf.path)


def _name(raw: Any, id_names: Sequence[str]) -> str:
    try:
        found = msgspec.json.decode(raw) if isinstance(raw, msgspec.Raw | bytes) else raw
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return "without an id"
    names = [str(found[name]) for name in id_names if isinstance(found, Mapping) and isinstance(found.get(name), str | int)]
    return "-".join(names)[:64] or "without an id"
