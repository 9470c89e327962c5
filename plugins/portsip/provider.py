"""PortSIP PBX, REST API 22.x: calls, sessions, queues, recordings, voicemails and call reports of one tenant.

Reference: https://support.portsip.com/development-portsip/rest-apis. Lists are summaries; some fields cost a request per record.
Deleting and changing is a POST. Files have addresses without authentication, which never leave the gateway."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urljoin

import msgspec

from gateway.errors import BadAnswer, Expired, Forbidden, NotFound, Unauthorized, UpstreamError
from gateway.numbers import Numbering
from gateway.provider import (
    MICROSECOND,
    Ask,
    Download,
    Join,
    Keyset,
    Order,
    Outcome,
    Page,
    Provider,
    Push,
    Wanted,
    Whole,
    does,
    files,
    gets,
    lists,
)
from gateway.rows import read_rows
from gateway.sandbox import Sandbox
from gateway.upstream import Answer, Request, Upstream
from plugins.portsip import filters, mapping, matching, schedules, wire
from plugins.portsip.auth import PortsipSettings, SignIn
from plugins.portsip.odata import Expression
from plugins.portsip.spans import Span, is_span
from schema.call import Call
from schema.queue import Queue
from schema.record import Record
from schema.recording import Recording
from schema.report import Report, ReportSchedule
from schema.session import Session
from schema.voicemessage import Voicemessage

T = TypeVar("T")
R = TypeVar("R", bound=Record)
MOST = 100
PAGES = Keyset(most=MOST)
PARTIES = {"number": Push.SUPERSET, "from": Push.SUPERSET, "to": Push.SUPERSET}
QUEUE_DETAIL = ("maxWait", "serviceLevelThresholds", "agentCount", "createdAt")
RECORDING_DETAIL = ("duration", "sizeBytes", "fileName", "media", "session", "call", "transcription")
SCHEDULE_DETAIL = ("email", "format", "range", "from", "to", "filter")
# A session begins with its first leg, so it is looked for some time before a later one.
EARLIER = Join(before=timedelta(minutes=15), after=timedelta(seconds=1))
REFUSALS: dict[str, tuple[type[UpstreamError], str]] = {
    "UNAUTHORIZED": (Unauthorized, "refused the credentials; check `username`, `password` and `domain`"),
    "FORBIDDEN": (Forbidden, "does not allow this; sign in as an administrator or queue manager"),
    "NOT_FOUND": (NotFound, "has no such record"),
    "VALIDATE_FAILED": (BadAnswer, "refused a value (VALIDATE_FAILED); if it cannot filter by a property, take it out of `filterable`"),
}


class Portsip(Provider):
    """One tenant of a PBX."""

    plugin = "portsip"
    settings_type = PortsipSettings
    settings: PortsipSettings

    def __init__(self, name: str, settings: PortsipSettings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        self._sign_in = SignIn(settings, upstream)
        self._calls = "/calllogs" if settings.has_call_logs else "/cdrs"

    async def authorize(self, request: Request) -> None:
        await self._sign_in.sign(request)

    async def renew(self) -> None:
        await self._sign_in.renew()

    def refusal(self, answer: Answer) -> UpstreamError | None:
        if answer.status == 401:
            return Expired("refused the token")
        if not 400 <= answer.status < 500:
            return None
        try:
            complaints = wire.COMPLAINTS.decode(answer.body).errors
        except msgspec.DecodeError:
            return None
        known = [REFUSALS[each.code] for each in complaints if each.code in REFUSALS]
        return known[0][0](known[0][1]) if known else None

    async def check(self) -> None:
        await self._ask(f"GET {self._calls}", self._calls, params={"top": "1"})

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        from plugins.portsip.sandbox import PortsipSandbox

        return PortsipSandbox

    @lists(
        Call,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, "direction": Push.EXACT, "talkDuration": Push.EXACT, "sessionId": Push.EXACT, **PARTIES},
        counts=True,
        tick=MICROSECOND,
        detail=("cost",),
        joins={"session": Join()},
    )
    async def calls(self, ask: Ask) -> Page:
        return await self._list(self._calls, ask, "started_at", wire.CALL_LOG, mapping.call)

    @gets(Call)
    async def call(self, wanted: Wanted) -> Page:
        if self.settings.has_call_logs:
            return await self._details("/calllogs", wanted, wire.CALL_LOG, mapping.call)
        pages = [await self._legs(key) for key in wanted.keys]
        return self._page([self._whole_call(key, legs, raw) for key, (legs, raw) in zip(wanted.keys, pages, strict=True)])

    @gets(Call, by="session", at_most=20)
    async def calls_of_sessions(self, wanted: Wanted) -> Page:
        return self._page(await self._calls_of(wanted.keys))

    @gets(Call, by="recordings", at_most=20)
    async def calls_of_recordings(self, wanted: Wanted) -> Page:
        """The key of a recording found by its own id names session and parties; one found by its call names the leg too."""
        spans = [Span.read(key) for key in wanted.keys]
        found = await self._calls_of(sorted({span.session for span in spans}))
        return self._page([leg for span in spans for leg in matching.leg_of(span, found)])

    @lists(
        Session,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, "direction": Push.EXACT},
        counts=True,
        tick=MICROSECOND,
        detail=("cost",),
        joins={"id": EARLIER},
    )
    async def sessions(self, ask: Ask) -> Page:
        return await self._list("/cdrs", ask, "started_at", wire.CDR, mapping.session)

    @gets(Session)
    async def session(self, wanted: Wanted) -> Page:
        """Each by the legs in its detail, whose costs it sums; a key may be that of a recording found by its session."""
        found = []
        for key in wanted.keys:
            native_id = Span.read(key).session if is_span(key) else key
            legs, raw = await self._legs(native_id)
            made = mapping.session_of(legs, native_id, self)
            made.raw, made.refs = raw, {**made.refs, "id": key if is_span(key) else made.refs["id"]}
            found.append(made)
        return self._page(found)

    @lists(Queue, pages=Whole(most=MOST), filters={"number": Push.EXACT}, counts=True, detail=QUEUE_DETAIL)
    async def queues(self, ask: Ask) -> Page:
        return await self._list("/call_queues", ask, None, wire.QUEUE, mapping.queue)

    @gets(Queue, at_most=20)
    async def queues_by_id(self, wanted: Wanted) -> Page:
        """Calls know queues by their number: those in one request, and one more for each where details are wanted."""
        numbers = [key.removeprefix(mapping.BY_NUMBER) for key in wanted.keys if key.startswith(mapping.BY_NUMBER)]
        natives = [key for key in wanted.keys if not key.startswith(mapping.BY_NUMBER)]
        known: list[Queue] = []
        if numbers:
            expression = Expression()
            expression.one_of("extension_number", numbers)
            known = await self._all("/call_queues", expression, None, wire.QUEUE, mapping.queue)
        if any(name in wanted.select for name in QUEUE_DETAIL):
            natives, known = [*natives, *(each.native_id for each in known)], []
        detailed = await asyncio.gather(*(self._detail("/call_queues", key, wire.QUEUE, mapping.queue) for key in natives))
        return self._page([*known, *(each for each in detailed if each)])

    @lists(
        Recording,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, **PARTIES},
        counts=True,
        # Samples show milliseconds only; whether the PBX keeps more is not known.
        tick=timedelta(milliseconds=1),
        detail=RECORDING_DETAIL,
    )
    async def recordings(self, ask: Ask) -> Page:
        return await self._list("/recordings", ask, "started_at", wire.RECORDING, mapping.recording)

    @gets(Recording)
    async def recording(self, wanted: Wanted) -> Page:
        found = [await self._recording(key) for key in wanted.keys]
        return self._page([made for made, _ in found])

    @gets(Recording, by="call", at_most=500)
    async def recordings_of_calls(self, wanted: Wanted) -> Page:
        return self._page([matching.of_call(each, span) for each, span in await self._matched(wanted)])

    @gets(Recording, by="session", at_most=500)
    async def recordings_of_sessions(self, wanted: Wanted) -> Page:
        return self._page([matching.of_session(each, span) for each, span in await self._matched(wanted)])

    @lists(
        Voicemessage,
        pages=PAGES,
        filters={"receivedAt": Push.EXACT, "isRead": Push.EXACT, "duration": Push.EXACT},
        counts=True,
        tick=MICROSECOND,
    )
    async def voicemails(self, ask: Ask) -> Page:
        return await self._list("/voicemails", ask, "created_at", wire.VOICEMAIL, mapping.voicemessage)

    @gets(Voicemessage)
    async def voicemail(self, wanted: Wanted) -> Page:
        return await self._details("/voicemails", wanted, wire.VOICEMAIL, mapping.voicemessage)

    @lists(Report, pages=PAGES, filters={"createdAt": Push.EXACT}, counts=True, tick=MICROSECOND)
    async def reports(self, ask: Ask) -> Page:
        return await self._list("/completed_call_reports", ask, "completed_at", wire.COMPLETED_REPORT, mapping.report)

    @gets(Report)
    async def report(self, wanted: Wanted) -> Page:
        return await self._details("/completed_call_reports", wanted, wire.COMPLETED_REPORT, mapping.report)

    @lists(ReportSchedule, pages=Whole(most=MOST), counts=True, detail=SCHEDULE_DETAIL)
    async def schedules(self, ask: Ask) -> Page:
        return await self._list("/call_reports", ask, None, wire.CALL_REPORT, mapping.schedule)

    @gets(ReportSchedule)
    async def schedule(self, wanted: Wanted) -> Page:
        return await self._details("/call_reports", wanted, wire.CALL_REPORT, mapping.schedule)
