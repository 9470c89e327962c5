"""Provider: a Voximplant account, read through the Management API (https://voximplant.com/docs/references/httpapi).

Calls come inside sessions only, and so do recordings and resource usages: one request serves all of them. Refusals come with status 200.
A listing gives at most 1,000 rows and takes offsets up to 10,000. The account's currency is named with transactions only."""

from telegraphql.plugin import (
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    Keyset,
    ListRequest,
    Page,
    Push,
    Sandbox,
    Whole,
    command,
    files,
    gets,
    lists,
)
from telegraphql.plugins.voximplant import commands, mapping, media, pages, parameters
from telegraphql.plugins.voximplant.client import GMT, VoximplantAccount
from telegraphql.plugins.voximplant.errors import UnknownType
from telegraphql.plugins.voximplant.mapping import Parts, parts_of
from telegraphql.plugins.voximplant.parameters import MOST_IDS, MOST_OFFSET, MOST_ROWS, Form
from telegraphql.plugins.voximplant.session_lists import SessionSlice
from telegraphql.plugins.voximplant.settings import VoximplantSettings
from telegraphql.schema import AuditEntry, Call, Queue, QueueVisit, Recording, Report, ResourceUsage, Session, Transaction

EXACT, SUPERSET = Push.EXACT, Push.SUPERSET
PAGES = Keyset(most=MOST_ROWS, most_offset=MOST_OFFSET)
# One application, one custom text, and a rule only beside an application can be asked for; the engine applies the rest.
NUMBERS = {"number": SUPERSET, "from": SUPERSET, "to": SUPERSET}
OF_SESSIONS = {"applicationName": SUPERSET, "ruleName": SUPERSET, "customData": SUPERSET, "startedAt": SUPERSET}
CALLS = Parts(calls=True)
RECORDS = Parts(calls=True, records=True)
USAGES = Parts(usages=True)


