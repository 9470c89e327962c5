"""Responses to requests for a byte range, even if the upstream does not support ranges (RFC 9110, section 14)."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from telegraphql.gateway.errors import BadData
from telegraphql.gateway.upstream.byte_range import Range
from telegraphql.gateway.upstream.header_numbers import parse_count

CONTENT_RANGE = re.compile(r"bytes (?:[0-9]{1,18}-[0-9]{1,18}|\*)/(?:[0-9]{1,18}|\*)")


@dataclass(frozen=True, slots=True)
class RangeResponse:
    """A response's status and headers, and how many bytes of the upstream's body are skipped and sent."""

    status: int
    headers: Mapping[str, str]
    skip: int = 0
    limit: int | None = None
    unsatisfiable: bool = False

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], requested: Range | None, size: int | None) -> "RangeResponse":
        """Return the response for an upstream's response. If the upstream ignored the range, the gateway cuts it out itself.

        Raises:
            BadData: The upstream's Content-Length or Content-Range is none.
        """
        length = None if headers.get("content-encoding") else _length(headers.get("content-length"))
        content_range = _content_range(headers.get("content-range"))
        if status == 206 and content_range:
            return cls(206, {"content-range": content_range, **({} if length is None else {"content-length": str(length)})})
        if status == 416:
            content_range = content_range or ("" if size is None else f"bytes */{size}")
            return cls(416, {"content-range": content_range} if content_range else {}, unsatisfiable=True)
        size = size if length is None else length
        if requested is None or size is None:
            return cls(200, {} if length is None else {"content-length": str(length)})
        first, last = requested.within(size)
        if first > last or first >= size:
            return cls(416, {"content-range": f"bytes */{size}"}, unsatisfiable=True)
        return cls(206, {"content-range": f"bytes {first}-{last}/{size}", "content-length": str(last - first + 1)}, first, last - first + 1)

    async def cut(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the bytes to send."""
        skip, remaining = self.skip, self.limit
        async for chunk in chunks:
            piece = chunk[skip:]
            skip = max(0, skip - len(chunk))
            piece = piece if remaining is None else piece[:remaining]
            if piece:
                yield piece
            if remaining is not None:
                remaining -= len(piece)
                if remaining == 0:
                    return


def _length(header: str | None) -> int | None:
    """Return a Content-Length; None if there is none."""
    length = parse_count(header)
    if header and length is None:
        raise BadData("sent a Content-Length that is not a number")
    return length


def _content_range(header: str | None) -> str:
    """Return a Content-Range; "" if there is none."""
    if header and not CONTENT_RANGE.fullmatch(header):
        raise BadData("sent a Content-Range that is not one")
    return header or ""
