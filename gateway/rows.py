"""Rows: from an upstream's JSON objects to records, one by one, so that a broken one costs only itself."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import msgspec

from schema.enums import ProblemCode
from schema.paging import Problem
from schema.record import Record

log = logging.getLogger("telegraphql")
T = TypeVar("T")
# What a fused mapping makes: what is sent of a row, its record if any, the mapping to a record and what that is told besides the row.
Sent = tuple[dict[str, Any], Record | None, Callable[[Any, Any], Any], Any]
FORESEEN = (msgspec.DecodeError, ValueError, ArithmeticError)
# Where in the row a decoder, or a mapping that says it the same way, found the fault.
AT = re.compile(r" - at (`\$[\w.\[\]]{0,60}`)$")
ID_NAMES = ("id",)
# What stands in `native` where a value must not be shown; the field itself stays.
HIDDEN = "(hidden)"


class Place(NamedTuple):
    """Where the record of a row will stand: its native id, and the kind's own time."""

    native_id: str
    time: datetime


class Unmapped:
    """A row that has its place in a list but is no record yet, since only what is given out is worth mapping."""

    __slots__ = ("_read", "_row", "native_id", "provider_name", "raw", "sent", "stands_at")
    # What is sent of it, once it is known: that, the record where more fields hang on it, and how the record is made otherwise.
    sent: "Sent"
    # What `position` looks at besides, as in a record that has neither a name nor a sort id.
    time_field: ClassVar[None] = None
    name_field: ClassVar[None] = None
    sort_id: ClassVar[str] = ""

    def __init__(self, read: "Reading[Any]", row: Any, raw: msgspec.Raw, place: Place) -> None:
        self._read, self._row, self.raw, self.provider_name = read, row, raw, read.provider
        self.native_id, self.stands_at = place

    def mapped(self) -> Record | Problem:
        """The record; the problem of a row that cannot be mapped after all."""
        found = self.ready()
        return found.record() if isinstance(found, Unmapped) else found

    def ready(self) -> "Record | Problem | Unmapped":
        """The same, but the row itself where it is known what is sent of it."""
        try:
            made: Any = self._read.make(self._row)
        except Exception as error:
            return self._read.unread(self.raw, error)
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
        _, made, make, of = self.sent
        found: Record = make(self._row, of) if made is None else made
        found.raw = self.raw
        return found


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
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

    def placed(self, rows: Iterable[msgspec.Raw], place: Callable[[T], Place]) -> tuple[list[Any], list[Problem]]:
        """The rows with their places."""
        found, problems, decode = list[Any](), list[Problem](), self.decoder.decode
        for raw in rows:
            try:
                row = decode(raw)
                found.append(Unmapped(self, row, raw, place(row)))
            except Exception as error:
                problems.append(self.unread(raw, error))
        return found, problems

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


def read_rows(
    rows: Iterable[msgspec.Raw],
    decoder: "msgspec.json.Decoder[T]",
    make: Callable[[T], Record | Sequence[Record]],
    provider: str,
    id_names: Sequence[str] = ID_NAMES,
    place: Callable[[T], Place] | None = None,
) -> tuple[list[Any], list[Problem]]:
    """The records made of the rows, and a problem for each row that cannot be read. A record made alone keeps its row as `raw`.

    With `place` the rows stay unmapped, which is for whoever was asked with `Ask.unmapped`."""
    reading = Reading(decoder, make, provider, id_names)
    return reading.mapped(rows) if place is None else reading.placed(rows, place)


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
