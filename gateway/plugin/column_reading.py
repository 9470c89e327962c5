"""Column reading: the columns of one row read one by one, so that what cannot be read costs nothing else."""

import logging
import traceback
from collections.abc import Iterable
from dataclasses import MISSING
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from telegraphql.gateway.plugin.columns import PROVIDER, ROW, Column, Constant, LeafColumn, Mapped, Object, Parameter, ProviderValue, Source
from telegraphql.gateway.plugin.mapping import DICTS

if TYPE_CHECKING:
    from telegraphql.gateway.plugin.row_reader import RowReader
    from telegraphql.gateway.plugin.row_view import RowView

log = logging.getLogger("telegraphql")
FORESEEN = (msgspec.DecodeError, ValueError, ArithmeticError)


class Reading:
    """The columns of one row, read one by one."""

    def __init__(self, reader: "RowReader", row: Any, odd: frozenset[str], view: "RowView | None" = None) -> None:
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


def _log(provider: str, path: str, error: Exception) -> None:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno}"
    log.error(
        "the column %s of %s failed with %s at %s: raise ValueError for what cannot be read", path, provider, type(error).__name__, where
    )
