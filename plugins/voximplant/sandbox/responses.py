"""HTTP responses: JSON as the upstream writes it, and files with ranges."""

import re

import msgspec
from starlette.responses import Response

from telegraphql.plugin import Row

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def json_response(row: Row) -> Response:
    """Return JSON with escaped slashes."""
    return Response(msgspec.json.encode(row).replace(b"/", b"\\/"), media_type="application/json")


def file_response(content: bytes, range_header: str | None, media_type: str) -> Response:
    """Return a file, or the range that the Range header requests."""
    headers = {"accept-ranges": "bytes"}
    byte_range = RANGE.fullmatch(range_header or "")
    if byte_range is None or byte_range[0] == "bytes=-":
        return Response(content, media_type=media_type, headers=headers)
    first, last = _range_ends(byte_range[1], byte_range[2], len(content))
    if first > last:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{len(content)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, media_type=media_type, headers=headers)


def _range_ends(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
