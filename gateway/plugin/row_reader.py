"""Row reader: from the rows of one answer to views, values and records, in compiled loops while they are regular."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from telegraphql.gateway.plugin.column_code import first_reader, record_maker, value_reader
from telegraphql.gateway.plugin.column_reading import Reading
from telegraphql.gateway.plugin.columns import LeafColumn
from telegraphql.gateway.plugin.mapping import Mapping as ColumnMapping
from telegraphql.gateway.plugin.row_decoding import RowDecoder, decoder_of
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
        self.provider_name: str = of.name

    @property
    def decoder(self) -> RowDecoder:
        """What makes Structs of rows that come as JSON."""
        return decoder_of(self.mapping.struct)

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
