"""Byte ranges: parse a Range header (RFC 9110, section 14)."""

import re
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
