"""Master: the lines of Master.csv and of what it was rotated to."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from telegraphql.plugins.asterisk import local_time, wire
from telegraphql.plugins.asterisk.index import CDRS
from telegraphql.plugins.asterisk.legs import CdrQuery, PlacedCdr, leg
from telegraphql.plugins.asterisk.rotated_files import FileBlock, RotatedFiles
from telegraphql.plugins.asterisk.selecting import Found, Piece, first_of

NAME = "Master.csv"
# Line breaks inside of columns: more make a line that can be read unlikely.
MOST_LINES = 8
WALL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


class Master:
    """The records in a folder. Its methods read files: they are for `Upstream.run`."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        self._files = RotatedFiles(folder, NAME, CDRS, "check `cdr_folder`, and that Asterisk has cdr_csv loaded")
        self._zone = zone

    def check(self) -> None:
        """Read what there is, to see that it can be read."""
        self._files.check()

    def legs(self, wishes: list[CdrQuery]) -> list[Found[PlacedCdr]]:
        """Return the legs of each wish, all of one state of the files."""
        with self._files.blocks() as found:
            return [first_of(self._pieces(found, wish), wish) for wish in wishes]

    def close(self) -> None:
        """Do nothing: files are closed after each read."""

    def _pieces(self, blocks: list[FileBlock], wish: CdrQuery) -> Iterator[Piece[PlacedCdr]]:
        since, until = local_time.between(wish.since, wish.until, self._zone)
        inside = [each for each in blocks if each.block.last >= since and each.block.first <= until]
        inside.sort(key=lambda each: each.block.last if wish.newest else each.block.first, reverse=wish.newest)
        for each in inside:
            earliest, latest = local_time.earliest(each.block.first, self._zone), local_time.latest(each.block.last, self._zone)
            yield Piece(earliest, latest, partial(self._read, each, (since, until)))

    def _read(self, block: FileBlock, bounds: tuple[str, str]) -> Found[PlacedCdr]:
        found = Found[PlacedCdr]()
        for number, text, columns in lines(block.data(), block.block.line):
            try:
                if columns is None:
                    raise ValueError("its quotes do not close")
                if _may_be_within(columns, bounds):
                    found.placed.append(leg(wire.from_line(columns, text), self._zone))
            except ValueError as error:
                found.complaints.append(f"line {number} of {block.name} cannot be read: {error}")
        return found


def lines(data: bytes, first: int) -> Iterator[tuple[int, str, list[str] | None]]:
    """Return the records of a block with the numbers of their lines; no columns where one cannot be read."""
    texts = data.decode("utf-8", "replace").split("\n")
    place = 0
    while place < len(texts):
        text, taken = texts[place].removesuffix("\r"), 1
        columns = wire.fields(text) if text else None
        if text and columns is None:
            text, taken, columns = _joined(texts, place)
        if text:
            yield first + place, text, columns
        place += taken


def _joined(texts: list[str], place: int) -> tuple[str, int, list[str] | None]:
    """Return a record with line breaks in its columns; the first line alone where what follows is a record itself, or nothing helps."""
    whole = texts[place]
    for taken, text in enumerate(texts[place + 1 : place + MOST_LINES], 2):
        own = wire.fields(text)
        if own is not None and len(own) >= len(wire.FIXED):
            break
        whole += "\n" + text
        columns = wire.fields(whole)
        if columns is not None:
            return whole, taken, columns
    return texts[place], 1, None


def _may_be_within(columns: list[str], bounds: tuple[str, str]) -> bool:
    """Return True if a record is worth mapping; one without a time is, for its complaint."""
    start = columns[wire.START] if len(columns) > wire.START else ""
    return WALL.fullmatch(start) is None or bounds[0] <= start <= bounds[1]
