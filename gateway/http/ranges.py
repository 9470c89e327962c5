"""Ranges: the part of a file that a client asked for, whether or not the upstream can give parts (RFC 9110, section 14)."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Range:
    """First and last byte; `first` None means the last `last` bytes; `last` None means to the end."""

    first: int | None
    last: int | None

    @property
    def header(self) -> str:
        """The value of a Range header."""
        return f"bytes={'' if self.first is None else self.first}-{'' if self.last is None else self.last}"

    def within(self, size: int) -> tuple[int, int]:
        """First and last byte in a file of that size."""
        if self.first is None:
            return max(0, size - (self.last or 0)), size - 1
        return self.first, size - 1 if self.last is None else min(self.last, size - 1)


def asked_range(header: str | None) -> Range | None:
    """The range asked for; None for none, for several, or for nonsense, all of which a server may answer with the whole."""
    match = ONE_RANGE.fullmatch((header or "").replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = (int(text) if text else None for text in match.groups())
    return None if first is not None and last is not None and last < first else Range(first, last)


@dataclass(frozen=True, slots=True)
class Part:
    """What is sent: a status, its headers, and how many bytes are skipped and sent."""

    status: int
    headers: Mapping[str, str]
    skip: int = 0
    most: int | None = None
    unsatisfiable: bool = False

    @classmethod
    def of(cls, status: int, given: Mapping[str, str], wanted: Range | None, size: int | None) -> "Part":
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
