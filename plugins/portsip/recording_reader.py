"""Recordings, and the calls and sessions that they belong to."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from telegraphql.plugin import GetRequest, Malformed, Page, Provider, RowView
from telegraphql.plugins.portsip import mapping
from telegraphql.plugins.portsip.client import PbxClient
from telegraphql.plugins.portsip.details import DetailReader
from telegraphql.plugins.portsip.filter_support import FilterPlan
from telegraphql.plugins.portsip.filters import time_expressions
from telegraphql.plugins.portsip.legs import LegReader
from telegraphql.plugins.portsip.recordings import RecordedCall, choose_leg, extension_in_file_name, nearest_answer
from telegraphql.schema import Call, Problem, Recording

# The expression of more sessions would be too long for a URL.
MAX_SESSIONS = 20
Legs = dict[str, list[RowView]]


@dataclass(slots=True)
class RecordingCandidate:
    """A recording: what it says of its call, those of the given calls that fit, and whether it may be of another call's session."""

    view: RowView
    facts: RecordedCall
    fitting: list[RecordedCall]
    is_near: bool

    @property
    def is_certain(self) -> bool:
        """Return True if parties and times alone tell its call."""
        return len({call.session for call in self.fitting}) == 1 and all(call.is_surely(self.facts) for call in self.fitting)

    @property
    def is_undecided(self) -> bool:
        """Return True if it may be of a call, and nothing tells whether it is."""
        return bool(self.fitting) and not self.is_certain and not self.facts.session


class RecordingReader:
    """Reads relations of recordings for one provider."""

    def __init__(self, provider: Provider, client: PbxClient, details: DetailReader, legs: LegReader) -> None:
        self._provider = provider
        self._client = client
        self._details = details
        self._legs = legs

    async def of_calls(self, request: GetRequest) -> Page:
        """Return the recordings of several legs."""
        return await self._of(request, lambda call: {"call": call.key, "session": call.session})

    async def of_sessions(self, request: GetRequest) -> Page:
        """Return the recordings of several sessions. Their legs are only known by their details."""
        return await self._of(request, lambda session: {"session": session.key})

    async def legs(self, request: GetRequest) -> Page:
        """Return the recorded legs. A key names the leg if the recording was found by it, else what the recording says of it."""
        recorded = {key: call for key in request.keys if (call := RecordedCall.parse(key))}
        legs = await self._legs_of({call.session for call in recorded.values()})
        records: list[Call] = []
        for key, call in recorded.items():
            leg = _find_leg(call, legs[call.session])
            if leg is not None:
                record: Call = leg.record()  # type: ignore[assignment]
                records.append(replace(record, refs={**record.refs, "recordings": key}))
        return Page(records=records, read=len(records))

    async def _of(self, request: GetRequest, refs: Callable[[RecordedCall], dict[str, str]]) -> Page:
        calls = [call for key in request.keys if (call := RecordedCall.parse(key))]
        page = await self._list(request, calls)
        candidates = _candidates(page.records, calls)
        matches = await self._match(candidates, calls)
        page.problems += [self._undecided(each) for each in candidates if each.is_undecided]
        page.records = []
        for view, call in matches:
            record: Recording = view.record()  # type: ignore[assignment]
            record.refs = refs(call)
            page.records.append(record)
        return page

    async def _list(self, request: GetRequest, calls: Iterable[RecordedCall]) -> Page:
        """Return the recordings that started while one of these calls lasted."""
        span = self._provider.session_span
        windows = [window for call in calls if (window := call.window(request.since, request.until, span))]

        async def read(plan: FilterPlan) -> Page:
            expressions = time_expressions(plan, "started_at", windows)
            return await self._client.list_all("/recordings", expressions, plan, "started_at asc", mapping.RECORDING, key=None)

        return await self._client.adapt(read)

    async def _match(self, candidates: Sequence[RecordingCandidate], calls: Sequence[RecordedCall]) -> list[tuple[RowView, RecordedCall]]:
        """Return recordings with their calls. Only those that do not fit one call for certain cost requests for their details."""
        unclear = [each for each in candidates if not each.is_certain and (each.fitting or each.is_near)]
        await asyncio.gather(*map(self._read_detail, unclear))
        found = {each.view.native_id: call for each in candidates if (call := _fitting_call(each))}
        strays = [each for each in unclear if each.view.native_id not in found and each.facts.session in {call.session for call in calls}]
        legs = await self._legs_of({each.facts.session for each in strays})
        calls_by_leg = {call.leg: call for call in calls}
        for each in strays:
            leg = _find_leg(each.facts, legs[each.facts.session])
            if leg is not None and leg.native_id in calls_by_leg:
                found[each.view.native_id] = calls_by_leg[leg.native_id]
        return [(each.view, found[each.view.native_id]) for each in candidates if each.view.native_id in found]

    def _undecided(self, candidate: RecordingCandidate) -> Problem:
        text = f"the Recording {candidate.view.native_id} fits several calls, and its file name tells none; it is left out here"
        return Malformed(text, provider=self._provider.id).as_problem()

    async def _read_detail(self, candidate: RecordingCandidate) -> None:
        """Add to a recording's facts the session and the extension that its file name tells."""
        page = await self._details.recording(candidate.view.native_id)
        for detail in page.records:
            extension = extension_in_file_name(detail.file_name)
            candidate.facts = replace(candidate.facts, session=detail.refs["session"] or "", extension=extension)

    async def _legs_of(self, sessions: Collection[str]) -> Legs:
        """Return the legs of sessions."""
        keys = sorted(sessions)
        chunks = [keys[start : start + MAX_SESSIONS] for start in range(0, len(keys), MAX_SESSIONS)]
        legs: Legs = defaultdict(list)
        for page in await asyncio.gather(*map(self._legs.of_sessions, chunks)):
            for leg in page.records:
                legs[leg.refs["session"]].append(leg)
        return legs


def _candidates(views: Iterable[RowView], calls: Iterable[RecordedCall]) -> list[RecordingCandidate]:
    calls_by_party: defaultdict[str, list[RecordedCall]] = defaultdict(list)
    for call in calls:
        for party in {call.caller, call.callee or call.caller}:
            calls_by_party[party].append(call)
    found = []
    for view in views:
        caller, callee = ((party.number or "") if party else "" for party in (view.from_, view.to))
        facts = RecordedCall("", view.refs["session"] or "", caller, callee, view.started_at, view.ended_at)
        related = [call for party in {caller, callee} for call in calls_by_party.get(party, ())]
        fitting = [call for call in related if call.fits(facts)]
        found.append(RecordingCandidate(view, facts, fitting, is_near=any(call.may_contain(facts) for call in related)))
    return found


def _fitting_call(candidate: RecordingCandidate) -> RecordedCall | None:
    """Return the call with the recording's parties and times, and with its session if that is known."""
    session = candidate.facts.session
    if candidate.is_undecided:
        return None
    return nearest_answer([call for call in candidate.fitting if session in ("", call.session)], candidate.facts.answered)


def _find_leg(recorded: RecordedCall, legs: Sequence[RowView]) -> RowView | None:
    """Return the leg of a recording among the legs of its session."""
    if recorded.leg:
        return next((leg for leg in legs if leg.native_id == recorded.leg), None)
    answered = {call.leg: call for leg in legs if (call := RecordedCall.parse(leg.refs["recordings"] or ""))}
    chosen = choose_leg(recorded, [*answered.values()])
    return next((leg for leg in legs if chosen and leg.native_id == chosen.leg), None)
