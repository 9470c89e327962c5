"""LazyRows: from an upstream's JSON objects to records, one by one, so that a broken one costs only itself."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

log = logging.getLogger("telegraphql")
T = TypeVar("T")
# A mapping: from a row and the provider to a record.
Make = Callable[[Any, Any], Any]
# What a fused mapping makes: what is sent of a row, its record if any, the mapping to a record and what that is told besides the row.
Sent = tuple[dict[str, Any], Record | None, Make, Any]
FORESEEN = (msgspec.DecodeError, ValueError, ArithmeticError)
# Where in the row a decoder, or a mapping that says it the same way, found the fault.
AT = re.compile(r" - at (`\$[\w.\[\]]{0,60}`)$")
ID_NAMES = ("id",)
# What stands in `native` where a value must not be shown; the field itself stays.
HIDDEN = "(hidden)"


class RowPosition(msgspec.Struct, frozen=True, gc=False):
    """Where the record of a row will stand: its native id, and the kind's own time."""

    native_id: str
    time: datetime


class Unmapped(msgspec.Struct, eq=False, gc=False):
    """A row that has its place in a list but is no record yet, since only what is given out is worth mapping."""

    read: "RowReader[Any]"
    row: Any
    raw: msgspec.Raw
    native_id: str
    stands_at: datetime
    provider_name: str
    # What is sent of it, once it is known: that, the record where more fields hang on it, and how the record is made otherwise.
    sent: "Sent | None" = None
    # What `position` looks at besides, as in a record that has neither a name nor a sort id.
    time_field: ClassVar[None] = None
    name_field: ClassVar[None] = None
    sort_id: ClassVar[str] = ""

    def mapped(self) -> Record | Problem:
        """The record; the problem of a row that cannot be mapped after all."""
        found = self.ready()
        return found.record() if isinstance(found, Unmapped) else found

    def ready(self) -> "Record | Problem | Unmapped":
        """The same, but the row itself where it is known what is sent of it."""
        try:
            made: Any = self.read.make(self.row)
        except Exception as error:
            return self.read.unread(self.raw, error)
        if type(made) is tuple:
            self.sent = made
            if made[1] is not None:
                made[1].raw = self.raw
            return self
        made.raw = self.raw
        found: Record = made
        return found

    def record(self) -> Record:
        """The record of a row of which it is known what is sent."""
        assert self.sent is not None
        _, made, make, of = self.sent
        found: Record = make(self.row, of) if made is None else made
        found.raw = self.raw
        return found


@dataclass(frozen=True, slots=True)
class RowReader(Generic[T]):
    """How the rows of one answer are read."""

    decoder: "msgspec.json.Decoder[T]"
    make: Callable[[T], Record | Sequence[Record]]
    provider: str
    id_names: Sequence[str]

    def unread(self, row: msgspec.Raw, error: Exception) -> Problem:
        """The problem of a row that cannot be read."""
        if not isinstance(error, FORESEEN):
            log.error("a row of %s broke its mapping: %s", self.provider, type(error).__name__)
        return malformed(row, error, self.provider, self.id_names)

    def mapped(self, rows: Iterable[msgspec.Raw]) -> tuple[list[Any], list[Problem]]:
        """The records of the rows."""
        found, problems = list[Any](), list[Problem]()
        for raw in rows:
            try:
                made = self.make(self.decoder.decode(raw))
            except Exception as error:
                problems.append(self.unread(raw, error))
                continue
            if isinstance(made, Record):
                made.raw = raw
                found.append(made)
            else:
                found.extend(made)
        return found, problems


class LazyRows(Sequence[Unmapped]):
    """The rows of one answer with their places, read as far as they are looked at: of several lists that become one, most are not.

    `problems` holds those of the rows read so far."""

    def __init__(self, reading: RowReader[Any], raws: Iterable[msgspec.Raw], place: Callable[[Any], RowPosition]) -> None:
        self._reading, self._place = reading, place
        self._raws = raws if isinstance(raws, list) else list(raws)
        self._read: list[Unmapped] = []
        self._at = self._given = self._told = 0
        self.problems: list[Problem] = []

    @property
    def is_read(self) -> bool:
        """Whether none is left."""
        return self._at >= len(self._raws)

    def next(self, most: int | None = None) -> list[Unmapped]:
        """What was not given yet of what is read by then: so many more rows, or all."""
        self._read_to(len(self._raws) if most is None else self._at + most)
        found, self._given = self._read[self._given :], len(self._read)
        return found

    def _read_to(self, end: int) -> None:
        reading, place, decode = self._reading, self._place, self._reading.decoder.decode
        provider = reading.provider
        for raw in self._raws[self._at : end]:
            try:
                row = decode(raw)
                found = place(row)
                self._read.append(Unmapped(reading, row, raw, found.native_id, found.time, provider))
            except Exception as error:
                self.problems.append(reading.unread(raw, error))
        self._at = end

    def unread(self) -> list[Problem]:
        """The problems of rows of which none can be read."""
        self._read_to(len(self._raws))
        return self.news()

    def news(self) -> list[Problem]:
        """The problems that have come up since it was asked last."""
        fresh, self._told = self.problems[self._told :], len(self.problems)
        return fresh

    def last(self) -> Unmapped | None:
        """The last one that can be read."""
        for raw in reversed(self._raws):
            try:
                row = self._reading.decoder.decode(raw)
                found = self._place(row)
                return Unmapped(self._reading, row, raw, found.native_id, found.time, self._reading.provider)
            except Exception:  # it becomes a problem in its turn
                continue
        return None

    def all(self) -> list[Unmapped]:
        """All of them."""
        self._read_to(len(self._raws))
        return self._read

    def __len__(self) -> int:
        return len(self.all())

    def __getitem__(self, at: Any) -> Any:
        return self.all()[at]

    def __iter__(self) -> Iterator[Unmapped]:
        return iter(self.all())


def read_rows(
    rows: Iterable[msgspec.Raw],
    decoder: "msgspec.json.Decoder[T]",
    make: Callable[[T], Record | Sequence[Record]],
    provider: str,
    id_names: Sequence[str] = ID_NAMES,
    place: Callable[[T], RowPosition] | None = None,
) -> tuple[list[Any], list[Problem]]:
    """The records made of the rows, and a problem for each row that cannot be read. A record made alone keeps its row as `raw`.

    With `place` the rows stay unmapped, which is for whoever was asked with `Ask.unmapped`; the problems come as the rows are looked at."""
    reading = RowReader(decoder, make, provider, id_names)
    if place is None:
        return reading.mapped(rows)
    unmapped = LazyRows(reading, rows, place)
    return unmapped, unmapped.problems  # type: ignore[return-value]  # as good as a list to whoever only looks at it


def malformed(row: msgspec.Raw, error: Exception, provider: str, id_names: Sequence[str]) -> Problem:
    """A problem that names the row by its id, where it has one, and the part that is wrong."""
    found = AT.search(str(error))
    where = found[1] if found else "its shape"
    message = f"the record {_name(row, id_names)} cannot be read: {where} is missing or wrong; the other records are complete"
    return Problem(provider=provider, code=ProblemCode.MALFORMED_RECORD, message=message, retryable=False, retry_after=None)


def _name(row: msgspec.Raw, id_names: Sequence[str]) -> str:
    try:
        fields = msgspec.json.decode(row)
    except (msgspec.DecodeError, RecursionError):
        return "without an id"
    names = [str(fields[name]) for name in id_names if isinstance(fields, dict) and isinstance(fields.get(name), str | int)]
    return "-".join(names)[:64] or "without an id"
