"""Record truth: what clients must see of a sandbox's rows, declared by the sandbox for the conformance kit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from telegraphql.gateway.plugin.answer_faults import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTruth:
    """The truth of a kind: its records are made of these rows, one of each. Rows without a field of `native_id` make none.

    Attributes:
        rows: the kind in `Sandbox.records`.
        native_id: a format for the ids, such as "{uniqueid}/{sequence}". "": only the number of records is known.
        time: the field with the time of the record.
        time_zone: the time zone of times without an offset.
        per_second: how many steps a second has in times that are numbers, such as 1000.
        amounts: the field with the amount, by the attribute of the record; with "-" before it if the upstream turns the sign.
        refs: a format for the key of the parent, by the name in `refs`; or several, of which the first counts whose fields the row has.
    """

    rows: str
    native_id: str = "{id}"
    time: str = ""
    time_zone: tzinfo = UTC
    per_second: int = 1
    amounts: Mapping[str, str] = field(default_factory=dict)
    refs: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    def id_of(self, row: Row) -> str | None:
        """Return the native id of a row's record, or None if it makes none."""
        return formatted(self.native_id, row)

    def is_unreadable(self, row: Row) -> bool:
        """Return True if a row has null in the place of its id."""
        return self.id_of(row) is None and formatted(self.native_id, {name: value or "" for name, value in row.items()}) is not None

    def is_placed(self, row: Row) -> bool:
        """Return True if a row has a time that can be read, or needs none."""
        try:
            return not self.time or bool(self.times_of(row))
        except (ValueError, TypeError, KeyError):
            return False

    def times_of(self, row: Row) -> set[datetime]:
        """Return the moments that a row's time can mean: two in the hour that a clock set back repeats."""
        moment = read_time(row[self.time], self.per_second)
        if moment.tzinfo is not None:
            return {moment.astimezone(UTC)}
        return {moment.replace(tzinfo=self.time_zone, fold=fold).astimezone(UTC) for fold in (0, 1)}

    def key_of(self, row: Row, name: str) -> str | None:
        """Return the key of a row's parent, or None if it has none."""
        templates = self.refs[name]
        found = (formatted(each, row) for each in ([templates] if isinstance(templates, str) else templates))
        return next((each for each in found if each is not None), None)

    def amount_of(self, row: Row, attribute: str) -> Decimal | None:
        """Return the signed amount in a row, or None if it has none."""
        name = self.amounts[attribute]
        value = row.get(name.removeprefix("-"))
        if value in (None, ""):
            return None
        return Decimal(str(value)) * (-1 if name.startswith("-") else 1)


def formatted(template: str, row: Row) -> str | None:
    """Return a template with the fields of a row, or None if the row lacks one of them."""
    known = {name: value for name, value in row.items() if value is not None}
    try:
        return template.format_map(known)
    except KeyError:
        return None


def read_time(value: Any, per_second: int = 1) -> datetime:
    """Return a time that is written by ISO 8601 or RFC 2822, or as seconds since 1970 or parts of them.

    Raises:
        ValueError: It is no such time.
    """
    text = str(value)
    if isinstance(value, int | float) or text.replace(".", "", 1).isdecimal():
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(text) / per_second)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)
