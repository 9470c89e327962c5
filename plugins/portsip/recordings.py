"""The matching of recordings with calls and sessions.

A recording's summary names no session. It starts within a second after its leg was answered and ends with it. So caller, callee and the
two times identify it; if they do not, the session id in the detail's `file_name` decides.
"""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from telegraphql.plugin import RowView
from telegraphql.schema import Call, Recording

# <n>_<session id>_<caller>_<port>_<date>_<time>.wav, as on a live PBX
FILE_NAME = re.compile(r"[^_]+_([^_]+)_.*_")
BEFORE = timedelta(seconds=1)
AFTER = timedelta(seconds=2)
ANONYMOUS = frozenset({"", "anonymous", "unknown", "private", "restricted", "unavailable"})
Window = tuple[datetime, datetime]
SessionOf = Callable[[str], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call or session that may be recorded: its parties and times, which identify its recordings.

    Without a callee it is a whole session. Without times it is a leg known by its parties only.
    """

    leg: str
    session: str
    caller: str
    callee: str
    answered: datetime | None = None
    ended: datetime | None = None

    @property
    def key(self) -> str:
        """Return the text that `refs` holds as the key of a relation."""
        words = [quote(part, safe="+") for part in (self.leg, self.session, self.caller, self.callee)]
        # The same text as quote() in a tenth of the time.
        times = ["" if each is None else each.isoformat().replace(":", "%3A") for each in (self.answered, self.ended)]
        return "|".join(words + times)

    @classmethod
    def parse(cls, key: str) -> "RecordedCall | None":
        """Return the call of a key, or None if the key is something else, such as a native id."""
        try:
            leg, session, caller, callee, answered, ended = map(unquote, key.split("|"))
            return cls(leg, session, caller, callee, _parse_time(answered), _parse_time(ended))
        except ValueError:
            return None

    @property
    def is_certain(self) -> bool:
        """Return True if parties and times alone distinguish it from other calls."""
        return self.answered is not None and self.caller.casefold() not in ANONYMOUS

    def fits(self, caller: str, callee: str, started: datetime, ended: datetime | None) -> bool:
        """Return True if a recording with these parties and times can belong to it."""
        if caller != self.caller or (self.callee and callee != self.callee):
            return False
        if self.answered and started < self.answered - BEFORE:
            return False
        return self.ended is None or (ended or started) <= self.ended + AFTER

    def window(self, since: datetime | None, until: datetime | None, max_duration: timedelta) -> Window | None:
        """Return the time range in which its recordings start. Without times of its own, the parents' range is used."""
        first = self.answered or since
        if first is None:
            return None
        return first - BEFORE, (self.ended or until or first + max_duration) + AFTER


def session_in_file_name(file_name: str | None) -> str | None:
    """Return the session id in the name of a recording's file, or None."""
    match = FILE_NAME.match(file_name or "")
    return match[1] if match else None


def nearest_answer(calls: Iterable[RecordedCall], started: datetime) -> RecordedCall | None:
    """Return the call that was answered closest to the start of a recording, or None."""
    return min(calls, key=lambda call: abs((call.answered or started) - started), default=None)


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


class RecordingMatcher:
    """Finds the call of a recording. The recording's detail, which `session_of` reads, is only needed if several calls fit."""

    def __init__(self, calls: Iterable[RecordedCall], session_of: SessionOf) -> None:
        self._calls_by_caller: defaultdict[str, list[RecordedCall]] = defaultdict(list)
        self._session_of = session_of
        for call in calls:
            self._calls_by_caller[call.caller].append(call)

    async def match(self, recording: Recording | RowView) -> RecordedCall | None:
        """Return the call of a recording, or None if it belongs to another one or is ambiguous."""
        caller, callee = _party_numbers(recording)
        candidates = [call for call in self._calls_by_caller[caller] if call.fits(caller, callee, recording.started_at, recording.ended_at)]
        if not candidates:
            return None
        session = recording.refs.get("session")
        if session is None and _is_ambiguous(candidates):
            session = await self._session_of(recording.native_id)
        elif session is None:
            session = candidates[0].session
        return nearest_answer((each for each in candidates if each.session == session), recording.started_at)


def _is_ambiguous(candidates: Sequence[RecordedCall]) -> bool:
    return len({call.session for call in candidates}) > 1 or not all(call.is_certain for call in candidates)


def as_child_of_call(recording: Recording, call: RecordedCall) -> Recording:
    """Return the recording as a child of the leg that it was found by."""
    recording.refs = {"call": call.key, "session": call.session}
    return recording


def as_child_of_session(recording: Recording, session: RecordedCall) -> Recording:
    """Return the recording as a child of the session that it was found by."""
    caller, callee = _party_numbers(recording)
    recording.refs = {"call": RecordedCall("", session.session, caller, callee).key, "session": session.key}
    return recording


def recorded_leg(recorded: RecordedCall, calls: Iterable[Call | RowView]) -> list[Call | RowView]:
    """Return the recorded leg if it is certain: the named one, the only answered one, or the only one between the two parties."""
    legs = [call for call in calls if call.refs.get("session") == recorded.session and call.refs.get("recordings")]
    if recorded.leg:
        legs = [leg for leg in legs if leg.native_id == recorded.leg]
    if len(legs) > 1:
        legs = [leg for leg in legs if (leg.from_.number or "", leg.to.number or "") == (recorded.caller, recorded.callee)]
    if len(legs) != 1:
        return []
    (leg,) = legs
    record = leg.record() if isinstance(leg, RowView) else leg
    record.refs = {**record.refs, "recordings": recorded.key}
    return [leg]


def _party_numbers(recording: Recording | RowView) -> tuple[str, str]:
    caller, callee = (party.number if party else None for party in (recording.from_, recording.to))
    return caller or "", callee or ""
