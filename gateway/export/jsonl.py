"""JSON lines: one object a line, as clients of the schema get it."""

from collections.abc import Sequence
from typing import Any

import orjson


class JsonLines:
    """Rows as they are."""

    head = b""

    def encoded(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """A line for each row."""
        return b"".join([orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z) for row in rows])
