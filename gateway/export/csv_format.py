"""CSV: flat rows as RFC 4180 says, which a spreadsheet shows and does not execute."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from telegraphql.gateway.export.fields import Column, value
from telegraphql.schema.scalars import write_moment

# At the start of a cell these make a formula of it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Digits alone do no harm, and programs want them as they are: +41449379015, +41 (44) 937-90-15, -0.0125.
NUMBER = re.compile(r"[+-][\d ().-]*\d")


class Csv:
    """Rows as cells, under the names of their fields."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._paths = [column.path for column in columns]
        self.head = _written([[column.name for column in columns]])

    def encoded(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """A line for each row."""
        return _written([[_cell(value(row, path)) for path in self._paths] for row in rows])


def _written(cells: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()


def _cell(found: object) -> object:
    """What stands in a cell: nothing for null, JSON for a list, and no formula."""
    if isinstance(found, str):
        return "'" + found if found.startswith(FORMULA) and not NUMBER.fullmatch(found) else found
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, datetime):
        return write_moment(found)
    return orjson.dumps(found, option=orjson.OPT_UTC_Z).decode() if isinstance(found, list | dict) else found
