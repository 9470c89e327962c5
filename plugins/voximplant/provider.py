"""A Voximplant account, read through the Management API (https://voximplant.com/docs/references/httpapi).

Calls, recordings and resource usages are part of sessions, so that one request serves all of them. Errors have status 200. A listing
returns at most 1,000 rows and accepts offsets up to 10,000. Only transactions name the account's currency.
"""

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
from telegraphql.plugins.voximplant import commands, media, pages, parameters
from telegraphql.plugins.voximplant.client import VoximplantAccount
from telegraphql.plugins.voximplant.errors import UnknownAccount, UnknownType
from telegraphql.plugins.voximplant.mapping import Parts, parts_of
from telegraphql.plugins.voximplant.parameters import MAX_IDS, MAX_OFFSET, MAX_ROWS, Form
from telegraphql.plugins.voximplant.session_lists import SessionSlice
from telegraphql.plugins.voximplant.settings import VoximplantSettings
from telegraphql.schema import AuditEntry, Call, Queue, QueueVisit, Recording, Report, ResourceUsage, Session, Transaction

EXACT, SUPERSET = Push.EXACT, Push.SUPERSET
PAGES = Keyset(most=MAX_ROWS, most_offset=MAX_OFFSET)
NUMBER_FILTERS = {"number": SUPERSET, "from": SUPERSET, "to": SUPERSET}
SESSION_FILTERS = dict.fromkeys(("accountId", "startedAt", "applicationId", "applicationName", "ruleName", "customData"), SUPERSET)
VISIT_FILTERS = {
    **dict.fromkeys(("queueId", "agentId", "requestId"), EXACT),
    **dict.fromkeys(("enteredAt", "outcome", "waitSeconds", "wasHungUpByAgent"), SUPERSET),
}
TRANSACTION_FILTERS = {
    **dict.fromkeys(("type", "userId", "isPending"), EXACT),
    **dict.fromkeys(("performedAt", "kind", "hasUser", "accountId"), SUPERSET),
}
AUDIT_FILTERS = {"command": EXACT, "ip": EXACT, **dict.fromkeys(("performedAt", "actorId", "relatedTo"), SUPERSET)}
ALL_ACCOUNTS = {"child_account_id": "all"}
CALLS = Parts(calls=True)
RECORDS = Parts(calls=True, records=True)
USAGES = Parts(usages=True)


