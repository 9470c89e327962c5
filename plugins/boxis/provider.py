"""Boxis.net: the getCDR function, version 1.0, of the API at https://api.boxis.net (knowledge base: "Get Calls History").

The PBX behind it is MiRTA, on Asterisk. The function returns the legs between two local times of the account's time zone; it has no
pages, order, filters or ids. So listings are read in windows, and a record is found again by the time inside its uniqueid. A session
is all legs with one linkedid; a conversation that moves to another PBX node gets a second linkedid there.

The PHP example of the documentation is of another function; the responses are as in its JSON example. Recordings are not offered.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from telegraphql.plugin import (
    SECOND,
    SESSION_FIELDS,
    Answer,
    BadAnswer,
    Expired,
    GetRequest,
    ListRequest,
    Page,
    Provider,
    Push,
    Request,
    TimeWindowJoin,
    TooLarge,
    Unauthorized,
    Upstream,
    UpstreamError,
    Windows,
    derives,
    gets,
    lists,
)
from telegraphql.plugins.boxis import mapping
from telegraphql.plugins.boxis.local_time import CLOCK_SLACK, local_bounds, start_in_id
from telegraphql.plugins.boxis.settings import BoxisSettings
from telegraphql.plugins.boxis.wire import HEADS, ROWS, Head, is_set
from telegraphql.schema import Call, Session

if TYPE_CHECKING:
    from telegraphql.plugin import Numbering, Sandbox

MAX_RESPONSE_BYTES = 8 * 1024 * 1024
DAY = timedelta(days=1)
LOGIN_WORDS = ("auth", "login", "user")
TimeSpan = tuple[datetime, datetime]


class Boxis(Provider):
    """A tenant at Boxis.net."""

    plugin = "boxis"
    title = "Boxis"
    contract_version = 1
    settings_type = BoxisSettings
    settings: BoxisSettings

    def __init__(self, name: str, settings: BoxisSettings, upstream: Upstream, numbering: "Numbering") -> None:
        super().__init__(name, settings, upstream, numbering)
        self.zone = ZoneInfo(settings.timezone)
        self._clock_offset = 0
        self._reported_offset: int | None = None

    async def authorize(self, request: Request) -> None:
        """Add the user, the upstream's time, and a hash of the time and the key."""
        timestamp = str(int(time.time()) + self._clock_offset)
        secret = timestamp + self.settings.user_key.get_secret_value()
        authcode = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
        signed = {"timestamp": timestamp, "username": self.settings.username, "authcode": authcode}
        request.form = {**(request.form or {}), **signed}

    async def renew(self) -> None:
        """Set the clock offset to the one that the upstream reported.

        Raises:
            Unauthorized: The upstream refused the time without reporting its own.
        """
        if self._reported_offset is None:
            raise Unauthorized("refused the request's time without reporting its own: check this machine's clock")
        self._clock_offset = self._reported_offset

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """Return the error of a result other than 1. The upstream's text is not quoted."""
        if answer.status == 429 or answer.status >= 500:
            return None
        try:
            head = HEADS.decode(answer.body)
        except msgspec.DecodeError:
            return None
        return self._refused(head, answer.status)

    def _refused(self, head: Head, status: int) -> UpstreamError | None:
        if is_set(head.timestamperror):
            self._reported_offset = _clock_offset(head)
            return Expired("refused the request's time: check this machine's clock")
        if is_set(head.result):
            return None
        if any(word in str(head.resulttxt).lower() for word in LOGIN_WORDS):
            return Unauthorized("refused the credentials: check the settings `username` and `user_key`")
        if status >= 300:
            return None
        return BadAnswer("refused the request: check the setting `tenant`, or try again later")

    async def check(self) -> None:
        """Request the calls of the last minute."""
        now = datetime.now(UTC)
        await self._between(now - CLOCK_SLACK, now)

    @lists(Call, pages=Windows(), filters={"startedAt": Push.SUPERSET}, joins={"session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """Return the legs that started between two times."""
        # Two empty bounds would mean all calls; the meaning of one empty bound is not documented.
        since, until = ask.since or self.settings.history_start, ask.until or datetime.now(UTC) + DAY
        return await self._between(since, until)

    @gets(Call, at_most=50)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """Return legs by uniqueid and sequence, found by the time inside the uniqueid."""
        return await self._calls_of_keys(wanted, lambda key: start_in_id(key.rpartition("/")[0]), lambda call: call.native_id)

    @gets(Call, by="session", at_most=10)
    async def calls_of_sessions(self, wanted: GetRequest) -> Page:
        """Return legs by linkedid, found by the time inside it."""
        return await self._calls_of_keys(wanted, start_in_id, lambda call: call.refs["session"])

    @derives(Session, of=Call, by="session", fills=(*SESSION_FIELDS, "mediaServer", "cost"))
    def session(self, parts: Sequence[Call]) -> Session:
        """Return the session of these legs, which are sorted by time."""
        return mapping.session(parts)

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        """Return the simulated upstream."""
        from telegraphql.plugins.boxis.sandbox import BoxisSandbox

        return BoxisSandbox

    async def _calls_of_keys(
        self, request: GetRequest, start_of_key: Callable[[str], datetime | None], key: Callable[[Call], str | None]
    ) -> Page:
        """Return the calls of the requested keys, from the time spans in which they can lie."""
        spans = merge_spans(span for each in request.keys if (span := self._span_of_key(start_of_key(each), request)))
        pages = await asyncio.gather(*(self._between_or_halves(*span) for span in spans), return_exceptions=True)
        page = join_pages(pages)
        keys = set(request.keys)
        # Spans are widened near a clock change: a call may be delivered twice.
        page.records = list({call.native_id: call for call in page.records if key(call) in keys}.values())
        return page

    def _span_of_key(self, started: datetime | None, request: GetRequest) -> TimeSpan | None:
        if started:
            return started - CLOCK_SLACK, started + self.session_span
        if request.since and request.until:
            return request.since - self.session_span, request.until + self.session_span
        return None

    async def _between_or_halves(self, since: datetime, until: datetime) -> Page:
        """Return all calls of a time span, in two halves if the response would be too large."""
        try:
            return await self._between(since, until)
        except TooLarge:
            if until - since <= SECOND:
                raise
        middle = since + (until - since) // 2
        return join_pages([await self._between_or_halves(since, middle), await self._between_or_halves(middle, until)])

    async def _between(self, since: datetime, until: datetime) -> Page:
        datefrom, dateto = local_bounds(since, until, self.zone)
        form = {
            "version": "1.0",
            "returntype": self.settings.return_type,
            "section": "voice",
            "action": "getCDR",
            "tenant": self.settings.tenant,
            "datefrom": datefrom,
            "dateto": dateto,
        }
        request = Request(operation="getCDR", method="POST", path="/", form=form, max_bytes=MAX_RESPONSE_BYTES)
        rows = await self.upstream.read(request, ROWS)
        return self.page(mapping.CALL, rows)


def merge_spans(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """Return the spans sorted by time, overlapping ones merged."""
    merged: list[TimeSpan] = []
    for since, until in sorted(spans):
        if merged and since <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], until)
        else:
            merged.append((since, until))
    return merged


def join_pages(pages: Iterable[Page | BaseException]) -> Page:
    """Return one page of all pages. The first failure among them is raised."""
    finished = list(pages)
    for page in finished:
        if isinstance(page, BaseException):
            raise page
    return Page.joined(page for page in finished if isinstance(page, Page))


def _clock_offset(head: Head) -> int | None:
    try:
        return int(float(str(head.timestamp))) - int(time.time())
    except (ValueError, OverflowError):
        return None
