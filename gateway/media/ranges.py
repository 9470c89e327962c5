"""Answer a request for a part of a file, whether or not the upstream can give parts (RFC 9110, section 14)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from telegraphql.gateway.upstream.byte_range import Range


@dataclass(frozen=True, slots=True)
class RangeResponse:
    """What is sent: a status, its headers, and how many bytes are skipped and sent."""

    status: int
    headers: Mapping[str, str]
    skip: int = 0
    most: int | None = None
    unsatisfiable: bool = False

    @classmethod
    def of(cls, status: int, given: Mapping[str, str], wanted: Range | None, size: int | None) -> "RangeResponse":
        """From the upstream's answer. Where it ignored the range, we skip and cut ourselves."""
        length = given.get("content-length") if not given.get("content-encoding") else None
        if status == 206 and given.get("content-range"):
            return cls(206, {"content-range": given["content-range"], **({"content-length": length} if length else {})})
        if status == 416:
            told = given.get("content-range") or ("" if size is None else f"bytes */{size}")
            return cls(416, {"content-range": told} if told else {}, unsatisfiable=True)
        size = int(length) if length else size
        if wanted is None or size is None:
            return cls(200, {"content-length": str(size)} if length else {})
        first, last = wanted.within(size)
        if first > last or first >= size:
            return cls(416, {"content-range": f"bytes */{size}"}, unsatisfiable=True)
        return cls(206, {"content-range": f"bytes {first}-{last}/{size}", "content-length": str(last - first + 1)}, first, last - first + 1)

    async def cut(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The bytes that are sent."""
        skip, left = self.skip, self.most
        async for chunk in chunks:
            piece = chunk[skip:]
            skip = max(0, skip - len(chunk))
            piece = piece if left is None else piece[:left]
            if piece:
                yield piece
            if left is not None:
                left -= len(piece)
                if left == 0:
                    return
