"""PortSIP PBX, REST API 22.x: calls, sessions, queues, recordings, voicemails and call reports of one tenant.

Reference: https://support.portsip.com/development-portsip/rest-apis. Lists contain summaries; some fields need a request per record.
Creating, changing and deleting are POST requests. File URLs need no credentials and must not leave the gateway.
"""

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
)
from telegraphql.plugins.portsip import mapping, wire
from telegraphql.plugins.portsip.auth import TokenSource
from telegraphql.plugins.portsip.client import MAX_ROWS, PbxClient
from telegraphql.plugins.portsip.commands import PbxCommands
from telegraphql.plugins.portsip.details import DetailReader
from telegraphql.plugins.portsip.errors import to_error
from telegraphql.plugins.portsip.legs import LegReader
from telegraphql.plugins.portsip.probes import probe
from telegraphql.plugins.portsip.recording_reader import RecordingReader
from telegraphql.plugins.portsip.settings import PortsipSettings
from telegraphql.schema import Call, Queue, Recording, Report, ReportSchedule, Session, Voicemessage

PAGES = Keyset(most=MAX_ROWS)
PARTIES = dict.fromkeys(("number", "from", "to", "search", "name"), Push.SUPERSET)
QUEUE_DETAIL = ("maxWaitSeconds", "serviceLevelSeconds", "agentCount", "createdAt")
RECORDING_DETAIL = ("durationSeconds", "sizeBytes", "fileName", "media", "session", "call", "transcription")
SCHEDULE_DETAIL = ("email", "format", "nativeFormat", "range", "nativeRange", "from", "to", "calls", "nativeFilter")
# A session starts with its first leg: look for it some time before a later leg.
EARLIER_PARENT = TimeWindowJoin(before=timedelta(minutes=15), after=timedelta(seconds=1))


