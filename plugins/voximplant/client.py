"""VoximplantAccount: the connection to one Voximplant account - credentials, refusals, and the shape of its answers."""

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
    """One account, before anything is said of kinds."""

    settings: VoximplantSettings

    def __init__(self, name: str, settings: VoximplantSettings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        file = settings.credentials_file
        self._signer = Signer(ServiceAccount.read(file), settings.account_id) if file else None
        self.page_order = PageOrder()
        api = urlsplit(settings.base_url)
        self._token_hosts = FileHosts([f"https://{api.netloc}" if api.scheme == "https" else api.netloc, *settings.secure_file_hosts])

    async def authorize(self, request: Request) -> None:
        """Sign with the key; or put the API key into the form, never into a URL."""
        key = self.settings.api_key
        if self._signer:
            request.headers["Authorization"] = f"Bearer {self._signer.token}"
        elif key and request.form is not None:
            request.form |= {"account_id": self.settings.account_id or "", "api_key": key.get_secret_value()}

    async def renew(self) -> None:
        """Sign anew, by the upstream's clock."""
        if not self._signer:
            raise Unauthorized(errors.REFUSED)
        self._signer.forget()

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """The error in the body, whatever the status; the clock is set by an answer that complains of the token's time."""
        found = errors.complaint(answer)
        if found is None:
            return None
        if self._signer and found.code in errors.OF_TIME:
            self._signer.learn(answer.headers.get("date"))
        if self._signer and found.code == errors.AUTHORIZATION_FAILED and self._signer.ran_out:
            return Expired(errors.CLOCK)
        return errors.error(found, answer.headers.get("retry-after"))

    async def check(self) -> None:
        """Ask for one session of the last days."""
        form = {"count": "1", "with_total_count": "false", **parameters.parts(Parts())}
        await self.read("GetCallHistory", GMT | form | parameters.window(datetime.now(UTC), None), ROWS)

    def is_ours(self, url: str) -> bool:
        """Return True if a file's host may be sent this account's token."""
        parts = urlsplit(url)
        return self._token_hosts.allow(parts.scheme, parts.netloc)

    def request(self, method: str, form: Form) -> Request:
        """A method of the Management API, its parameters in a form."""
        return Request(operation=method, path=f"/{method}/", method="POST", form=form)

    async def read(self, method: str, form: Form, decoder: Decoder[T]) -> T:
        """What the answer to a method says."""
        return await self.upstream.read(self.request(method, form), decoder)

    async def rows(self, method: str, form: Form, mapping: Mapping[Any], **values: Any) -> Page:
        """Return the records of a listing's answer."""
        answer = await self.read(method, form, ROWS)
        return self.page(mapping, answer.result, total=answer.total_count, **values)

    async def sessions(self, form: Form, parts: Parts) -> Page:
        """Return sessions with the parts that are asked for."""
        answer = await self.read("GetCallHistory", GMT | form | parameters.parts(parts), ROWS)
        return sessions_with_parts(answer.result, parts, self, answer.total_count)

    async def sessions_by_id(self, ids: Iterable[str], parts: Parts, filters: Form | None = None) -> Page:
        """Return the sessions with these ids, at most a thousand, in one request.

        Raises:
            NotFound: one of them is not known, or not within the account's history.
        """
        known = parameters.numbers(dict.fromkeys(ids))
        if not known:
            return pages.empty()
        count = {"count": str(known.count(";") + 1), "with_total_count": "false"}
        window = self.always() | self.children("calls")
        return await self.sessions(window | (filters or {}) | count | {"call_session_history_id": known}, parts)

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
        """Return one session."""
        return next(iter((await self.sessions_by_id([native_id], parts)).records), None)

    def always(self) -> Form:
        """The widest window, for questions by id."""
        return parameters.window(self.settings.history_start, None)

    def children(self, what: str) -> Form:
        """Whose `what` to read beside or instead of the account's own."""
        wanted = self.settings.child_account_id
        if not wanted:
            return {}
        ids = wanted if isinstance(wanted, str) else ";".join(map(str, wanted))
        return {"child_account_id": ids, f"children_{what}_only": parameters.flag(self.settings.children_only)}
