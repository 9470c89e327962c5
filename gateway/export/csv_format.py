"""CSV according to RFC 4180, with cells that spreadsheets do not execute as formulas."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from telegraphql.gateway.export.fields import ExportColumn, value
from telegraphql.schema.scalars import write_moment

# A cell that starts with one of these is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Signed numbers are harmless and stay unchanged: +41449379015, +41 (44) 937-90-15, -0.0125.
NUMBER = re.compile(r"[+-][\d ().-]*\d")


class CsvFormat:
    """Rows as CSV lines with a header of field names."""

    def __init__(self, columns: Sequence[ExportColumn]) -> None:
        self._paths = [column.path for column in columns]
        self.header = _csv_bytes([[column.name for column in columns]])

    def encode(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """Return one line per row."""
        return _csv_bytes([[_cell(value(row, path)) for path in self._paths] for row in rows])


def _csv_bytes(cells: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """Return a cell's content: empty for null, JSON for a list, text that is no formula."""
    if isinstance(value, str):
        return "'" + value if value.startswith(FORMULA) and not NUMBER.fullmatch(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return write_moment(value)
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS).decode() if isinstance(value, list | dict) else value
