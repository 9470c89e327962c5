"""Master: Master.csv and what it was rotated to, read while Asterisk writes and others rotate, a block at a time."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from os import fstat
from pathlib import Path
from threading import Lock
from typing import BinaryIO
from zoneinfo import ZoneInfo

from telegraphql.plugin import Unavailable, still_wanted
from telegraphql.plugins.asterisk import local_time, wire
from telegraphql.plugins.asterisk.index import Block, Index
from telegraphql.plugins.asterisk.legs import CdrQuery, Found, Piece, first_of, leg

NAME = "Master.csv"
# What logrotate leaves; compressed ones are not read.
ROTATED = re.compile(r"Master\.csv\.(\d{1,4})")
# Line breaks inside of columns: more make a line that can be read unlikely.
MOST_LINES = 8
WALL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


class Master:
    """The records in a folder. Its methods read files: they are for `Upstream.run`."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        self._folder, self._zone = folder, zone
        self._indexes: dict[tuple[int, int], Index] = {}
        self._lock = Lock()

    def check(self) -> None:
        """Read what there is, to see that it can be read."""
        with self._opened() as files:
            for file in files.values():
                file.read(1)

    def legs(self, wishes: list[CdrQuery]) -> list[Found]:
        """Return the legs of each wish, all of one state of the files."""
        with self._opened() as files:
            found = self._blocks(files)
            return [first_of(self._pieces(found, wish), wish) for wish in wishes]

    def close(self) -> None:
        """Do nothing: files are closed after each read."""

    def _pieces(self, blocks: list[tuple[str, BinaryIO, Block]], wish: CdrQuery) -> Iterator[Piece]:
        since, until = local_time.between(wish.since, wish.until, self._zone)
        inside = [each for each in blocks if each[2].last >= since and each[2].first <= until]
        inside.sort(key=lambda each: each[2].last if wish.newest else each[2].first, reverse=wish.newest)
        for name, file, block in inside:
            read = partial(self._read, name, file, block, (since, until))
            yield Piece(local_time.earliest(block.first, self._zone), local_time.latest(block.last, self._zone), read)

    def _read(self, name: str, file: BinaryIO, block: Block, bounds: tuple[str, str]) -> Found:
        file.seek(block.offset)
        found = Found()
        for number, text, columns in lines(file.read(block.size), block.line):
            try:
                if columns is None:
                    raise ValueError("its quotes do not close")
                if _may_be_within(columns, bounds):
                    found.legs.append(leg(wire.from_line(columns, text), self._zone))
            except ValueError as error:
                found.complaints.append(f"line {number} of {name} cannot be read: {error}")
        return found

    def _blocks(self, files: dict[tuple[int, int], BinaryIO]) -> list[tuple[str, BinaryIO, Block]]:
        with self._alone():
            # A file keeps its index when it is renamed.
            self._indexes = {key: self._indexes.get(key) or Index() for key in files}
            return [
                (Path(file.name).name, file, block)
                for key, file in files.items()
                for block in self._indexes[key].blocks(file, Path(file.name).name != NAME)
            ]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        while not self._lock.acquire(timeout=0.1):
            still_wanted()
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _opened(self) -> Iterator[dict[tuple[int, int], BinaryIO]]:
        """All files, each once. A file is only ever renamed to a higher number, so in this order none slips by while they are rotated."""
        with ExitStack() as closing:
            files: dict[tuple[int, int], BinaryIO] = {}
            seen: set[str] = set()
            while names := [name for name in self._names() if name not in seen]:
                for name in names:
                    seen.add(name)
                    try:
                        file = closing.enter_context((self._folder / name).open("rb"))
                    except FileNotFoundError:
                        continue
                    about = fstat(file.fileno())
                    files.setdefault((about.st_dev, about.st_ino), file)
            if not files:
                raise Unavailable(f"there is no {NAME} in `cdr_folder`; check the folder, and that Asterisk has cdr_csv loaded")
            yield files

    def _names(self) -> list[str]:
        found = {each.name: ROTATED.fullmatch(each.name) for each in self._folder.iterdir()}
        rotated = [(int(match[1]), name) for name, match in found.items() if match]
        return [*([NAME] if NAME in found else []), *(name for _, name in sorted(rotated))]


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
