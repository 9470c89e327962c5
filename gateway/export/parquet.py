"""Parquet output: typed columns, written as complete part files that are joined at the end."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export.arrow import Table, arrow, count_lost_decimals, table, write_parquet
from telegraphql.gateway.export.fields import ExportColumn
from telegraphql.gateway.export.files import open_locked

# Rows of one part and row group: about ten megabytes in memory.
PART = 65_536


class ParquetSink:
    """A folder of part files beside the output, until it is finished."""

    def __init__(self, path: Path, columns: Sequence[ExportColumn], part: int = PART) -> None:
        arrow()
        self._path, self._folder, self._columns, self._part_size = path, path.with_name(path.name + ".parts"), columns, part
        self._tables: list[Table] = []
        self._rows, self._parts, self._lost_decimals = 0, 0, 0
        self._locked_file: IO[bytes] | None = None

    def open(self, checkpoint: Mapping[str, int]) -> None:
        """Start, or continue after the parts of the checkpoint.

        Raises:
            SettingsError: A part is missing, or the output cannot be opened.
        """
        self._locked_file = open_locked(self._path)
        self._folder.mkdir(exist_ok=True)
        self._parts, self._lost_decimals = checkpoint.get("parts", 0), checkpoint.get("lost", 0)
        known = {self._part(number) for number in range(self._parts)}
        for part in self._folder.iterdir():
            if part not in known:
                part.unlink()
        if missing := [part.name for part in known if not part.exists()]:
            raise SettingsError(f"{self._folder} lacks {min(missing)}; it was changed: start over with --no-resume")

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Collect rows for the next part."""
        arrow_table = table(rows, self._columns)
        self._tables.append(arrow_table)
        self._lost_decimals += count_lost_decimals(arrow_table, rows, self._columns)
        self._rows += len(rows)

    def due(self) -> bool:
        """Return True if the rows fill a part."""
        return self._rows >= self._part_size

    def save(self) -> dict[str, int]:
        """Write the collected rows as a part and return the number of parts."""
        if self._rows:
            with write_parquet(self._part(self._parts), self._columns) as write:
                write(self._tables)
            self._tables, self._rows, self._parts = [], 0, self._parts + 1
        return {"parts": self._parts} | ({"lost": self._lost_decimals} if self._lost_decimals else {})

    def finish(self) -> None:
        """Join the parts into the output file."""
        _, parquet = arrow()
        with write_parquet(self._path, self._columns) as write:
            for number in range(self._parts):
                write([parquet.read_table(self._part(number))])

    def close(self) -> None:
        """Unlock the output file."""
        if self._locked_file is not None:
            self._locked_file.close()

    def clear(self) -> None:
        """Delete the parts."""
        if self._folder.exists():
            shutil.rmtree(self._folder)

    def _part(self, number: int) -> Path:
        return self._folder / f"{number:06}.parquet"
