"""The row of a conversation, made from the rows of its legs."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from telegraphql.plugin import BadAnswer, read_decimal, read_utc
from telegraphql.plugins.portsip.wire import FIELDS, NULL

Leg = dict[str, msgspec.Raw]


def conversation_row(legs: Sequence[msgspec.Raw], native_id: str) -> msgspec.Raw:
    """Return the row of a conversation: started with its first leg, ended with its last, answered with the first answer.

    Durations and costs are summed.

    Raises:
        BadAnswer: A leg is not an object, or no leg has a time.
    """
    try:
        rows = [FIELDS.decode(leg) for leg in legs]
    except msgspec.DecodeError:
        raise BadAnswer("the legs of the session are not in the documented format") from None
    rows_by_start = {time: row for row in reversed(rows) if (time := _time(row, "started_at"))}
    if not rows_by_start:
        raise BadAnswer("the legs of the session have no time")
    first = rows_by_start[min(rows_by_start)]
    last = max(rows, key=lambda row: _time(row, "ended_at") or _time(row, "started_at") or min(rows_by_start))
    answers = {time: row["answered_at"] for row in rows if (time := _time(row, "answered_at"))}
    durations, costs = ([value for row in rows if (value := _number(row, name)) is not None] for name in ("duration", "cost"))
    row = {**first, "id": _raw(native_id), "answered_at": answers[min(answers)] if answers else NULL}
    row |= {name: last.get(name, NULL) for name in ("ended_at", "end_reason")}
    row |= {"duration": _raw(sum(map(int, durations))), "cost": _raw(str(sum(costs, Decimal(0)))) if costs else NULL}
    return msgspec.Raw(msgspec.json.encode(row))


def start_times(legs: Sequence[msgspec.Raw]) -> list[datetime]:
    """Return the times at which legs started, as far as they can be read."""
    try:
        return [time for leg in legs if (time := _time(FIELDS.decode(leg), "started_at"))]
    except msgspec.DecodeError:
        return []


def _time(row: Leg, name: str) -> datetime | None:
    try:
        return read_utc(msgspec.json.decode(row.get(name, NULL)))
    except (msgspec.DecodeError, ValueError):
        return None


def _number(row: Leg, name: str) -> Decimal | None:
    try:
        return read_decimal(row.get(name, NULL))
    except (ValueError, ArithmeticError):
        return None


def _raw(value: str | int | None) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
