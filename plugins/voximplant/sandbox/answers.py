"""Answers: JSON as the upstream writes it, and files in parts."""

import re

import msgspec
from starlette.responses import Response

from telegraphql.plugin import Row

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def encoded(row: Row) -> Response:
    """JSON, its slashes escaped."""
    return Response(msgspec.json.encode(row).replace(b"/", b"\\/"), media_type="application/json")


def in_part(content: bytes, wanted: str | None, media_type: str) -> Response:
    """A file, or the part of it that a Range header wants."""
    headers = {"accept-ranges": "bytes"}
    asked = RANGE.fullmatch(wanted or "")
    if asked is None or asked[0] == "bytes=-":
        return Response(content, media_type=media_type, headers=headers)
    first, last = _ends(asked[1], asked[2], len(content))
    if first > last:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{len(content)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, media_type=media_type, headers=headers)


def _ends(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
