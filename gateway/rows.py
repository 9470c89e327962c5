"""Rows: from an upstream's JSON objects to records, one by one, so that a broken one costs only itself."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, TypeVar

import msgspec

from schema.enums import ProblemCode
from schema.paging import Problem
from schema.record import Record

log = logging.getLogger("telegraphql")
T = TypeVar("T")
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


@dataclass(slots=True)
class Unmapped:
    """A row that has its place in a list but is no record yet, since only what is given out is worth mapping."""

    # What `position` looks at besides, as in a record that has neither a name nor a sort id.
    time_field: ClassVar[None] = None
    name_field: ClassVar[None] = None
    sort_id: ClassVar[str] = ""

    provider_name: str
    native_id: str
    stands_at: datetime
    raw: msgspec.Raw
    _row: Any
    _make: Callable[[Any], Record]
    _id_names: Sequence[str]

    def mapped(self) -> Record | Problem:
        """The record; the problem of a row that cannot be mapped after all."""
        try:
            made = self._make(self._row)
        except Exception as error:
            return _unread(self.raw, error, self.provider_name, self._id_names)
        made.raw = self.raw
        return made


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
    records: list[Any] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            decoded = decoder.decode(row)
            made: Any = make(decoded) if place is None else Unmapped(provider, *place(decoded), row, decoded, make, id_names)  # type: ignore[arg-type]
        except Exception as error:
            problems.append(_unread(row, error, provider, id_names))
            continue
        if isinstance(made, Unmapped):
            records.append(made)
        elif isinstance(made, Record):
            made.raw = row
            records.append(made)
        else:
            records.extend(made)
    return records, problems


def _unread(row: msgspec.Raw, error: Exception, provider: str, id_names: Sequence[str]) -> Problem:
    if not isinstance(error, FORESEEN):
        log.error("a row of %s broke its mapping: %s", provider, type(error).__name__)
    return malformed(row, error, provider, id_names)


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
