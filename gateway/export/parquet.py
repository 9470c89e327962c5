"""Parquet: typed columns, written as parts that are whole or not there, and put together at the end."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export.arrow import Table, arrow, lost, table, written
from telegraphql.gateway.export.fields import Column
from telegraphql.gateway.export.files import opened

# Rows of a part, and of a row group: some ten megabytes while they are gathered.
PART = 65_536


class Parquet:
    """A folder of parts beside the file, until it is finished."""

    def __init__(self, path: Path, columns: Sequence[Column], part: int = PART) -> None:
        arrow()
        self._path, self._folder, self._columns, self._most = path, path.with_name(path.name + ".parts"), columns, part
        self._tables: list[Table] = []
        self._rows, self._parts, self._lost = 0, 0, 0
        self._held: IO[bytes] | None = None

    def open(self, kept: Mapping[str, int]) -> None:
        """Begin, or go on after the parts that were kept."""
        self._held = opened(self._path)
        self._folder.mkdir(exist_ok=True)
        self._parts, self._lost = kept.get("parts", 0), kept.get("lost", 0)
        known = {self._part(number) for number in range(self._parts)}
        for each in self._folder.iterdir():
            if each not in known:
                each.unlink()
        if gone := [each.name for each in known if not each.exists()]:
            raise SettingsError(f"{self._folder} lacks {min(gone)}; somebody changed it: begin anew with --no-resume")

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take rows."""
        made = table(rows, self._columns)
        self._tables.append(made)
        self._lost += lost(made, rows, self._columns)
        self._rows += len(rows)

    def due(self) -> bool:
        """Whether there are enough for a part."""
        return self._rows >= self._most

    def save(self) -> dict[str, int]:
        """Write what there is as a part."""
        if self._rows:
            with written(self._part(self._parts), self._columns) as write:
                write(self._tables)
            self._tables, self._rows, self._parts = [], 0, self._parts + 1
        return {"parts": self._parts} | ({"lost": self._lost} if self._lost else {})

    def finish(self) -> None:
        """Put the parts together, one after the other."""
        _, parquet = arrow()
        with written(self._path, self._columns) as write:
            for number in range(self._parts):
                write([parquet.read_table(self._part(number))])

    def close(self) -> None:
        """Let others write to the file."""
        if self._held is not None:
            self._held.close()

    def clear(self) -> None:
        """The parts go when nobody needs them to go on."""
        if self._folder.exists():
            shutil.rmtree(self._folder)

    def _part(self, number: int) -> Path:
        return self._folder / f"{number:06}.parquet"
