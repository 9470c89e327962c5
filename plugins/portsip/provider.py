"""PortSIP PBX, REST API 22.x: calls, sessions, queues, recordings, voicemails and call reports of one tenant.

Reference: https://support.portsip.com/development-portsip/rest-apis. Lists are summaries; some fields cost a request per record.
Creating, changing and deleting is a POST. Files have addresses without authentication, which never leave the gateway."""

import asyncio
from datetime import timedelta
from urllib.parse import urljoin

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
from gateway.sandbox import Sandbox
from gateway.upstream import Answer, Request, Upstream
from plugins.portsip import mapping, matching, schedules, wire
from plugins.portsip.asking import MOST, Asking
from plugins.portsip.auth import PortsipSettings, SignIn
from plugins.portsip.odata import Expression, moment
from plugins.portsip.spans import Span, is_span, merged
from schema.call import Call
from schema.queue import Queue
from schema.recording import Recording
from schema.report import Report, ReportSchedule
from schema.session import Session
from schema.voicemessage import Voicemessage

PAGES = Keyset(most=MOST)
PARTIES = {"number": Push.SUPERSET, "from": Push.SUPERSET, "to": Push.SUPERSET}
QUEUE_DETAIL = ("maxWait", "serviceLevelThresholds", "agentCount", "createdAt")
RECORDING_DETAIL = ("duration", "sizeBytes", "fileName", "media", "session", "call", "transcription")
SCHEDULE_DETAIL = ("email", "format", "range", "from", "to", "filter")
# A session begins with its first leg, so it is looked for some time before a later one.
EARLIER = Join(before=timedelta(minutes=15), after=timedelta(seconds=1))
MOST_WINDOWS = 8
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
        self._asking = Asking(self)
        self._calls = "/calllogs" if settings.has_call_logs else "/cdrs"

    async def authorize(self, request: Request) -> None:
        """Sign with the bearer token."""
        await self._sign_in.sign(request)

    async def renew(self) -> None:
        """Refresh the token, or sign in again."""
        await self._sign_in.renew()

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """What the first known code of an error stands for; its message may hold what was asked and is not quoted."""
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
        """Ask for one call."""
        await self._asking.request(self._calls, params={"top": "1"})

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        """The simulated PBX."""
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
        """Legs; conversations where the PBX has no call logs."""
        return await self._asking.slice(self._calls, ask, "started_at", wire.CALL_LOG, mapping.call)

    @gets(Call)
    async def call(self, wanted: Wanted) -> Page:
        """One leg with its cost."""
        if self.settings.has_call_logs:
            return _page([await self._asking.detail("/calllogs", key, wire.CALL_LOG, mapping.call) for key in wanted.keys])
        return _page([await self._whole_call(key) for key in wanted.keys])

    @gets(Call, by="session", at_most=20)
    async def calls_of_sessions(self, wanted: Wanted) -> Page:
        """The legs of many sessions."""
        return _page(await self._calls_of(wanted.keys))

    @gets(Call, by="recordings", at_most=20)
    async def calls_of_recordings(self, wanted: Wanted) -> Page:
        """The recorded legs: a key names the session and the two parties, and the leg where the recording was found by it."""
        spans = [Span.read(key) for key in wanted.keys]
        found = await self._calls_of(sorted({span.session for span in spans}))
        return _page([leg for span in spans for leg in matching.leg_of(span, found)])

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
        """Conversations."""
        return await self._asking.slice("/cdrs", ask, "started_at", wire.CDR, mapping.session)

    @gets(Session)
    async def session(self, wanted: Wanted) -> Page:
        """Each by the legs of its detail, which has no id in it; a key may be that of a recording found by its session."""
        return _page([await self._session(Span.read(key).session if is_span(key) else key, key) for key in wanted.keys])

    @lists(Queue, pages=Whole(most=MOST), filters={"number": Push.EXACT}, counts=True, detail=QUEUE_DETAIL)
    async def queues(self, ask: Ask) -> Page:
        """Call queues."""
        return await self._asking.slice("/call_queues", ask, None, wire.QUEUE, mapping.queue)

    @gets(Queue, at_most=20)
    async def queues_by_id(self, wanted: Wanted) -> Page:
        """Calls know queues by number: those come in one request, and one more for each where details are wanted."""
        numbers = [key.removeprefix(mapping.BY_NUMBER) for key in wanted.keys if key.startswith(mapping.BY_NUMBER)]
        natives = [key for key in wanted.keys if not key.startswith(mapping.BY_NUMBER)]
        known: list[Queue] = []
        if numbers:
            expression = Expression()
            expression.one_of("extension_number", numbers)
            known = await self._asking.all("/call_queues", expression, "name asc", wire.QUEUE, mapping.queue)
        if any(name in wanted.select for name in QUEUE_DETAIL):
            natives, known = [*natives, *(each.native_id for each in known)], []
        detailed = await asyncio.gather(*(self._asking.detail("/call_queues", key, wire.QUEUE, mapping.queue) for key in natives))
        return _page([*known, *detailed])

    @lists(
        Recording,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, **PARTIES},
        counts=True,
        # Samples show milliseconds; whether the PBX keeps more than it shows is not known.
        tick=timedelta(milliseconds=1),
        detail=RECORDING_DETAIL,
    )
    async def recordings(self, ask: Ask) -> Page:
        """Recordings, without the name of their file."""
        return await self._asking.slice("/recordings", ask, "started_at", wire.RECORDING, mapping.recording)

    @gets(Recording)
    async def recording(self, wanted: Wanted) -> Page:
        """One recording with its file, whose name tells the session."""
        return _page([(await self._recording(key))[0] for key in wanted.keys])

    @gets(Recording, by="call", at_most=500)
    async def recordings_of_calls(self, wanted: Wanted) -> Page:
        """What was recorded of many legs."""
        return _page([matching.of_call(each, span) for each, span in await self._matched(wanted)])

    @gets(Recording, by="session", at_most=500)
    async def recordings_of_sessions(self, wanted: Wanted) -> Page:
        """What was recorded of many sessions."""
        return _page([matching.of_session(each, span) for each, span in await self._matched(wanted)])

    @lists(
        Voicemessage,
        pages=PAGES,
        filters={"receivedAt": Push.EXACT, "isRead": Push.EXACT, "duration": Push.EXACT},
        counts=True,
        tick=MICROSECOND,
    )
    async def voicemails(self, ask: Ask) -> Page:
        """Voicemails."""
        return await self._asking.slice("/voicemails", ask, "created_at", wire.VOICEMAIL, mapping.voicemessage)

    @gets(Voicemessage)
    async def voicemail(self, wanted: Wanted) -> Page:
        """One voicemail."""
        return _page([await self._asking.detail("/voicemails", key, wire.VOICEMAIL, mapping.voicemessage) for key in wanted.keys])

    @lists(Report, pages=PAGES, filters={"createdAt": Push.EXACT}, counts=True, tick=MICROSECOND)
    async def reports(self, ask: Ask) -> Page:
        """Finished reports."""
        return await self._asking.slice("/completed_call_reports", ask, "completed_at", wire.COMPLETED_REPORT, mapping.report)

    @gets(Report)
    async def report(self, wanted: Wanted) -> Page:
        """One finished report."""
        path = "/completed_call_reports"
        return _page([await self._asking.detail(path, key, wire.COMPLETED_REPORT, mapping.report) for key in wanted.keys])

    @lists(ReportSchedule, pages=Whole(most=MOST), counts=True, detail=SCHEDULE_DETAIL)
    async def schedules(self, ask: Ask) -> Page:
        """Orders for reports."""
        return await self._asking.slice("/call_reports", ask, None, wire.CALL_REPORT, mapping.schedule)

    @gets(ReportSchedule)
    async def schedule(self, wanted: Wanted) -> Page:
        """One order for reports."""
        return _page([await self._asking.detail("/call_reports", key, wire.CALL_REPORT, mapping.schedule) for key in wanted.keys])
