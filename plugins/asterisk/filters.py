"""Filters: what is applied while records are read, so that those that do not pass cost no page."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from telegraphql.plugins.asterisk import mapping
from telegraphql.plugins.asterisk.legs import PlacedCdr
from telegraphql.plugins.asterisk.wire import AsteriskCdr
from telegraphql.schema import CallStatus, IntRange

if TYPE_CHECKING:
    from telegraphql.plugins.asterisk.settings import AsteriskSettings

LENGTHS = {"durationSeconds": "duration", "talkSeconds": "billsec"}
NAMES = ("direction", "status", "sessionId", *LENGTHS)
LONGEST = 2**31
Check = Callable[[AsteriskCdr], bool]
Keep = Callable[[PlacedCdr], bool]


def kept(given: Mapping[str, Any], settings: "AsteriskSettings") -> Keep:
    """Return what tells whether a record passes."""
    checks: list[Check] = []
    if "status" in given:
        checks.append(lambda cdr: mapping.status(cdr) in given["status"])
    if "direction" in given:
        checks.append(lambda cdr: mapping.direction(cdr, settings) in given["direction"])
    if "sessionId" in given:
        checks.append(lambda cdr: mapping.session_of(cdr) in given["sessionId"])
    checks += [_lasts(column, given[name]) for name, column in LENGTHS.items() if name in given]
    return lambda leg: all(check(leg.cdr) for check in checks)


def lengths(given: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return both ends of the columns with lengths, for a database."""
    return {column: _ends(given[name]) for name, column in LENGTHS.items() if name in given}


def dispositions(given: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the dispositions of what is wanted, for a database; None for any."""
    wanted = given.get("status")
    if wanted is None or CallStatus.UNKNOWN in wanted:
        return None
    # A box answers.
    stand_for = {CallStatus.ANSWERED if each is CallStatus.VOICEMAIL else each for each in wanted}
    return frozenset(word for word, status in mapping.STATUS.items() if status in stand_for)


def _lasts(column: str, wanted: IntRange) -> Check:
    least, most = _ends(wanted)

    def lasts(cdr: AsteriskCdr) -> bool:
        length: int | None = getattr(cdr, column)
        return length is not None and least <= length <= most

    return lasts


def _ends(wanted: IntRange) -> tuple[int, int]:
    """Both ends of a range, which may be left out."""
    least, most = (each if isinstance(each, int) else None for each in (wanted.min, wanted.max))
    return least or 0, LONGEST if most is None else most
