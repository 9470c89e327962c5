"""Byte ranges: parse Range headers (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

from telegraphql.gateway.upstream.header_numbers import MAX_DIGITS

ONE_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")


@dataclass(frozen=True, slots=True)
class Range:
    """A range of bytes. `first` None means the last `last` bytes; `last` None means to the end."""

    first: int | None
    last: int | None

    @property
    def header(self) -> str:
        """Return the value of a Range header."""
        return f"bytes={'' if self.first is None else self.first}-{'' if self.last is None else self.last}"

    def within(self, size: int) -> tuple[int, int]:
        """Return the first and the last byte in a file of that size."""
        if self.first is None:
            return max(0, size - (self.last or 0)), size - 1
        return self.first, size - 1 if self.last is None else min(self.last, size - 1)


def parse_range(header: str | None) -> Range | None:
    """Return the range of a header; None for none, several or nonsense, all of which a server may answer with the whole file.

    A number of more than 18 digits becomes the largest one of 18: it is past the end of every file.
    """
    match = ONE_RANGE.fullmatch((header or "").replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = (_position(text) for text in match.groups())
    return None if first is not None and last is not None and last < first else Range(first, last)


def _position(digits: str) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits) <= MAX_DIGITS else 10**MAX_DIGITS - 1
