"""The connection to a Voximplant account: credentials, error codes and the format of responses."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from telegraphql.plugin import (
    Answer,
    Decoder,
    Expired,
    FileHosts,
    Mapping,
    NotFound,
    Numbering,
    Page,
    Provider,
    Request,
    RowView,
    Unauthorized,
    Upstream,
    UpstreamError,
)
from telegraphql.plugins.voximplant import errors, pages, parameters
from telegraphql.plugins.voximplant.auth import ServiceAccount, Signer
from telegraphql.plugins.voximplant.mapping import Parts, sessions_with_parts
from telegraphql.plugins.voximplant.parameters import Form
from telegraphql.plugins.voximplant.session_lists import PageOrder
from telegraphql.plugins.voximplant.settings import VoximplantSettings
from telegraphql.plugins.voximplant.wire import ROWS

T = TypeVar("T")
GMT = {"timezone": "Etc/GMT"}


class VoximplantAccount(Provider):
    """The base of the provider: requests of the Management API, independent of kinds."""

    settings: VoximplantSettings

    def __init__(self, name: str, settings: VoximplantSettings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        file = settings.credentials_file
        self._signer = Signer(ServiceAccount.read(file), settings.account_id) if file else None
        self.page_order = PageOrder()
        api = urlsplit(settings.base_url)
        self._token_hosts = FileHosts([f"https://{api.netloc}" if api.scheme == "https" else api.netloc, *settings.secure_file_hosts])

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
        """Return True if the host of a file may receive this account's token."""
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

    async def rows(self, method: str, form: Form, mapping: Mapping[Any], **values: Any) -> Page:
        """Return the records of a listing's answer."""
        answer = await self.read(method, form, ROWS)
        return self.page(mapping, answer.result, total=answer.total_count, **values)

    async def sessions(self, form: Form, parts: Parts) -> Page:
        """Return sessions with the requested parts."""
        answer = await self.read("GetCallHistory", GMT | form | parameters.parts_form(parts), ROWS)
        return sessions_with_parts(answer.result, parts, self, answer.total_count)

    async def sessions_by_id(self, ids: Iterable[str], parts: Parts, filters: Form | None = None) -> Page:
        """Return the sessions with these ids, at most a thousand, in one request.

        Raises:
            NotFound: One of them does not exist, or lies outside of the account's history.
        """
        id_list = parameters.numbers(dict.fromkeys(ids))
        if not id_list:
            return pages.empty()
        form = self.whole_history() | self.child_accounts("calls") | (filters or {})
        form |= {"count": str(id_list.count(";") + 1), "with_total_count": "false", "call_session_history_id": id_list}
        return await self.sessions(form, parts)

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

    def child_accounts(self, what: str) -> Form:
        """Return the parameters that select child accounts for `what`: calls or transactions."""
        child_ids = self.settings.child_account_id
        if not child_ids:
            return {}
        ids = child_ids if isinstance(child_ids, str) else ";".join(map(str, child_ids))
        return {"child_account_id": ids, f"children_{what}_only": parameters.flag(self.settings.children_only)}
