"""Index: where in a file of records which times stand, block by block.

Records are written when a call ends, so their starts are in no order; a few numbers for each 128 KB let any stretch of time be found in
a file of any size.
"""

import os
import re
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from telegraphql.plugin import still_wanted

BLOCK = 128 * 1024
HEAD = 256


@dataclass(frozen=True, slots=True)
class Layout:
    """The bytes by which times and beginnings of records are found. `before_all` is the time of a block in which nothing can be read."""

    stamp: re.Pattern[bytes]
    record: re.Pattern[bytes]
    before_all: str


# Every record begins with two quoted columns; what goes on after a line break inside of one does not.
CDRS = Layout(re.compile(rb'"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"'), re.compile(rb'"(?:[^"\n]|"")*","'), "2000-01-01 00:00:00")
# Ten digits until 2286, so that they compare as texts.
QUEUE_EVENTS = Layout(re.compile(rb"^(\d{10})\|", re.MULTILINE), re.compile(rb"\d{10}\|"), "0000000000")


class Block(NamedTuple):
    """Whole lines of a file: where they are, the number of the first, and the first and last wall time in them."""

    offset: int
    size: int
    line: int
    first: str
    last: str


class Index:
    """The blocks of one file, which grows at its end."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._forget(b"")

    def _forget(self, head: bytes) -> None:
        self._blocks: list[Block] = []
        self._end, self._line, self._head = 0, 1, head
        self._tail: list[Block] = []
        self._seen: tuple[int, int, bool] | None = None

    def blocks(self, file: BinaryIO, ended: bool) -> list[Block]:
        """Return what is in the file by now. The last line of one that has not `ended` counts once its line break is there."""
        about = os.fstat(file.fileno())
        size, head = about.st_size, file.read(HEAD)
        if size < self._end or not head.startswith(self._head):
            self._forget(head)  # emptied, or another file in its place
        seen = size, about.st_mtime_ns, ended
        if seen != self._seen:
            self._head = head
            self._grow(file, size, ended)
            self._seen = seen
        return [*self._blocks, *self._tail]

    def _grow(self, file: BinaryIO, size: int, ended: bool) -> None:
        while size - self._end >= BLOCK:
            still_wanted()
            self._seal(self._at_end(file, BLOCK))
        tail = self._at_end(file, size - self._end)
        whole = len(tail) if ended else tail.rfind(b"\n") + 1
        self._tail = [self._block(tail[:whole])] if whole else []

    def _at_end(self, file: BinaryIO, size: int) -> bytes:
        file.seek(self._end)
        return file.read(size)

    def _seal(self, data: bytes) -> None:
        cut = _boundary(data, self._layout.record)
        self._blocks.append(self._block(data[:cut]))
        self._end += cut
        self._line += data.count(b"\n", 0, cut)

    def _block(self, data: bytes) -> Block:
        stamps = self._layout.stamp.findall(data)
        if stamps:
            return Block(self._end, len(data), self._line, min(stamps).decode(), max(stamps).decode())
        # Nothing in it can be read; it is told of where it stands.
        near = self._blocks[-1].last if self._blocks else self._layout.before_all
        return Block(self._end, len(data), self._line, near, near)


def _boundary(data: bytes, record: re.Pattern[bytes]) -> int:
    """Return where the last record begins that began before the end; a block without any ends with a line, or anywhere."""
    place = data.rfind(b"\n")
    while place > 0:
        if record.match(data, place + 1):
            return place + 1
        place = data.rfind(b"\n", 0, place)
    return data.rfind(b"\n") + 1 or len(data)
