"""Responses to requests for a byte range, even if the upstream does not support ranges (RFC 9110, section 14)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from telegraphql.gateway.upstream.byte_range import Range


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
        """Return the response for an upstream's response. If the upstream ignored the range, the gateway cuts it out itself."""
        length = headers.get("content-length") if not headers.get("content-encoding") else None
        if status == 206 and headers.get("content-range"):
            return cls(206, {"content-range": headers["content-range"], **({"content-length": length} if length else {})})
        if status == 416:
            content_range = headers.get("content-range") or ("" if size is None else f"bytes */{size}")
            return cls(416, {"content-range": content_range} if content_range else {}, unsatisfiable=True)
        size = int(length) if length else size
        if requested is None or size is None:
            return cls(200, {"content-length": str(size)} if length else {})
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
