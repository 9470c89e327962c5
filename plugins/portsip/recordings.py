"""The matching of recordings with calls and sessions.

A recording's summary names no session. It starts within a second after its leg was answered and ends with it. So caller, callee and the
two times identify it; if they do not, the session id and the recorded extension in the detail's `file_name` decide.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

# <n>_<session id>_<recorded extension>_<port>_<date>_<time>.wav, as on a live PBX
FILE_NAME = re.compile(r"[^_]+_([^_]+)_([^_]*)_")
BEFORE = timedelta(seconds=1)
AFTER = timedelta(seconds=2)
# A recording may go on from an earlier leg of the session, or begin after a leg, such as while the caller is parked.
BESIDE_LEG = timedelta(minutes=10)
ANONYMOUS = frozenset({"", "anonymous", "unknown", "private", "restricted", "unavailable"})
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call or session that may be recorded: its parties and times, which identify its recordings.

    Without a callee it is a whole session. Without a leg it is what a recording says of its leg: the times are the recording's own.
    """

    leg: str
    session: str
    caller: str
    callee: str
    answered: datetime | None = None
    ended: datetime | None = None
    extension: str = ""

    @property
    def key(self) -> str:
        """Return the text that `refs` holds as the key of a relation."""
        words = [quote(part, safe="+") for part in (self.leg, self.session, self.caller, self.callee, self.extension)]
        # The same text as quote() in a tenth of the time.
        times = ["" if each is None else each.isoformat().replace(":", "%3A") for each in (self.answered, self.ended)]
        return "|".join(words + times)

    @classmethod
    def parse(cls, key: str) -> "RecordedCall | None":
        """Return the call of a key, or None if the key is something else, such as a native id."""
        try:
            leg, session, caller, callee, extension, answered, ended = map(unquote, key.split("|"))
            return cls(leg, session, caller, callee, _parse_time(answered), _parse_time(ended), extension)
        except ValueError:
            return None

    @property
    def is_leg(self) -> bool:
        """Return True for a leg, False for a whole session."""
        return bool(self.callee)

    @property
    def is_certain(self) -> bool:
        """Return True if parties and times alone distinguish it from other calls."""
        return self.answered is not None and self.caller.casefold() not in ANONYMOUS

    def is_surely(self, recording: "RecordedCall") -> bool:
        """Return True if a recording that fits is of this call and no other, be it of the page or not.

        A caller may have another session at the same time: of a session only the times tell, or a callee.
        """
        return self.is_certain and (self.is_leg or self.coincides(recording))

    def fits(self, recording: "RecordedCall") -> bool:
        """Return True if a recording has the parties of this call and lies within it, or has its caller and starts and ends with it.

        A recording of a queue's call may name the queue as callee instead of the agent.
        """
        if recording.caller != self.caller:
            return False
        return (self.callee in ("", recording.callee) and self.encloses(recording)) or self.coincides(recording)

    def coincides(self, recording: "RecordedCall") -> bool:
        """Return True if a recording starts and ends with this call."""
        ends = ((self.answered, recording.answered), (self.ended, recording.ended))
        return self.is_certain and all(one is not None and other is not None and abs(one - other) <= AFTER for one, other in ends)

    def encloses(self, recording: "RecordedCall") -> bool:
        """Return True if a recording was made between the answer and the end of this call."""
        if self.answered and recording.answered and recording.answered < self.answered - BEFORE:
            return False
        ended = recording.ended or recording.answered
        return self.ended is None or ended is None or ended <= self.ended + AFTER

    def may_contain(self, recording: "RecordedCall") -> bool:
        """Return True if a recording shares a party with this leg and was made while it lasted, though not only then.

        If it shares both parties, it may also have been made some time before or after.
        """
        shared = (recording.caller == self.caller) + (recording.callee == self.callee)
        if not self.is_leg or not shared:
            return False
        before, after = (BESIDE_LEG, BESIDE_LEG) if shared == 2 else (BEFORE, AFTER)
        starts_in_time = not (recording.answered and self.ended) or recording.answered <= self.ended + after
        return starts_in_time and not (recording.ended and self.answered and recording.ended < self.answered - before)

    def window(self, since: datetime | None, until: datetime | None, max_duration: timedelta) -> Window | None:
        """Return the time range in which its recordings start. Without times of its own, the parents' range is used."""
        first = self.answered or since
        if first is None:
            return None
        before, after = (BESIDE_LEG, BESIDE_LEG) if self.is_leg else (BEFORE, AFTER)
        return first - before, (self.ended or until or first + max_duration) + after


def session_in_file_name(file_name: str | None) -> str | None:
    """Return the session id in the name of a recording's file, or None."""
    match = FILE_NAME.match(file_name or "")
    return match[1] if match else None


def extension_in_file_name(file_name: str | None) -> str:
    """Return the recorded extension in the name of a recording's file, or ""."""
    match = FILE_NAME.match(file_name or "")
    return match[2] if match else ""


def choose_leg(recording: RecordedCall, legs: Sequence[RecordedCall]) -> RecordedCall | None:
    """Return the leg of a recording among the answered legs of its session, so that each recording has one.

    It is the one with the recording's parties and times, else with its extension and times, else the longest with one of its parties during
    the recording, else the longest.
    """
    by_parties = [leg for leg in legs if leg.fits(recording)]
    by_extension = [leg for leg in legs if recording.extension in (leg.caller, leg.callee) and leg.encloses(recording)]
    best = by_parties or (by_extension if recording.extension else [])
    if best:
        return nearest_answer(best, recording.answered)
    related = [leg for leg in legs if leg.may_contain(recording)]
    return max(related or legs, key=_talk_time, default=None)


def nearest_answer(calls: Iterable[RecordedCall], started: datetime | None) -> RecordedCall | None:
    """Return the call that was answered closest to the start of a recording, or None."""
    return min(calls, key=lambda call: abs(call.answered - started) if call.answered and started else timedelta.max, default=None)


def _talk_time(leg: RecordedCall) -> timedelta:
    return leg.ended - leg.answered if leg.answered and leg.ended else timedelta(0)


def merge_windows(windows: Iterable[Window], limit: int) -> Sequence[Window]:
    """Return at most `limit` windows that cover all of these: overlapping ones joined, then those closest to each other."""
    joined: list[Window] = []
    for since, until in sorted(windows):
        if joined and since <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], until)
        else:
            joined.append((since, until))
    while len(joined) > limit:
        index = min(range(len(joined) - 1), key=lambda each: joined[each + 1][0] - joined[each][1])
        joined[index : index + 2] = [(joined[index][0], joined[index + 1][1])]
    return joined


def _parse_time(text: str) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