class Portsip(Provider):
    """A tenant of a PortSIP PBX."""

    plugin = "portsip"
    title = "PortSIP"
    contract_version = 1
    settings_type = PortsipSettings
    settings: PortsipSettings

    def __init__(self, name: str, settings: PortsipSettings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        self._tokens = TokenSource(settings, upstream)
        self._client = PbxClient(self)
        self._details = DetailReader(self, self._client)
        self._legs = LegReader(self, self._client, self._details)
        self._recordings = RecordingReader(self, self._client, self._details, self._legs)
        self._commands = PbxCommands(self._client)
        self._calls = "/calllogs" if settings.has_call_logs else "/cdrs"

    async def authorize(self, request: Request) -> None:
        """Add the bearer token."""
        await self._tokens.sign(request)

    async def renew(self) -> None:
        """Refresh the token, or log in again."""
        await self._tokens.renew()

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """Return the error of the PBX's error code."""
        return to_error(answer)

    async def check(self) -> None:
        """Request one call."""
        await self._client.read(self._calls, wire.LIST, params={"top": "1"})

    async def diagnose(self) -> None:
        """Try each filter."""
        await probe(self._client, self._calls)

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        """Return the simulated PBX."""
        from telegraphql.plugins.portsip.sandbox import PortsipSandbox

        return PortsipSandbox

    @lists(
        Call,
        pages=PAGES,
        filters={
            "startedAt": Push.EXACT,
            "direction": Push.EXACT,
            "talkSeconds": Push.EXACT,
            "sessionId": Push.EXACT,
            **PARTIES,
            **dict.fromkeys(("dialedNumber", "callerIdShown", "trunk", "answeredAt", "hangupCause", "sipStatusCode"), Push.SUPERSET),
        },
        counts=True,
        time_resolution=MICROSECOND,
        detail=("cost",),
        joins={"session": TimeWindowJoin()},
    )
    async def calls(self, request: ListRequest) -> Page:
        """Return legs, or whole conversations if the PBX has no call logs."""
        return await self._client.list_slice(self._calls, request, "started_at", mapping.CALL)

    @gets(Call)
    async def call(self, request: GetRequest) -> Page:
        """Return one leg with its cost."""
        (key,) = request.keys
        if self.settings.has_call_logs:
            return await self._client.detail("/calllogs", key, mapping.CALL)
        return await self._details.conversation(mapping.CALL, key)

    @gets(Call, by="session", at_most=20)
    async def calls_of_sessions(self, request: GetRequest) -> Page:
        """Return the legs of several sessions."""
        return await self._legs.of_sessions(request.keys, request.since, request.until)

    @gets(Call, by="recordings", at_most=20)
    async def calls_of_recordings(self, request: GetRequest) -> Page:
        """Return the recorded legs."""
        return await self._recordings.legs(request)

    @lists(
        Session,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, "direction": Push.EXACT},
        counts=True,
        time_resolution=MICROSECOND,
        detail=("cost",),
        joins={"id": EARLIER_PARENT},
    )
    async def sessions(self, request: ListRequest) -> Page:
        """Return sessions."""
        return await self._client.list_slice("/cdrs", request, "started_at", mapping.SESSION)

    @gets(Session)
    async def session(self, request: GetRequest) -> Page:
        """Return one session by its legs, with the sum of their costs."""
        (key,) = request.keys
        return await self._details.session(key)

    @lists(
        Queue, pages=Whole(most=MAX_ROWS), filters={"number": Push.EXACT}, counts=True, detail=QUEUE_DETAIL, joins={"id": TimeWindowJoin()}
    )
    async def queues(self, request: ListRequest) -> Page:
        """Return call queues."""
        return await self._client.list_slice("/call_queues", request, None, mapping.QUEUE)

    @gets(Queue)
    async def queue(self, request: GetRequest) -> Page:
        """Return one queue."""
        (key,) = request.keys
        return await self._details.queue(key, with_detail=any(name in request.select for name in QUEUE_DETAIL))

    @lists(
        Recording,
        pages=PAGES,
        filters={"startedAt": Push.EXACT, **PARTIES},
        counts=True,
        # Samples show milliseconds; it is unknown whether the PBX stores a finer time.
        time_resolution=timedelta(milliseconds=1),
        detail=RECORDING_DETAIL,
    )
    async def recordings(self, request: ListRequest) -> Page:
        """Return recordings, without file names."""
        return await self._client.list_slice("/recordings", request, "started_at", mapping.RECORDING, key=None)

    @gets(Recording)
    async def recording(self, request: GetRequest) -> Page:
        """Return one recording with its file, whose name contains the session id."""
        (key,) = request.keys
        return await self._details.recording(key)

    @gets(Recording, by="call", at_most=500)
    async def recordings_of_calls(self, request: GetRequest) -> Page:
        """Return the recordings of several legs."""
        return await self._recordings.of_calls(request)

    @gets(Recording, by="session", at_most=500)
    async def recordings_of_sessions(self, request: GetRequest) -> Page:
        """Return the recordings of several sessions."""
        return await self._recordings.of_sessions(request)

    @lists(
        Voicemessage,
        pages=PAGES,
        filters={"receivedAt": Push.EXACT, "isRead": Push.EXACT, "durationSeconds": Push.EXACT},
        counts=True,
        time_resolution=MICROSECOND,
    )
    async def voicemails(self, request: ListRequest) -> Page:
        """Return voicemails."""
        return await self._client.list_slice("/voicemails", request, "created_at", mapping.VOICEMESSAGE)

    @gets(Voicemessage)
    async def voicemail(self, request: GetRequest) -> Page:
        """Return one voicemail."""
        (key,) = request.keys
        return await self._client.detail("/voicemails", key, mapping.VOICEMESSAGE)

    @lists(Report, pages=PAGES, filters={"createdAt": Push.EXACT}, counts=True, time_resolution=MICROSECOND)
    async def reports(self, request: ListRequest) -> Page:
        """Return finished reports."""
        return await self._client.list_slice("/completed_call_reports", request, "completed_at", mapping.REPORT)

    @gets(Report)
    async def report(self, request: GetRequest) -> Page:
        """Return one finished report."""
        (key,) = request.keys
        return await self._client.detail("/completed_call_reports", key, mapping.REPORT)

    @lists(ReportSchedule, pages=Whole(most=MAX_ROWS), counts=True, detail=SCHEDULE_DETAIL)
    async def schedules(self, request: ListRequest) -> Page:
        """Return report schedules."""
        return await self._client.list_slice("/call_reports", request, None, mapping.SCHEDULE)

    @gets(ReportSchedule)
    async def schedule(self, request: GetRequest) -> Page:
        """Return one report schedule."""
        (key,) = request.keys
        return await self._client.detail("/call_reports", key, mapping.SCHEDULE)

    @files("Recording.media")
    async def recording_file(self, native_id: str) -> Download:
        """Return the audio of a recording."""
        return await self._details.file("/recordings", native_id)

    @files("Voicemessage.media")
    async def voicemail_file(self, native_id: str) -> Download:
        """Return the audio of a voicemail."""
        return await self._details.file("/voicemails", native_id)

    @files("Report.media")
    async def report_file(self, native_id: str) -> Download:
        """Return the file of a report."""
        return await self._details.file("/completed_call_reports", native_id)

    @command("deleteRecordings", kind=Recording)
    async def delete_recordings(self, request: CommandRequest) -> CommandResult:
        """Delete recordings."""
        return await self._commands.delete("/recordings", request)

    @command("deleteReports", kind=Report)
    async def delete_reports(self, request: CommandRequest) -> CommandResult:
        """Delete finished reports."""
        return await self._commands.delete("/completed_call_reports", request)

    @command("deleteReportSchedules", kind=ReportSchedule)
    async def delete_schedules(self, request: CommandRequest) -> CommandResult:
        """Delete report schedules."""
        return await self._commands.delete("/call_reports", request)

    @command("createReportSchedule", kind=ReportSchedule)
    async def create_schedule(self, request: CommandRequest) -> CommandResult:
        """Create a schedule for one report or for recurring ones."""
        return await self._commands.create_schedule(request)

    @command("updateReportSchedule", kind=ReportSchedule, idempotent=True)
    async def update_schedule(self, request: CommandRequest) -> CommandResult:
        """Update a report schedule. Omitted values stay."""
        return await self._commands.update_schedule(request)