class Voximplant(VoximplantAccount):
    """An account at Voximplant."""

    plugin = "voximplant"
    title = "Voximplant"
    contract_version = 1
    settings_type = VoximplantSettings
    # The upstream writes E.164 without the plus sign.
    bare_numbers_are_international = True

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        """Return the simulated Management API."""
        from telegraphql.plugins.voximplant.sandbox import VoximplantSandbox

        return VoximplantSandbox

    @lists(
        Call,
        pages=PAGES,
        filters={**SESSION_FILTERS, **NUMBER_FILTERS, "sessionId": EXACT, "userId": SUPERSET, "durationSeconds": SUPERSET},
        position_time=True,
    )
    async def calls(self, request: ListRequest) -> Page:
        """Return calls, session by session."""
        page = await self._list_sessions(request, parts_of(request.select, "call").plus(CALLS))
        return pages.of_parts(page, "calls")

    @gets(Call, at_most=MAX_IDS)
    @gets(Call, by="recordings", at_most=MAX_IDS)
    async def calls_by_id(self, request: GetRequest) -> Page:
        """Return calls by session and call id."""
        page = await self.sessions_by_id(pages.session_ids(request), parts_of(request.select, "call").plus(CALLS))
        return pages.with_keys(pages.of_parts(page, "calls"), request)

    @gets(Call, by="session", at_most=MAX_IDS)
    async def calls_of_sessions(self, request: GetRequest) -> Page:
        """Return all calls of sessions."""
        page = await self.sessions_by_id(request.keys, parts_of(request.select, "call").plus(CALLS))
        return pages.of_parts(page, "calls")

    @lists(Session, pages=PAGES, filters={**SESSION_FILTERS, "number": SUPERSET, "userId": EXACT}, counts=True)
    async def session_list(self, request: ListRequest) -> Page:
        """Return sessions."""
        return await self._list_sessions(request, parts_of(request.select, "session"))

    @gets(Session, at_most=MAX_IDS)
    async def sessions_for(self, request: GetRequest) -> Page:
        """Return sessions by id."""
        return await self.sessions_by_id(request.keys, parts_of(request.select, "session"))

    @gets(ResourceUsage, at_most=MAX_IDS)
    async def usages_by_id(self, request: GetRequest) -> Page:
        """Return resource usages by session and usage id."""
        page = await self.sessions_by_id(pages.session_ids(request), parts_of(request.select, "usage").plus(USAGES))
        return pages.with_keys(pages.of_parts(page, "resourceUsages"), request)

    @gets(ResourceUsage, by="session", at_most=MAX_IDS)
    async def usages_of_sessions(self, request: GetRequest) -> Page:
        """Return all resource usages of sessions."""
        page = await self.sessions_by_id(request.keys, parts_of(request.select, "usage").plus(USAGES))
        return pages.of_parts(page, "resourceUsages")

    @lists(Recording, pages=PAGES, filters={**NUMBER_FILTERS, "startedAt": SUPERSET}, position_time=True)
    async def recordings(self, request: ListRequest) -> Page:
        """Return recordings, session by session: the upstream has no list of them."""
        page = await self._list_sessions(request, parts_of(request.select, "recording").plus(RECORDS))
        return pages.of_parts(page, "recordings")

    @gets(Recording, at_most=MAX_IDS)
    async def recordings_by_id(self, request: GetRequest) -> Page:
        """Return recordings by session and recording id."""
        page = await self.sessions_by_id(pages.session_ids(request), parts_of(request.select, "recording").plus(RECORDS))
        return pages.with_keys(pages.of_parts(page, "recordings"), request)

    @gets(Recording, by="session", at_most=MAX_IDS)
    async def recordings_of_sessions(self, request: GetRequest) -> Page:
        """Return all recordings of sessions."""
        page = await self.sessions_by_id(request.keys, parts_of(request.select, "recording").plus(RECORDS))
        return pages.of_parts(page, "recordings")

    @gets(Recording, by="call", at_most=MAX_IDS)
    async def recordings_of_calls(self, request: GetRequest) -> Page:
        """Return the recordings of calls."""
        page = await self.sessions_by_id(pages.session_ids(request), parts_of(request.select, "recording").plus(RECORDS))
        return pages.with_keys(pages.of_parts(page, "recordings"), request, by="call")

    @lists(Queue, pages=Whole(most=100))
    async def queues(self, request: ListRequest) -> Page:
        """Return the smart queues of the configured application, or the older ACD queues."""
        return await self.queue_rows({"count": str(min(request.size, 100)), "offset": str(request.offset)})

    @gets(Queue, at_most=100)
    async def queues_by_id(self, request: GetRequest) -> Page:
        """Return queues by id. GetQueues accepts one id: several are picked from the whole list."""
        if self.settings.application_id is not None:
            ids = parameters.numbers(key.removeprefix("sq-") for key in request.keys if key.startswith("sq-"))
            return await self.queue_rows({"sq_queue_id": ids, "count": "100"}) if ids else pages.empty()
        keys = [key for key in request.keys if parameters.numbers([key])]
        if len(keys) > 1:
            return await self.find_queues(keys)
        return await self.queue_rows({"acd_queue_id": keys[0]}) if keys else pages.empty()

    @lists(QueueVisit, pages=PAGES, filters=VISIT_FILTERS, counts=True)
    async def queue_visits(self, request: ListRequest) -> Page:
        """Return visits to ACD queues. The upstream has no history of smart queues."""
        form = parameters.visit_filters(request.filter)
        return (
            pages.empty() if form is None else await self.visit_rows(form | self._window(request) | parameters.slice_form(request), request)
        )

    @gets(QueueVisit, at_most=MAX_IDS)
    async def visits_by_id(self, request: GetRequest) -> Page:
        """Return queue visits by id."""
        form = self._id_form(request, "acd_session_history_id")
        return await self.visit_rows(form, request) if form else pages.empty()

    @lists(Transaction, pages=PAGES, filters=TRANSACTION_FILTERS, counts=True)
    async def transactions(self, request: ListRequest) -> Page:
        """Return booked transactions, or those on hold."""
        form, accounts = parameters.transaction_filters(request.filter), self.accounts("transactions", request.filter.get("accountId"))
        if form is None or accounts is None:
            return pages.empty()
        form |= self._window(request) | parameters.slice_form(request) | accounts
        try:
            return await self.transaction_rows(form)
        except (UnknownType, UnknownAccount):
            # The vendor's documents list different types. The gateway applies the filters.
            form.pop("transaction_type", None)
            page = await self.transaction_rows(form | (ALL_ACCOUNTS if accounts else {}))
            page.total = None
            return page

    @gets(Transaction, at_most=MAX_IDS)
    async def transactions_by_id(self, request: GetRequest) -> Page:
        """Return transactions by id. Those that are not booked are looked up on hold."""
        form = self._id_form(request, "transaction_id")
        if form is None:
            return pages.empty()
        form |= self.accounts("transactions") or {}
        page = await self.transaction_rows(form | {"is_uncommitted": "false"})
        if page.read >= len(form["transaction_id"].split(";")):
            return page
        on_hold = await self.transaction_rows(form | {"is_uncommitted": "true"})
        return Page(records=[*page.records, *on_hold.records], read=page.read + on_hold.read, problems=page.problems + on_hold.problems)

    @lists(AuditEntry, pages=PAGES, filters=AUDIT_FILTERS, counts=True)
    async def audit_entries(self, request: ListRequest) -> Page:
        """Return entries of the audit log."""
        form = parameters.audit_filters(request.filter)
        if form is None:
            return pages.empty()
        return await self.audit_rows(
            form | self._window(request) | parameters.slice_form(request) | {"with_total_count": parameters.flag(request.count)}
        )

    @gets(AuditEntry, at_most=MAX_IDS)
    async def audit_by_id(self, request: GetRequest) -> Page:
        """Return entries of the audit log by id."""
        form = self._id_form(request, "audit_log_id")
        return await self.audit_rows(form | {"with_total_count": "true"}) if form else pages.empty()

    @lists(Report, pages=PAGES, filters={"createdAt": SUPERSET, "kind": SUPERSET, "status": SUPERSET}, counts=True)
    async def reports(self, request: ListRequest) -> Page:
        """Return history reports."""
        form = parameters.report_filters(request.filter)
        if form is None:
            return pages.empty()
        bounds = parameters.window(request.since or self.settings.history_start, request.until, ("created_from", "created_to"))
        return await self.report_rows(form | bounds | parameters.slice_form(request))

    @gets(Report)
    async def reports_by_id(self, request: GetRequest) -> Page:
        """Return a history report by id."""
        ids = parameters.numbers(request.keys)
        return await self.report_rows({"history_type": "all", "history_report_id": ids}) if ids else pages.empty()

    @files("Session.log")
    async def log(self, native_id: str) -> Download:
        """Return the log of a session's scenario."""
        return await media.log(self, native_id)

    @files("Recording.media")
    async def recording_media(self, native_id: str) -> Download:
        """Return the audio of a recording."""
        return await media.recording(self, native_id)

    @files("Recording.transcription")
    async def transcription(self, native_id: str) -> Download:
        """Return the transcription of a recording."""
        return await media.transcription(self, native_id)

    @files("Report.media")
    async def report_media(self, native_id: str) -> Download:
        """Return the file of a report."""
        page = await self.report_rows({"history_type": "all", "history_report_id": parameters.numbers([native_id]) or "0"})
        return media.report(self, page.records, native_id)

    @command("deleteRecordings", kind=Recording)
    async def delete_recordings(self, request: CommandRequest) -> CommandResult:
        """Delete recordings and their transcriptions."""
        return await commands.delete_recording(self, request)

    @command("requestReport")
    async def request_report(self, request: CommandRequest) -> CommandResult:
        """Request a report."""
        return await commands.request_report(self, request)

    async def _list_sessions(self, request: ListRequest, parts: Parts) -> Page:
        forms, accounts = parameters.session_filters(request.filter), self.accounts("calls", request.filter.get("accountId"))
        if not forms or accounts is None:
            return pages.empty()
        if "sessionId" in request.filter:
            # Of all times: the upstream does not know an id outside of the window.
            form = forms[0] if len(forms) == 1 else {}
            return pages.in_order(await self.sessions_that_exist(request.filter["sessionId"], parts, form), request.newest_first)
        numbers = parameters.number_filters(request.filter, self.numbering)

        async def send(form: Form) -> Page:
            try:
                return await self.sessions(form, parts)
            except UnknownAccount:
                page = await self.sessions(form | ALL_ACCOUNTS, parts)
                page.total = None
                return page

        read = SessionSlice(request, self.settings.history_start, self.page_evidence, send).read
        return await read([form | accounts | number for form in forms for number in numbers])

    def _window(self, request: ListRequest) -> Form:
        return parameters.window(request.since or self.settings.history_start, request.until)

    def _id_form(self, request: GetRequest, name: str) -> Form | None:
        return self.whole_history() | {name: ids, "count": str(MAX_ROWS)} if (ids := parameters.numbers(request.keys)) else None