class Voximplant(VoximplantAccount):
    """A configured account at Voximplant."""

    plugin = "voximplant"
    settings_type = VoximplantSettings
    # Numbers are E.164 without the plus sign.
    bare_numbers_are_international = True

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        """The simulated Management API."""
        from telegraphql.plugins.voximplant.sandbox import VoximplantSandbox

        return VoximplantSandbox

    @lists(
        Call,
        pages=PAGES,
        filters={**OF_SESSIONS, **NUMBERS, "sessionId": EXACT, "userId": SUPERSET, "durationSeconds": SUPERSET},
        position_time=True,
    )
    async def calls(self, ask: ListRequest) -> Page:
        """Legs, session by session."""
        page = await self._session_slice(ask, parts_of(ask.select, "call").plus(CALLS))
        return pages.of_parts(page, "calls")

    @gets(Call, at_most=MOST_IDS)
    @gets(Call, by="recordings", at_most=MOST_IDS)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """Legs by session and id."""
        page = await self.sessions_by_id(pages.sessions_in(wanted), parts_of(wanted.select, "call").plus(CALLS))
        return pages.only(pages.of_parts(page, "calls"), wanted)

    @gets(Call, by="session", at_most=MOST_IDS)
    async def calls_of_sessions(self, wanted: GetRequest) -> Page:
        """All legs of sessions."""
        page = await self.sessions_by_id(wanted.keys, parts_of(wanted.select, "call").plus(CALLS))
        return pages.of_parts(page, "calls")

    @lists(Session, pages=PAGES, filters={**OF_SESSIONS, "userId": EXACT}, counts=True)
    async def session_list(self, ask: ListRequest) -> Page:
        """Sessions."""
        return await self._session_slice(ask, parts_of(ask.select, "session"))

    @gets(Session, at_most=MOST_IDS)
    async def sessions_for(self, wanted: GetRequest) -> Page:
        """Sessions by id."""
        return await self.sessions_by_id(wanted.keys, parts_of(wanted.select, "session"))

    @gets(ResourceUsage, at_most=MOST_IDS)
    async def usages_by_id(self, wanted: GetRequest) -> Page:
        """Resource usages by session and id."""
        page = await self.sessions_by_id(pages.sessions_in(wanted), parts_of(wanted.select, "usage").plus(USAGES))
        return pages.only(pages.of_parts(page, "resourceUsages"), wanted)

    @gets(ResourceUsage, by="session", at_most=MOST_IDS)
    async def usages_of_sessions(self, wanted: GetRequest) -> Page:
        """All resource usages of sessions."""
        page = await self.sessions_by_id(wanted.keys, parts_of(wanted.select, "usage").plus(USAGES))
        return pages.of_parts(page, "resourceUsages")

    @lists(Recording, pages=PAGES, filters={**NUMBERS, "startedAt": SUPERSET}, position_time=True)
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings, session by session: the upstream has no list of them."""
        page = await self._session_slice(ask, parts_of(ask.select, "recording").plus(RECORDS))
        return pages.of_parts(page, "recordings")

    @gets(Recording, at_most=MOST_IDS)
    async def recordings_by_id(self, wanted: GetRequest) -> Page:
        """Recordings by session and id."""
        page = await self.sessions_by_id(pages.sessions_in(wanted), parts_of(wanted.select, "recording").plus(RECORDS))
        return pages.only(pages.of_parts(page, "recordings"), wanted)

    @gets(Recording, by="session", at_most=MOST_IDS)
    async def recordings_of_sessions(self, wanted: GetRequest) -> Page:
        """All recordings of sessions."""
        page = await self.sessions_by_id(wanted.keys, parts_of(wanted.select, "recording").plus(RECORDS))
        return pages.of_parts(page, "recordings")

    @gets(Recording, by="call", at_most=MOST_IDS)
    async def recordings_of_calls(self, wanted: GetRequest) -> Page:
        """The recordings of legs."""
        page = await self.sessions_by_id(pages.sessions_in(wanted), parts_of(wanted.select, "recording").plus(RECORDS))
        return pages.only(pages.of_parts(page, "recordings"), wanted, by="call")

    @lists(Queue, pages=Whole(most=100))
    async def queues(self, ask: ListRequest) -> Page:
        """Queues: the smart ones of an application where one is configured, else the older ones."""
        return await self._queues({"count": str(min(ask.size, 100)), "offset": str(ask.offset)})

    @gets(Queue, at_most=100)
    async def queues_by_id(self, wanted: GetRequest) -> Page:
        """Queues by id. GetQueues takes one id, so many are picked from the list, and from single answers where that is longer."""
        if self.settings.application_id is not None:
            ids = parameters.numbers(key.removeprefix("sq-") for key in wanted.keys if key.startswith("sq-"))
            return await self._queues({"sq_queue_id": ids, "count": "100"}) if ids else pages.empty()
        keys = [key for key in wanted.keys if parameters.numbers([key])]
        if len(keys) > 1:
            return await self._queues_picked(keys)
        return await self._queues({"acd_queue_id": keys[0]}) if keys else pages.empty()

    @lists(
        QueueVisit,
        pages=PAGES,
        filters={"enteredAt": SUPERSET, "queueId": EXACT, "userId": EXACT},
        counts=True,
    )
    async def queue_visits(self, ask: ListRequest) -> Page:
        """Visits to the older queues; the upstream keeps none of the smart ones."""
        form = parameters.of_visits(ask.filter)
        return pages.empty() if form is None else await self._visits(form | self._window(ask) | parameters.slice_of(ask), ask)

    @gets(QueueVisit, at_most=MOST_IDS)
    async def visits_by_id(self, wanted: GetRequest) -> Page:
        """Visits by id."""
        form = self._ids(wanted, "acd_session_history_id")
        return await self._visits(form, wanted) if form else pages.empty()

    @lists(
        Transaction,
        pages=PAGES,
        filters={"performedAt": SUPERSET, "type": EXACT, "kind": SUPERSET, "userId": EXACT, "isPending": EXACT},
        counts=True,
    )
    async def transactions(self, ask: ListRequest) -> Page:
        """Movements of money: the booked ones, or those on hold."""
        form = parameters.of_transactions(ask.filter)
        if form is None:
            return pages.empty()
        form |= self._window(ask) | parameters.slice_of(ask)
        try:
            return await self._transactions(form)
        except UnknownType:
            # The lists of types differ between the vendor's sources: then the engine filters alone.
            page = await self._transactions({name: value for name, value in form.items() if name != "transaction_type"})
            page.total = None
            return page

    @gets(Transaction, at_most=MOST_IDS)
    async def transactions_by_id(self, wanted: GetRequest) -> Page:
        """Movements of money by id; those not among the booked ones are looked for on hold."""
        form = self._ids(wanted, "transaction_id")
        if form is None:
            return pages.empty()
        page = await self._transactions(form | {"is_uncommitted": "false"})
        if page.read >= len(form["transaction_id"].split(";")):
            return page
        held = await self._transactions(form | {"is_uncommitted": "true"})
        return Page(records=[*page.records, *held.records], read=page.read + held.read, problems=page.problems + held.problems)

    @lists(AuditEntry, pages=PAGES, filters={"performedAt": SUPERSET, "command": EXACT, "ip": EXACT}, counts=True)
    async def audit_entries(self, ask: ListRequest) -> Page:
        """Changes of the account."""
        form = parameters.of_audit(ask.filter)
        if form is None:
            return pages.empty()
        return await self._audit(form | self._window(ask) | parameters.slice_of(ask) | {"with_total_count": parameters.flag(ask.count)})

    @gets(AuditEntry, at_most=MOST_IDS)
    async def audit_by_id(self, wanted: GetRequest) -> Page:
        """Changes of the account by id."""
        form = self._ids(wanted, "audit_log_id")
        return await self._audit(form) if form else pages.empty()

    @lists(Report, pages=PAGES, filters={"createdAt": SUPERSET, "kind": SUPERSET}, counts=True)
    async def reports(self, ask: ListRequest) -> Page:
        """History reports."""
        form = parameters.of_reports(ask.filter)
        if form is None:
            return pages.empty()
        bounds = parameters.window(ask.since or self.settings.history_start, ask.until, ("created_from", "created_to"))
        return await self._reports(form | bounds | parameters.slice_of(ask))

    @gets(Report)
    async def reports_by_id(self, wanted: GetRequest) -> Page:
        """A history report by id."""
        ids = parameters.numbers(wanted.keys)
        return await self._reports({"history_type": "all", "history_report_id": ids}) if ids else pages.empty()

    @files("Session.log")
    async def log(self, native_id: str) -> Download:
        """The log of a session's scenario."""
        return await media.log(self, native_id)

    @files("Recording.media")
    async def recording_media(self, native_id: str) -> Download:
        """The sound of a recording."""
        return await media.recording(self, native_id)

    @files("Recording.transcription")
    async def transcription(self, native_id: str) -> Download:
        """The words of a recording."""
        return await media.transcription(self, native_id)

    @files("Report.media")
    async def report_media(self, native_id: str) -> Download:
        """The file of a report."""
        page = await self._reports({"history_type": "all", "history_report_id": parameters.numbers([native_id]) or "0"})
        return media.report(self, page.records, native_id)

    @command("deleteRecordings", kind=Recording)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        """Delete recordings and their transcriptions."""
        return await commands.delete_recordings(self, order)

    @command("requestReport")
    async def request_report(self, order: CommandRequest) -> CommandResult:
        """Have a report made."""
        return await commands.request_report(self, order)

    async def _session_slice(self, ask: ListRequest, parts: Parts) -> Page:
        form, ids = parameters.of_sessions(ask.filter), ask.filter.get("sessionId")
        if form is None:
            return pages.empty()
        if ids is not None:
            # Of all times: the upstream does not know an id outside of the window.
            return pages.in_order(await self.sessions_that_exist(ids, parts, form), ask.newest_first)
        form |= self.children("calls")
        questions = [form | numbers for numbers in parameters.of_numbers(ask.filter, self.numbering)]

        async def send(question: Form) -> Page:
            return await self.sessions(question, parts)

        return await SessionSlice(ask, self.settings.history_start, self.page_order, send).read(questions)

    async def _queues(self, form: Form) -> Page:
        application = self.settings.application_id
        if application is None:
            return await self.rows("GetQueues", form, mapping.QUEUE)
        return await self.rows("SQ_GetQueues", form | {"application_id": str(application)}, mapping.SMART_QUEUE)

    async def _queues_picked(self, keys: list[str]) -> Page:
        page = await self._queues({"count": str(MOST_ROWS)})
        picked = [each for each in page.records if each.native_id in keys]
        found = {each.native_id for each in picked}
        if page.read >= MOST_ROWS:
            for key in keys:
                picked += [] if key in found else (await self._queues({"acd_queue_id": key})).records
        return Page(records=picked, read=page.read, problems=page.problems)

    async def _visits(self, form: Form, asked: ListRequest | GetRequest) -> Page:
        with_events = {"with_events": parameters.flag("events" in asked.select)}
        return await self.rows("GetACDHistory", form | with_events, mapping.QUEUE_VISIT)

    async def _transactions(self, form: Form) -> Page:
        whole = GMT | self.children("transactions") | form
        return await self.rows("GetTransactionHistory", whole, mapping.TRANSACTION, is_pending=form["is_uncommitted"] == "true")

    async def _audit(self, form: Form) -> Page:
        return await self.rows("GetAuditLog", GMT | form, mapping.AUDIT_ENTRY)

    async def _reports(self, form: Form) -> Page:
        return await self.rows("GetHistoryReports", form, mapping.REPORT)

    def _window(self, ask: ListRequest) -> Form:
        return parameters.window(ask.since or self.settings.history_start, ask.until)

    def _ids(self, wanted: GetRequest, name: str) -> Form | None:
        ids = parameters.numbers(wanted.keys)
        return self.always() | {name: ids, "count": str(MOST_ROWS)} if ids else None
