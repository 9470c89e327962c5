"""PortSIP PBX, REST API 22.x: calls, sessions, queues, recordings, voicemails and call reports of one tenant.

Reference: https://support.portsip.com/development-portsip/rest-apis. Lists are summaries; some fields cost a request per record.
Creating, changing and deleting is a POST. Files have addresses without authentication, which never leave the gateway."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from telegraphql.plugin import (
    MICROSECOND,
    Answer,
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    Keyset,
    ListRequest,
    Numbering,
    Page,
    Provider,
    Push,
    Request,
    Sandbox,
    TimeWindowJoin,
    Upstream,
    UpstreamError,
    Whole,
    command,
    files,
    gets,
    lists,
    only,
)
from telegraphql.plugins.portsip import mapping, recording_match, wire
from telegraphql.plugins.portsip.auth import PortsipSettings, SignIn
from telegraphql.plugins.portsip.client import MOST, PbxClient
from telegraphql.plugins.portsip.commands import Commands
from telegraphql.plugins.portsip.details import Details
from telegraphql.plugins.portsip.errors import refused
from telegraphql.plugins.portsip.odata import Expression
from telegraphql.plugins.portsip.recording_span import Span
from telegraphql.schema import Call, Queue, Record, Recording, Report, ReportSchedule, Session, Voicemessage

PAGES = Keyset(most=MOST)
PARTIES = {"number": Push.SUPERSET, "from": Push.SUPERSET, "to": Push.SUPERSET}
QUEUE_DETAIL = ("maxWaitSeconds", "serviceLevelSeconds", "agentCount", "createdAt")
RECORDING_DETAIL = ("durationSeconds", "sizeBytes", "fileName", "media", "session", "call", "transcription")
SCHEDULE_DETAIL = ("email", "format", "range", "from", "to", "filter")
# A session begins with its first leg, so it is looked for some time before a later one.
EARLIER = TimeWindowJoin(before=timedelta(minutes=15), after=timedelta(seconds=1))


class Portsip(Provider):
    """One tenant of a PBX."""

    plugin = "portsip"
    settings_type = PortsipSettings
    settings: PortsipSettings

    def __init__(self, name: str, settings: PortsipSettings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        self._sign_in = SignIn(settings, upstream)
        self._asking = PbxClient(self)
        self._details = Details(self, self._asking)
        self._commands = Commands(self._asking)
        self._calls = "/calllogs" if settings.has_call_logs else "/cdrs"

    async def authorize(self, request: Request) -> None:
        """Sign with the bearer token."""
        await self._sign_in.sign(request)

    async def renew(self) -> None:
        """Refresh the token, or sign in again."""
        await self._sign_in.renew()

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """What the PBX's code for an error stands for."""
        return refused(answer)

    async def check(self) -> None:
        """ListRequest for one call."""
        await self._asking.read(self._calls, wire.ANSWERED, params={"top": "1"})

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        """The simulated PBX."""
        from telegraphql.plugins.portsip.sandbox import PortsipSandbox

        return PortsipSandbox

    @lists(
        Call,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, "direction": Push.EXACT, "talkSeconds": Push.EXACT, "sessionId": Push.EXACT, **PARTIES},
        counts=True,
        time_resolution=MICROSECOND,
        detail=("cost",),
        joins={"session": TimeWindowJoin()},
    )
    async def calls(self, ask: ListRequest) -> Page:
        """Legs; conversations where the PBX has no call logs."""
        return await self._asking.slice(self._calls, ask, "started_at", wire.CALL_LOG, mapping.call)

    @gets(Call)
    async def call(self, wanted: GetRequest) -> Page:
        """One leg with its cost."""
        if self.settings.has_call_logs:
            return _page([await self._asking.detail("/calllogs", key, wire.CALL_LOG, only(mapping.call, wanted)) for key in wanted.keys])
        return _page([await self._details.call(key) for key in wanted.keys])

    @gets(Call, by="session", at_most=20)
    async def calls_of_sessions(self, wanted: GetRequest) -> Page:
        """The legs of many sessions."""
        return _page(await self._calls_of(wanted.keys, only(mapping.call, wanted)))

    @gets(Call, by="recordings", at_most=20)
    async def calls_of_recordings(self, wanted: GetRequest) -> Page:
        """The recorded legs: a key names the session and the two parties, and the leg where the recording was found by it."""
        spans = [span for key in wanted.keys if (span := Span.read(key))]
        found = await self._calls_of(sorted({span.session for span in spans})) if spans else []
        return _page([leg for span in spans for leg in recording_match.leg_of(span, found)])

    @lists(
        Session,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, "direction": Push.EXACT},
        counts=True,
        time_resolution=MICROSECOND,
        detail=("cost",),
        joins={"id": EARLIER},
    )
    async def sessions(self, ask: ListRequest) -> Page:
        """Conversations."""
        return await self._asking.slice("/cdrs", ask, "started_at", wire.CDR, mapping.session)

    @gets(Session)
    async def session(self, wanted: GetRequest) -> Page:
        """One session by the legs of its detail, with the sum of their costs."""
        return _page([await self._details.session(key) for key in wanted.keys])

    @lists(Queue, pages=Whole(most=MOST), filters={"number": Push.EXACT}, counts=True, detail=QUEUE_DETAIL, joins={"id": TimeWindowJoin()})
    async def queues(self, ask: ListRequest) -> Page:
        """Call queues."""
        return await self._asking.slice("/call_queues", ask, None, wire.QUEUE, mapping.queue)

    @gets(Queue)
    async def queue(self, wanted: GetRequest) -> Page:
        """One queue."""
        whole = any(name in wanted.select for name in QUEUE_DETAIL)
        return _page([await self._details.queue(key, whole, only(mapping.queue, wanted)) for key in wanted.keys])

    @lists(
        Recording,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, **PARTIES},
        counts=True,
        # Samples show milliseconds; whether the PBX keeps more than it shows is not known.
        time_resolution=timedelta(milliseconds=1),
        detail=RECORDING_DETAIL,
    )
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings, without the name of their file."""
        return await self._asking.slice("/recordings", ask, "started_at", wire.RECORDING, mapping.recording)

    @gets(Recording)
    async def recording(self, wanted: GetRequest) -> Page:
        """One recording with its file, whose name tells the session."""
        return _page([await self._details.recording(key) for key in wanted.keys])

    @gets(Recording, by="call", at_most=500)
    async def recordings_of_calls(self, wanted: GetRequest) -> Page:
        """What was recorded of many legs."""
        return _page([recording_match.of_call(each, span) for each, span in await self._details.matched(wanted)])

    @gets(Recording, by="session", at_most=500)
    async def recordings_of_sessions(self, wanted: GetRequest) -> Page:
        """What was recorded of many sessions."""
        return _page([recording_match.of_session(each, span) for each, span in await self._details.matched(wanted)])

    @lists(
        Voicemessage,
        pages=PAGES,
        filters={"receivedAt": Push.EXACT, "isRead": Push.EXACT, "durationSeconds": Push.EXACT},
        counts=True,
        time_resolution=MICROSECOND,
    )
    async def voicemails(self, ask: ListRequest) -> Page:
        """Voicemails."""
        return await self._asking.slice("/voicemails", ask, "created_at", wire.VOICEMAIL, mapping.voicemessage)

    @gets(Voicemessage)
    async def voicemail(self, wanted: GetRequest) -> Page:
        """One voicemail."""
        make = only(mapping.voicemessage, wanted)
        return _page([await self._asking.detail("/voicemails", key, wire.VOICEMAIL, make) for key in wanted.keys])

    @lists(Report, pages=PAGES, filters={"createdAt": Push.EXACT}, counts=True, time_resolution=MICROSECOND)
    async def reports(self, ask: ListRequest) -> Page:
        """Finished reports."""
        return await self._asking.slice("/completed_call_reports", ask, "completed_at", wire.COMPLETED_REPORT, mapping.report)

    @gets(Report)
    async def report(self, wanted: GetRequest) -> Page:
        """One finished report."""
        path, make = "/completed_call_reports", only(mapping.report, wanted)
        return _page([await self._asking.detail(path, key, wire.COMPLETED_REPORT, make) for key in wanted.keys])

    @lists(ReportSchedule, pages=Whole(most=MOST), counts=True, detail=SCHEDULE_DETAIL)
    async def schedules(self, ask: ListRequest) -> Page:
        """Orders for reports."""
        return await self._asking.slice("/call_reports", ask, None, wire.CALL_REPORT, mapping.schedule)

    @gets(ReportSchedule)
    async def schedule(self, wanted: GetRequest) -> Page:
        """One order for reports."""
        make = only(mapping.schedule, wanted)
        return _page([await self._asking.detail("/call_reports", key, wire.CALL_REPORT, make) for key in wanted.keys])

    @files("Recording.media")
    async def recording_file(self, native_id: str) -> Download:
        """The sound of a recording."""
        return await self._details.file("/recordings", native_id)

    @files("Voicemessage.media")
    async def voicemail_file(self, native_id: str) -> Download:
        """The sound of a voicemail."""
        return await self._details.file("/voicemails", native_id)

    @files("Report.media")
    async def report_file(self, native_id: str) -> Download:
        """The file of a report."""
        return await self._details.file("/completed_call_reports", native_id)

    @command("deleteRecordings", kind=Recording)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        """Delete recordings."""
        return await self._commands.destroy("/recordings", order)

    @command("deleteReports", kind=Report)
    async def delete_reports(self, order: CommandRequest) -> CommandResult:
        """Delete finished reports."""
        return await self._commands.destroy("/completed_call_reports", order)

    @command("deleteReportSchedules", kind=ReportSchedule)
    async def delete_schedules(self, order: CommandRequest) -> CommandResult:
        """Delete orders for reports."""
        return await self._commands.destroy("/call_reports", order)

    @command("createReportSchedule", kind=ReportSchedule)
    async def create_schedule(self, order: CommandRequest) -> CommandResult:
        """CommandRequest a report, once or again and again."""
        return await self._commands.create(order)

    @command("updateReportSchedule", kind=ReportSchedule, idempotent=True)
    async def update_schedule(self, order: CommandRequest) -> CommandResult:
        """Change an order for reports; what is left out stays."""
        return await self._commands.update(order)

    async def _calls_of(self, sessions: Sequence[str], make: Callable[[wire.CallLog, Provider], Call] = mapping.call) -> list[Call]:
        expression = Expression()
        expression.one_of("session_id" if self.settings.has_call_logs else "id", sessions)
        return await self._asking.all(self._calls, expression, "started_at asc", wire.CALL_LOG, make)


def _page(found: Sequence[Record | None]) -> Page:
    records = [record for record in found if record is not None]
    return Page(records=records, read=len(records))
