"""Acme: a small complete plugin that keeps every promise, for the kit's own tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from pydantic import Field, SecretStr

from telegraphql.gateway.errors import Expired, NotFound, RateLimited, Unauthorized, UpstreamError
from telegraphql.gateway.plugin.all_pages import read_all_pages
from telegraphql.gateway.plugin.columns import Column, Constant, Object
from telegraphql.gateway.plugin.file_reader import file
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.number_readers import money
from telegraphql.gateway.plugin.phone_numbers import digits, national
from telegraphql.gateway.plugin.provider import (
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    Keyset,
    Links,
    ListRequest,
    Page,
    Provider,
    Push,
    Settings,
    TimeWindowJoin,
    Whole,
    Windows,
    command,
    derives,
    files,
    gets,
    lists,
)
from telegraphql.gateway.plugin.readers import ident, party, text, word
from telegraphql.gateway.plugin.time_readers import seconds, utc
from telegraphql.gateway.upstream.client import Answer, Request
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.filters import NumberFilter
from telegraphql.schema.queue import Queue
from telegraphql.schema.recording import Recording
from telegraphql.schema.session import Session
from telegraphql.schema.transaction import Transaction
from telegraphql.schema.values import Money
from telegraphql.schema.voicemessage import Voicemessage

if TYPE_CHECKING:
    from telegraphql.gateway.plugin.sandbox import Sandbox

FORMAT = "%Y-%m-%dT%H:%M:%S"
STATUS = {"ok": CallStatus.ANSWERED, "busy": CallStatus.BUSY, "none": CallStatus.NO_ANSWER}
WORDS = {status: word for word, status in STATUS.items()} | {CallStatus.UNKNOWN: "odd"}
FILTERS = dict.fromkeys(("startedAt", "status", "durationSeconds", "sessionId"), Push.EXACT) | {"number": Push.SUPERSET}
ERRORS: dict[int, type[UpstreamError]] = {1: Unauthorized, 2: RateLimited, 3: NotFound, 4: Expired}


class Row(msgspec.Struct):
    """Any row of Acme; what a kind does not have stays empty."""

    id: str
    at: datetime | None = None
    seconds: int | None = None
    result: str | None = None
    caller: str | None = None
    callee: str | None = None
    talk: str | None = None
    call: str | None = None
    box: str | None = None
    name: str | None = None
    price: str | None = None
    recorded: bool | None = None


class Rows(msgspec.Struct):
    rows: list[msgspec.Raw] | None = None
    total: int | None = None
    next: str | None = None
    error: int = 0


ROWS = msgspec.json.Decoder(Rows)


def number(found: str | None) -> str | None:
    """A number; what holds no digit is none."""
    return found if digits(found or "") else None


def priced(price: str | None) -> Decimal | None:
    """An amount, where there is one."""
    return Decimal(price) if price else None


CALL = Mapping(
    Call,
    Row,
    native_id=ident("id"),
    status=word("result", STATUS, CallStatus.UNKNOWN),
    hangup_cause=text("result"),
    from_=party(Column(number, "caller", never_fails=True)),
    to=party(Column(number, "callee", never_fails=True)),
    started_at=utc("at"),
    duration_seconds=seconds("seconds"),
    cost=Object(Money, unless_null="amount", amount=Column(priced, "price"), currency=Constant("CHF")),
    refs={
        "session": ident("talk"),
        "recordings": Column(lambda id, recorded: id if recorded else None, "id", "recorded", never_fails=True),
    },
)
RECORDING = Mapping(
    Recording,
    Row,
    native_id=ident("id"),
    started_at=utc("at"),
    duration_seconds=seconds("seconds"),
    refs={"call": ident("call"), "session": ident("talk")},
    files={"media": file(mime_type="audio/wav")},
)
VOICEMESSAGE = Mapping(
    Voicemessage,
    Row,
    native_id=ident("id"),
    received_at=utc("at"),
    from_=party(Column(number, "caller", never_fails=True)),
    mailbox=text("box"),
)
FEE = Mapping(
    Transaction,
    Row,
    native_id=ident("id"),
    performed_at=utc("at"),
    amount=money("price", currency=Constant("CHF")),
    type=Column(lambda name: name or "fee", "name", never_fails=True),
)
QUEUE = Mapping(Queue, Row, native_id=ident("id"), name=Column(lambda name, id: name or id, "name", "id", never_fails=True))


def changed(mapping: Mapping[Any], **columns: Any) -> Mapping[Any]:
    """The same mapping with some other columns."""
    return Mapping(mapping.kind, mapping.struct, **{**mapping.columns, **columns})


class AcmeSettings(Settings):
    """An account at Acme."""

    user: str = Field(description="The user's name.")
    api_key: SecretStr = Field(description="The user's key.")


class Acme(Provider):
    """An account at Acme."""

    plugin = "acme"
    settings_type = AcmeSettings
    settings: AcmeSettings

    series = "0"

    async def authorize(self, request: Request) -> None:
        request.params |= {"user": self.settings.user, "key": self.settings.api_key.get_secret_value(), "series": self.series}

    async def renew(self) -> None:
        self.series = (await self.upstream.ask(Request(operation="GET /series", path="/series", auth=False))).body.decode()

    def refusal(self, answer: Answer) -> UpstreamError | None:
        try:
            said = ROWS.decode(answer.body)
        except msgspec.DecodeError:
            return None
        return ERRORS[said.error]("refused the request; check the settings") if said.error in ERRORS else None

    async def check(self) -> None:
        await self.rows("/queues", {"limit": "1"})

    async def rows(self, path: str, params: dict[str, str]) -> Rows:
        return await self.upstream.read(Request(operation=f"GET {path}", path=path, params=params), ROWS)

    async def fetch(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        said = await self.rows(path, params)
        return self.page(mapping, said.rows or [], total=said.total)

    async def fetch_all(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        async def read(offset: int) -> tuple[list[msgspec.Raw], int | None]:
            said = await self.rows(path, {**params, "limit": "50", "offset": str(offset), "count": "1"})
            return said.rows or [], said.total

        return self.page(mapping, await read_all_pages(read, 50))

    def slice(self, ask: ListRequest) -> dict[str, str]:
        bounds = {"since": ask.since, "until": ask.until}
        found = {name: at.astimezone(UTC).strftime(FORMAT) for name, at in bounds.items() if at}
        order = "desc" if ask.newest_first else "asc"
        return found | {"order": order, "offset": str(ask.offset), "limit": str(ask.size)} | ({"count": "1"} if ask.count else {})

    @lists(
        Call,
        pages=Keyset(most=50),
        filters=FILTERS,
        counts=True,
        detail=("cost",),
        joins={"session": TimeWindowJoin(before=timedelta(hours=1), after=timedelta(hours=1))},
    )
    async def calls(self, ask: ListRequest) -> Page:
        return await self.fetch("/calls", self.slice(ask) | self.narrowed(ask), self.call())

    def narrowed(self, ask: ListRequest) -> dict[str, str]:
        given, found = ask.filter, {}
        if "status" in given:
            found["results"] = ",".join(WORDS.get(each, "no such result") for each in given["status"])
        if "durationSeconds" in given:
            least, most = given["durationSeconds"].min, given["durationSeconds"].max
            found |= ({"least": str(least)} if least else {}) | ({"most": str(most)} if most else {})
        if "sessionId" in given:
            found["talks"] = ",".join(given["sessionId"])
        return found | self.one_number(given.get("number"))

    def one_number(self, wanted: NumberFilter | None) -> dict[str, str]:
        if wanted is None or not wanted.equals or len(wanted.equals) > 1:
            return {}
        return {"number": national(wanted.equals[0])}

    @gets(Call, at_most=10)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        return await self.fetch_all("/calls", {"ids": ",".join(wanted.keys), "prices": "1"}, self.call())

    @gets(Call, by="session", at_most=5)
    async def calls_of_talks(self, wanted: GetRequest) -> Page:
        return await self.fetch_all("/calls", {"talks": ",".join(wanted.keys)}, self.call())

    @derives(Session, of=Call, by="session", fills=("calls", "startedAt", "isDerived"))
    def session(self, parts: Sequence[Call]) -> Session:
        first = parts[0]
        talk = first.refs["session"] or first.native_id
        begun, held = first.started_at, {"calls": list(parts)}
        return Session(provider_name=self.name, native_id=talk, started_at=begun, is_derived=True, refs={"calls": talk}, held=held)

    @lists(Recording, pages=Keyset(most=50), joins={"call": TimeWindowJoin(after=timedelta(hours=1))})
    async def recordings(self, ask: ListRequest) -> Page:
        return await self.fetch("/sounds", self.slice(ask), self.recording())

    @gets(Recording)
    async def recording_by_id(self, wanted: GetRequest) -> Page:
        return await self.fetch("/sounds", {"ids": wanted.keys[0], "limit": "1"}, self.recording())

    @lists(Voicemessage, pages=Windows(), filters={"receivedAt": Push.SUPERSET, "mailbox": Push.EXACT})
    async def voicemessages(self, ask: ListRequest) -> Page:
        boxes = {"boxes": ",".join(ask.filter["mailbox"])} if "mailbox" in ask.filter else {}
        bounds = {name: text for name, text in self.slice(ask).items() if name in ("since", "until")}
        return await self.fetch("/mails", bounds | boxes, self.voicemessage())

    @lists(Transaction, pages=Links(most=50), filters={"performedAt": Push.SUPERSET})
    async def fees(self, ask: ListRequest) -> Page:
        params = {name: text for name, text in self.slice(ask).items() if name in ("since", "until", "limit")}
        said = await self.upstream.read(Request(operation="GET /fees", path="/fees", params=params, link=ask.next), ROWS)
        return self.page(self.fee(), said.rows or [], next=said.next)

    @lists(Queue, pages=Whole(most=50), filters={"name": Push.SUPERSET}, counts=True)
    async def queues(self, ask: ListRequest) -> Page:
        name = ask.filter["name"].contains if "name" in ask.filter else None
        return await self.fetch("/queues", self.slice(ask) | ({"name": name} if name else {}), self.queue())

    @files("Recording.media")
    async def sound(self, native_id: str) -> Download:
        return Download(request=Request(operation="GET /file", path="/file", params={"id": native_id}))

    @command("deleteRecordings", kind=Recording)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        await self.upstream.ask(Request(operation="DELETE /sounds", method="DELETE", path="/sounds", params={"id": order.ids[0]}))
        return CommandResult(done=list(order.ids))

    def call(self) -> Mapping[Any]:
        return CALL

    def recording(self) -> Mapping[Any]:
        return RECORDING

    def voicemessage(self) -> Mapping[Any]:
        return VOICEMESSAGE

    def fee(self) -> Mapping[Any]:
        return FEE

    def queue(self) -> Mapping[Any]:
        return QUEUE

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        from tests.gateway.conformance.acme_sandbox import AcmeSandbox

        return AcmeSandbox
