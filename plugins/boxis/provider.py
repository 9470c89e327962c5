"""Boxis.net: the getCDR function, version 1.0, of the API at https://api.boxis.net (its knowledgebase: "Get Calls History").

The PBX behind it is MiRTA, on Asterisk. One function gives the legs between two wall times of the account's zone, and
nothing else: no pages, no order, no filter, no ids. So listings are windows, and a record is found again by the moment inside its
uniqueid. Sessions are legs with one linkedid; a conversation that moves to another PBX node gets a second one there.
The PHP example of the documents is of another function; the answers are as in its JSON example. Recordings are not offered."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import msgspec
from pydantic import Field, SecretStr, ValidationInfo, field_validator

from telegraphql.plugin import (
    SECOND,
    Answer,
    BadAnswer,
    Expired,
    GetRequest,
    ListRequest,
    Page,
    Provider,
    Push,
    Request,
    Settings,
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
from telegraphql.plugins.boxis.local_time import SLACK, bounds, epoch
from telegraphql.plugins.boxis.wire import HEADS, ROWS, Head, is_set
from telegraphql.schema import Call, Session

if TYPE_CHECKING:
    from telegraphql.plugin import Numbering, Sandbox

MOST_BYTES = 8 * 1024 * 1024
DAY = timedelta(days=1)
LOGIN_WORDS = ("auth", "login", "user")
Span = tuple[datetime, datetime]


class BoxisSettings(Settings):
    """A tenant of an account at Boxis.net."""

    base_url: str = Field(default="https://api.boxis.net", description="Where the upstream is.")
    username: str = Field(description="The e-mail address of the API user.")
    user_key: SecretStr = Field(description="The API key of that user; only a hash of it is sent.")
    tenant: str = Field(description="The tenant whose calls are read, such as VOICE-12001-1.")
    return_type: Literal["json", "xml"] = Field(default="json", description="The format to ask answers in.")
    timezone: str = Field(default="Europe/Zurich", description="IANA name of the zone whose wall times the upstream writes.")
    region: str | None = Field(default="CH", description="ISO 3166 country whose national numbers the upstream writes.")
    history_start: datetime = Field(
        default=datetime(2000, 1, 1, tzinfo=UTC), description="No call is older than this date or moment; where lists end."
    )

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("timezone is not an IANA name such as Europe/Zurich") from None
        return name

    @field_validator("history_start")
    @classmethod
    def _is_a_moment(cls, start: datetime, info: ValidationInfo) -> datetime:
        local = start if start.tzinfo else start.replace(tzinfo=ZoneInfo(info.data.get("timezone", "UTC")))
        return local.astimezone(UTC)


class Boxis(Provider):
    """A tenant at Boxis.net."""

    plugin = "boxis"
    settings_type = BoxisSettings
    settings: BoxisSettings

    def __init__(self, name: str, settings: BoxisSettings, upstream: Upstream, numbering: "Numbering") -> None:
        super().__init__(name, settings, upstream, numbering)
        self.zone = ZoneInfo(settings.timezone)
        self._offset = 0
        self._told_offset: int | None = None

    async def authorize(self, request: Request) -> None:
        """Add the user and a hash of the server's time and the key."""
        timestamp = str(int(time.time()) + self._offset)
        secret = timestamp + self.settings.user_key.get_secret_value()
        authcode = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
        signed = {"timestamp": timestamp, "username": self.settings.username, "authcode": authcode}
        request.form = {**(request.form or {}), **signed}

    async def renew(self) -> None:
        """Set the clock as the upstream told it with its refusal."""
        if self._told_offset is None:
            raise Unauthorized("refused our clock without telling its own; set this machine's clock")
        self._offset = self._told_offset

    def refusal(self, answer: Answer) -> UpstreamError | None:
        """What a result other than 1 stands for; its text is never quoted."""
        if answer.status == 429 or answer.status >= 500:
            return None
        try:
            head = HEADS.decode(answer.body)
        except msgspec.DecodeError:
            return None
        return self._refused(head, answer.status)

    def _refused(self, head: Head, status: int) -> UpstreamError | None:
        if is_set(head.timestamperror):
            self._told_offset = _offset(head)
            return Expired("refused our clock; set this machine's clock")
        if is_set(head.result):
            return None
        if any(word in str(head.resulttxt).lower() for word in LOGIN_WORDS):
            return Unauthorized("refused the credentials; check `username` and `user_key` of this provider")
        if status >= 300:
            return None
        return BadAnswer("refused the request; check `tenant` of this provider, or try again later")

    async def check(self) -> None:
        """ListRequest for the last minute."""
        now = datetime.now(UTC)
        await self._between(now - SLACK, now)

    @lists(Call, pages=Windows(), filters={"startedAt": Push.SUPERSET}, joins={"session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """The legs that began between two moments."""
        # Both bounds empty would mean everything; what one empty bound means is not documented.
        since, until = ask.since or self.settings.history_start, ask.until or datetime.now(UTC) + DAY
        return await self._between(since, until)

    @gets(Call, at_most=50)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """Legs by uniqueid and sequence, found by the moment inside the uniqueid."""
        return await self._found(wanted, lambda key: epoch(key.rpartition("/")[0]), lambda call: call.native_id)

    @gets(Call, by="session", at_most=10)
    async def calls_of_sessions(self, wanted: GetRequest) -> Page:
        """Legs by linkedid, found by the moment inside it."""
        return await self._found(wanted, epoch, lambda call: call.refs["session"])

    @derives(Session, of=Call, by="session")
    def session(self, parts: Sequence[Call]) -> Session:
        """The conversation of these legs, which are given in order of time."""
        return mapping.session(parts, self)

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        """The simulated upstream."""
        from telegraphql.plugins.boxis.sandbox import BoxisSandbox

        return BoxisSandbox

    async def _found(self, wanted: GetRequest, opened: Callable[[str], datetime | None], key: Callable[[Call], str | None]) -> Page:
        """The wanted calls, from the windows in which they can stand."""
        spans = merged(span for each in wanted.keys if (span := self._span(opened(each), wanted)))
        pages = await asyncio.gather(*(self._halved(*span) for span in spans), return_exceptions=True)
        whole = joined(pages)
        keys = set(wanted.keys)
        # Near a change of the clock windows are widened, so that one call may come twice.
        whole.records = list({call.native_id: call for call in whole.records if key(call) in keys}.values())
        return whole

    def _span(self, opened: datetime | None, wanted: GetRequest) -> Span | None:
        if opened:
            return opened - SLACK, opened + self.session_span
        if wanted.since and wanted.until:
            return wanted.since - self.session_span, wanted.until + self.session_span
        return None

    async def _halved(self, since: datetime, until: datetime) -> Page:
        """All calls of a window, in two halves where the answer would be too long."""
        try:
            return await self._between(since, until)
        except TooLarge:
            if until - since <= SECOND:
                raise
        middle = since + (until - since) // 2
        return joined([await self._halved(since, middle), await self._halved(middle, until)])

    async def _between(self, since: datetime, until: datetime) -> Page:
        datefrom, dateto = bounds(since, until, self.zone)
        form = {
            "version": "1.0",
            "returntype": self.settings.return_type,
            "section": "voice",
            "action": "getCDR",
            "tenant": self.settings.tenant,
            "datefrom": datefrom,
            "dateto": dateto,
        }
        request = Request(operation="getCDR", method="POST", path="/", form=form, max_bytes=MOST_BYTES)
        rows = await self.upstream.read(request, ROWS)
        return self.page(mapping.CALL, rows)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order of time, those that overlap made one."""
    whole: list[Span] = []
    for since, until in sorted(spans):
        if whole and since <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], until)
        else:
            whole.append((since, until))
    return whole


def joined(pages: Iterable[Page | BaseException]) -> Page:
    """The pages as one; the first failure among them is raised."""
    whole = Page(records=[], read=0)
    for page in pages:
        if isinstance(page, BaseException):
            raise page
        whole.records += page.records
        whole.read += page.read
        whole.problems += page.problems
    return whole


def _offset(head: Head) -> int | None:
    try:
        return int(float(str(head.timestamp))) - int(time.time())
    except (ValueError, OverflowError):
        return None
