"""JSON Lines: one JSON object per row, as GraphQL clients get it."""

from collections.abc import Sequence
from typing import Any

import orjson

LINES = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


class JsonlFormat:
    """Rows as JSON objects, one per line."""

    header = b""

    def encode(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """Return one line per row."""
        return b"".join([orjson.dumps(row, option=LINES) for row in rows])
