"""The connection to a Voximplant account: credentials, error codes and the format of responses."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from telegraphql.plugin import (
    Answer,
    Decoder,
    Expired,
    FileHosts,
    GetRequest,
    ListRequest,
    Mapping,
    NotFound,
    Numbering,
    Page,
    Provider,
    Request,
    RowView,
    TooLarge,
    Unauthorized,
    Upstream,
    UpstreamError,
    read_all_pages,
)
from telegraphql.plugins.voximplant import errors, mapping, pages, parameters
from telegraphql.plugins.voximplant.auth import ServiceAccount, Signer
from telegraphql.plugins.voximplant.date_ranges import has_range, read_ranges
from telegraphql.plugins.voximplant.mapping import Parts, sessions_with_parts
from telegraphql.plugins.voximplant.page_evidence import PageEvidence
from telegraphql.plugins.voximplant.parameters import MAX_ROWS, Form
from telegraphql.plugins.voximplant.settings import VoximplantSettings
from telegraphql.plugins.voximplant.wire import ROWS, ListAnswer

T = TypeVar("T")
GMT = {"timezone": "Etc/GMT"}


class VoximplantAccount(Provider):
    """The base of the provider: requests of the Management API, independent of kinds."""

    settings: VoximplantSettings

    def __init__(self, name: str, settings: VoximplantSettings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        file = settings.credentials_file
        account = ServiceAccount.read(file) if file else None
        self.account_id = settings.account_id or (account.account_id if account else "")
        self._signer = Signer(account, settings.account_id) if account else None
        self.page_evidence = PageEvidence()
        self._max_days: int | None = None
        api = urlsplit(settings.base_url)
        own = f"{api.scheme}://{api.netloc}"
        self._token_hosts = FileHosts([own, *settings.secure_file_hosts], https_only=api.scheme == "https")

    async def authorize(self, request: Request) -> None:
        """Add a signed token, or the API key as form fields, never in a URL."""
        key = self.settings.api_key
        if self._signer:
            request.headers["Authorization"] = f"Bearer {self._signer.token}"
        elif key and request.form is not None:
            request.form |= {"account_id": self.settings.account_id or "", "api_key": key.get_secret_value()}

    async def renew(self) -> None:
        """Sign a new token with the upstream's time."""
        if not self._signer:
            raise Unauthorized(errors.CREDENTIALS_MESSAGE)
        self._signer.forget()

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """Return the error in the body, whatever the HTTP status. The clock is corrected if the upstream refuses a token's time."""
        failure = errors.read_failure(answer)
        if failure is None:
            return None
        if self._signer and failure.code in errors.TOKEN_TIME_CODES:
            self._signer.set_clock(answer.headers.get("date"))
        if self._signer and failure.code == errors.AUTHORIZATION_FAILED and self._signer.is_expired:
            return Expired(errors.CLOCK_MESSAGE)
        return errors.to_error(failure, answer.headers.get("retry-after"))

    async def check(self) -> None:
        """Request one session of the last days."""
        form = {"count": "1", "with_total_count": "false", **parameters.parts_form(Parts())}
        await self.read("GetCallHistory", GMT | form | parameters.window(datetime.now(UTC), None), ROWS)

    def may_receive_token(self, url: str) -> bool:
        """Return True if the origin of a file may receive this account's token."""
        parts = urlsplit(url)
        return self._token_hosts.allow(parts.scheme, parts.netloc)

    def request(self, method: str, form: Form) -> Request:
        """Return a request of a method of the Management API, with its parameters as a form."""
        return Request(operation=method, path=f"/{method}/", method="POST", form=form)

    async def read(self, method: str, form: Form, decoder: Decoder[T]) -> T:
        """Return the decoded response of a method.

        Raises:
            MissingRole: The service account's role does not include the method; the message names the roles that do.
        """
        try:
            return await self.upstream.read(self.request(method, form), decoder)
        except errors.MissingRole as error:
            raise errors.missing_role(method, error) from None

    async def list_rows(self, method: str, form: Form) -> ListAnswer:
        """Return the rows of a listing, in several requests if the account only reads shorter date ranges."""
        while True:
            # Requests beside this one may learn it meanwhile.
            days = self._max_days if has_range(form) else None
            try:
                if days is None:
                    return await self.read(method, form, ROWS)
                return await read_ranges(lambda piece: self.read(method, piece, ROWS), form, days)
            except errors.RangeTooLong as error:
                if not has_range(form) or (days is not None and error.days >= days):
                    raise
                self._max_days = error.days
                self.upstream.set_warnings([f"the history is read in ranges of {error.days} days: set `history_start` to its beginning"])

    async def rows(self, method: str, form: Form, table: Mapping[Any], **values: Any) -> Page:
        """Return the records of a slice, or of all pages if the form has no offset."""
        if "offset" in form:
            answer = await self.list_rows(method, form)
            return self.page(table, answer.result, total=answer.total_count, **values)

        async def fetch(offset: int) -> tuple[list[msgspec.Raw], int | None]:
            answer = await self.list_rows(method, form | {"offset": str(offset)} if offset else form)
            return answer.result, answer.total_count

        return self.page(table, await read_all_pages(fetch, int(form.get("count", MAX_ROWS))), **values)

    async def queue_rows(self, form: Form) -> Page:
        """Return smart queues of the configured application, or ACD queues."""
        application = self.settings.application_id
        if application is None:
            return await self.rows("GetQueues", form, mapping.QUEUE)
        return await self.rows("SQ_GetQueues", form | {"application_id": str(application)}, mapping.SMART_QUEUE)

    async def find_queues(self, keys: Sequence[str]) -> Page:
        """Return ACD queues by id, from the whole list."""
        page = await self.queue_rows({"count": str(MAX_ROWS)})
        return Page(records=[each for each in page.records if each.native_id in keys], read=page.read, problems=page.problems)

    async def visit_rows(self, form: Form, request: ListRequest | GetRequest) -> Page:
        """Return visits to queues."""
        with_events = {"with_events": parameters.flag("events" in request.select)}
        return await self.rows("GetACDHistory", form | with_events, mapping.QUEUE_VISIT)

    async def transaction_rows(self, form: Form) -> Page:
        """Return transactions."""
        return await self.rows("GetTransactionHistory", GMT | form, mapping.TRANSACTION, is_pending=form["is_uncommitted"] == "true")

    async def audit_rows(self, form: Form) -> Page:
        """Return entries of the audit log."""
        return await self.rows("GetAuditLog", GMT | form, mapping.AUDIT_ENTRY, related_to=form.get("advanced_filters"))

    async def report_rows(self, form: Form) -> Page:
        """Return history reports."""
        return await self.rows("GetHistoryReports", form, mapping.REPORT)

    async def sessions(self, form: Form, parts: Parts) -> Page:
        """Return sessions with the requested parts."""
        answer = await self.list_rows("GetCallHistory", GMT | form | parameters.parts_form(parts))
        if len(answer.result) > MAX_ROWS:
            raise TooLarge(f"sent {len(answer.result)} sessions in one answer, where at most {MAX_ROWS} can be requested")
        return await sessions_with_parts(answer.result, parts, self, answer.total_count)

    async def sessions_by_id(self, ids: Iterable[str], parts: Parts, filters: Form | None = None) -> Page:
        """Return the sessions with these ids, at most a thousand, in one request if the upstream sends as many as it is asked for.

        Raises:
            NotFound: One of them does not exist, or lies outside of the account's history.
        """
        left, read = list(dict.fromkeys(ids)), list[Page]()
        form = self.whole_history() | (self.accounts("calls") or {}) | (filters or {})
        while id_list := parameters.numbers(left):
            wanted = {"count": str(id_list.count(";") + 1), "with_total_count": "false", "call_session_history_id": id_list}
            page = await self.sessions(form | wanted, parts)
            read.append(page)
            # Those that do not come at all are not what the filters ask for.
            found = {each.native_id for each in page.records}
            left = [each for each in left if each not in found] if found else []
        return pages.joined(read) if read else pages.empty()

    async def sessions_that_exist(self, ids: Sequence[str], parts: Parts, filters: Form) -> Page:
        """Return those of the sessions that exist. The upstream refuses a whole list for one id that it does not know."""
        try:
            return await self.sessions_by_id(ids, parts, filters)
        except NotFound:
            if len(ids) < 2:
                return pages.empty()
        middle = len(ids) // 2
        halves = (self.sessions_that_exist(half, parts, filters) for half in (ids[:middle], ids[middle:]))
        return pages.joined(await asyncio.gather(*halves))

    async def session(self, native_id: str, parts: Parts) -> RowView | None:
        """Return one session, or None."""
        return next(iter((await self.sessions_by_id([native_id], parts)).records), None)

    def whole_history(self) -> Form:
        """Return the bounds of the whole history, for requests by id."""
        return parameters.window(self.settings.history_start, None)

    def accounts(self, what: str, wanted: Sequence[str] | None = None) -> Form | None:
        """Return the parameters that select accounts for `what`, calls or transactions; None if no wanted account is configured."""
        configured, only = self.settings.child_account_id, self.settings.children_only
        children: Sequence[str] = ("all",) if configured == "all" else tuple(map(str, configured))
        if wanted is not None:
            only = only or self.account_id not in wanted
            ids = [each for each in wanted if each != self.account_id and parameters.numbers([each])]
            children = [each for each in ids if configured == "all" or each in children]
            if only and not children:
                return None
        if not children:
            return {} if wanted is None else {f"children_{what}_only": "false"}
        return {"child_account_id": ";".join(children), f"children_{what}_only": parameters.flag(only)}
