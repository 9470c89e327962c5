"""Filters: what is applied while records are read, so that those that do not pass cost no page."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from telegraphql.schema import IntRange
from telegraphql_asterisk import mapping
from telegraphql_asterisk.wire import Cdr

if TYPE_CHECKING:
    from telegraphql_asterisk.settings import AsteriskSettings

LENGTHS = {"durationSeconds": "duration", "talkSeconds": "billsec"}
NAMES = ("direction", "status", "sessionId", *LENGTHS)
LONGEST = 2**31
Keep = Callable[[Cdr], bool]


def kept(given: Mapping[str, Any], settings: "AsteriskSettings") -> Keep:
    """Whether a record passes."""
    checks: list[Keep] = []
    if "status" in given:
        checks.append(lambda cdr: mapping.status(cdr) in given["status"])
    if "direction" in given:
        checks.append(lambda cdr: mapping.direction(cdr, settings) in given["direction"])
    if "sessionId" in given:
        checks.append(lambda cdr: mapping.session_of(cdr) in given["sessionId"])
    checks += [_lasts(column, given[name]) for name, column in LENGTHS.items() if name in given]
    return lambda cdr: all(check(cdr) for check in checks)


def conditions(given: Mapping[str, Any]) -> list[tuple[str, tuple[int, int]]]:
    """What a database can do of it by itself."""
    return [(f"CAST({column} AS INTEGER) BETWEEN ? AND ?", _ends(given[name])) for name, column in LENGTHS.items() if name in given]


def _lasts(column: str, wanted: IntRange) -> Keep:
    least, most = _ends(wanted)

    def lasts(cdr: Cdr) -> bool:
        length: int | None = getattr(cdr, column)
        return length is not None and least <= length <= most

    return lasts


def _ends(wanted: IntRange) -> tuple[int, int]:
    """Both ends of a range, which may be left out."""
    least, most = (each if isinstance(each, int) else None for each in (wanted.min, wanted.max))
    return least or 0, LONGEST if most is None else most
