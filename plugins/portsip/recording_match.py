"""Matching: which recordings are of which of many calls, and the other way round."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence

from telegraphql.plugin import RowView
from telegraphql.plugins.portsip.recording_span import Span, nearest
from telegraphql.schema import Call, Recording

SessionOf = Callable[[str], Awaitable[str | None]]


class Matcher:
    """Finds the span of a recording; its detail, which `session_of` reads, is only needed if parties and times leave a doubt."""

    def __init__(self, spans: Iterable[Span], session_of: SessionOf) -> None:
        self._spans: defaultdict[str, list[Span]] = defaultdict(list)
        self._session_of = session_of
        for span in spans:
            self._spans[span.caller].append(span)

    async def match(self, recording: Recording | RowView) -> Span | None:
        """Return the span of a recording; None if it is of another call, or of one that cannot be told."""
        caller, callee = _numbers(recording)
        fitting = [span for span in self._spans[caller] if span.fits(caller, callee, recording.started_at, recording.ended_at)]
        if not fitting:
            return None
        session = recording.refs.get("session")
        if session is None and _doubtful(fitting):
            session = await self._session_of(recording.native_id)
        elif session is None:
            session = fitting[0].session
        return nearest((each for each in fitting if each.session == session), recording.started_at)


def _doubtful(fitting: Sequence[Span]) -> bool:
    return len({span.session for span in fitting}) > 1 or not all(span.certain for span in fitting)


def of_call(recording: Recording, span: Span) -> Recording:
    """The recording as the child of the leg by whose span it was found."""
    recording.refs = {"call": span.key, "session": span.session}
    return recording


def of_session(recording: Recording, span: Span) -> Recording:
    """The recording as the child of the session by whose span it was found."""
    caller, callee = _numbers(recording)
    recording.refs = {"call": Span("", span.session, caller, callee).key, "session": span.key}
    return recording


def leg_of(span: Span, calls: Iterable[Call | RowView]) -> list[Call | RowView]:
    """The leg that was recorded, where it is certain: the one named, the only one answered, or the only one between these two."""
    legs = [call for call in calls if call.refs.get("session") == span.session and call.refs.get("recordings")]
    if span.leg:
        legs = [leg for leg in legs if leg.native_id == span.leg]
    if len(legs) > 1:
        legs = [leg for leg in legs if (leg.from_.number or "", leg.to.number or "") == (span.caller, span.callee)]
    if len(legs) != 1:
        return []
    (leg,) = legs
    made = leg.record() if isinstance(leg, RowView) else leg
    made.refs = {**made.refs, "recordings": span.key}
    return [leg]


def _numbers(recording: Recording | RowView) -> tuple[str, str]:
    caller, callee = (party.number if party else None for party in (recording.from_, recording.to))
    return caller or "", callee or ""
