"""Spans: which recording belongs to which call.

A recording's summary names no session. It begins within a second after its leg was answered and ends with it, so caller, callee
and the two times find it; where that leaves a doubt, the session id in the detail's `file_name` decides."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

# <n>_<session id>_<caller>_<port>_<date>_<time>.wav, seen on a live PBX
FILE_NAME = re.compile(r"[^_]+_([^_]+)_.*_")
BEFORE = timedelta(seconds=1)
AFTER = timedelta(seconds=2)
NOBODY = frozenset({"", "anonymous", "unknown", "private", "restricted", "unavailable"})
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """Who talked with whom from when to when. Without a callee it is a whole session, without times a leg known by its parties."""

    leg: str
    session: str
    caller: str
    callee: str
    answered: datetime | None = None
    ended: datetime | None = None

    @property
    def key(self) -> str:
        """The span as the text of a relation's key."""
        words = [quote(part, safe="+") for part in (self.leg, self.session, self.caller, self.callee)]
        # As quote would write them, in a tenth of its time.
        times = ["" if each is None else each.isoformat().replace(":", "%3A") for each in (self.answered, self.ended)]
        return "|".join(words + times)

    @classmethod
    def read(cls, key: str) -> "Span | None":
        """The span of a key; None for a native id, or anything else that is no span."""
        try:
            leg, session, caller, callee, answered, ended = map(unquote, key.split("|"))
            return cls(leg, session, caller, callee, _time(answered), _time(ended))
        except ValueError:
            return None

    @property
    def certain(self) -> bool:
        """Whether the parties and times alone tell it from other calls."""
        return self.answered is not None and self.caller.casefold() not in NOBODY

    def fits(self, caller: str, callee: str, began: datetime, ended: datetime | None) -> bool:
        """Whether a recording between these parties and times can be of it."""
        if caller != self.caller or (self.callee and callee != self.callee):
            return False
        if self.answered and began < self.answered - BEFORE:
            return False
        return self.ended is None or (ended or began) <= self.ended + AFTER

    def window(self, since: datetime | None, until: datetime | None, longest: timedelta) -> Window | None:
        """When its recordings begin; the parents' window helps where it has no times of its own."""
        first = self.answered or since
        if first is None:
            return None
        return first - BEFORE, (self.ended or until or first + longest) + AFTER


def session_in(file_name: str | None) -> str | None:
    """The session id in a recording's file name."""
    found = FILE_NAME.match(file_name or "")
    return found[1] if found else None


def nearest(spans: Iterable[Span], began: datetime) -> Span | None:
    """The span whose answer is closest to the beginning of a recording."""
    return min(spans, key=lambda span: abs((span.answered or began) - began), default=None)


def merged(windows: Iterable[Window], most: int) -> Sequence[Window]:
    """At most `most` windows that cover all of these: overlapping ones joined, then those closest to each other."""
    joined: list[Window] = []
    for since, until in sorted(windows):
        if joined and since <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], until)
        else:
            joined.append((since, until))
    while len(joined) > most:
        at = min(range(len(joined) - 1), key=lambda index: joined[index + 1][0] - joined[index][1])
        joined[at : at + 2] = [(joined[at][0], joined[at + 1][1])]
    return joined


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
