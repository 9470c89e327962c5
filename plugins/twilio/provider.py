"""Twilio: the REST API of version 2010-04-01, as the vendor's OpenAPI document describes it.

A call is one leg of a conversation. Its list is sorted by creation, newest first, and each page names the next one. Sessions are grouped by
the parent leg, which dialed the others; the recordings of a conversation are those of its parent leg.

The usage of an account has one row for each day and category. Since categories contain each other, only the daily total is a transaction.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from telegraphql.plugin import (
    SESSION_FIELDS,
    Basic,
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    Links,
    ListRequest,
    Mapping,
    NotFound,
    Page,
    Provider,
    Push,
    Request,
    TimeWindowJoin,
    Whole,
    command,
    derives,
    files,
    gets,
    lists,
    read_all_links,
)
from telegraphql.plugins.twilio import mapping, wire
from telegraphql.plugins.twilio.parameters import date_bounds, party_filters, status_filter, time_bounds
from telegraphql.plugins.twilio.settings import TwilioSettings
from telegraphql.schema import Attachment, Call, Message, Note, Queue, Recording, Session, Transaction

if TYPE_CHECKING:
    from telegraphql.plugin import ListDecoder, Sandbox

MOST = 1000
FIRST = datetime(2008, 1, 1, tzinfo=UTC)  # the company's first year
# Lists are sorted by creation and filtered by start: a call waits in the upstream's queue, a message until it is sent.
PAGES = Links(most=MOST, span=timedelta(minutes=10), floor=FIRST)
DAYS = Links(most=MOST, granularity=timedelta(days=1), start=timedelta(days=60), floor=FIRST)
TOTAL = {"Category": "totalprice", "IncludeSubaccounts": "false"}
DAILY = "Usage/Records/Daily"


class Twilio(Provider):
    """An account at Twilio."""

    plugin = "twilio"
    title = "Twilio"
    contract_version = 1
    settings_type = TwilioSettings
    settings: TwilioSettings
    authentication = Basic("username", "password")

    async def check(self) -> None:
        """Request one queue."""
        await self._read("Queues", wire.QUEUES, {"PageSize": "1"})

    @lists(
        Call,
        pages=PAGES,
        filters=dict.fromkeys(("startedAt", "status", "from", "to"), Push.SUPERSET),
        joins={"session": TimeWindowJoin()},
    )
    async def calls(self, request: ListRequest) -> Page:
        """Return legs."""
        filters = status_filter(request) | party_filters(request, self.settings.bare_numbers)
        answer = await self._list("Calls", wire.CALLS, request, time_bounds(request, "StartTime") | filters)
        return self.page(mapping.CALL, answer.calls, next=answer.next_page_uri)

    @gets(Call)
    async def call(self, request: GetRequest) -> Page:
        """Return a leg."""
        return await self._one("Calls", mapping.CALL, request.keys[0])

    @gets(Call, by="session")
    async def legs(self, request: GetRequest) -> Page:
        """Return the parent leg of a conversation, and the legs that it dialed."""
        (key,) = request.keys
        rows = await self._all("Calls", wire.CALLS, {"ParentCallSid": key})
        dialed = self.page(mapping.CALL, rows)
        try:
            return Page.joined([await self._one("Calls", mapping.CALL, key), dialed])
        except NotFound:
            return dialed

    @derives(Session, of=Call, by="session", fills=(*SESSION_FIELDS, "recordings", "accountId", "cost"))
    def session(self, parts: Sequence[Call]) -> Session:
        """Return the session of these legs."""
        return mapping.session(parts)

    @gets(Note, by="call")
    async def notifications(self, request: GetRequest) -> Page:
        """Return what the upstream has logged about a leg: errors and warnings."""
        return self.page(mapping.NOTIFICATION, await self._all("Calls/{}/Notifications", wire.NOTIFICATIONS, {}, request.keys[0]))

    @lists(Recording, pages=PAGES, filters={"startedAt": Push.SUPERSET}, joins={"call": TimeWindowJoin(), "session": TimeWindowJoin()})
    async def recordings(self, request: ListRequest) -> Page:
        """Return recordings."""
        answer = await self._list("Recordings", wire.RECORDINGS, request, time_bounds(request, "DateCreated"))
        return self.page(mapping.RECORDING, answer.recordings, next=answer.next_page_uri)

    @gets(Recording)
    async def recording(self, request: GetRequest) -> Page:
        """Return a recording."""
        return await self._one("Recordings", mapping.RECORDING, request.keys[0])

    @gets(Recording, by="call")
    @gets(Recording, by="session")
    async def recordings_of_call(self, request: GetRequest) -> Page:
        """Return the recordings of a leg; those of a conversation belong to its parent leg."""
        return self.page(mapping.RECORDING, await self._all("Recordings", wire.RECORDINGS, {"CallSid": request.keys[0]}))

    @lists(Message, pages=PAGES, filters=dict.fromkeys(("sentAt", "from", "to"), Push.SUPERSET))
    async def messages(self, request: ListRequest) -> Page:
        """Return messages."""
        filters = party_filters(request, self.settings.bare_numbers)
        answer = await self._list("Messages", wire.MESSAGES, request, time_bounds(request, "DateSent") | filters)
        return self.page(mapping.MESSAGE, answer.messages, next=answer.next_page_uri)

    @gets(Message)
    async def message(self, request: GetRequest) -> Page:
        """Return a message."""
        return await self._one("Messages", mapping.MESSAGE, request.keys[0])

    @gets(Attachment, by="message")
    async def attachments(self, request: GetRequest) -> Page:
        """Return the files of a message."""
        return self.page(mapping.ATTACHMENT, await self._all("Messages/{}/Media", wire.MEDIA, {}, request.keys[0]))

    @gets(Attachment)
    async def attachment(self, request: GetRequest) -> Page:
        """Return a file of a message."""
        message, _, own = request.keys[0].partition("/")
        return await self._one("Messages/{}/Media", mapping.ATTACHMENT, own, message)

    @lists(Queue, pages=Whole(most=MOST))
    async def queues(self, request: ListRequest) -> Page:
        """Return a part of all queues: the upstream has pages, but no offsets."""
        rows = await self._all("Queues", wire.QUEUES, {})
        page = self.page(mapping.QUEUE, rows[request.offset : request.offset + request.size])
        page.is_last = request.offset + request.size >= len(rows)
        return page

    @gets(Queue)
    async def queue(self, request: GetRequest) -> Page:
        """Return a queue."""
        return await self._one("Queues", mapping.QUEUE, request.keys[0])

    @lists(Transaction, pages=DAYS, filters={"performedAt": Push.SUPERSET})
    async def transactions(self, request: ListRequest) -> Page:
        """Return what the account used on each day."""
        answer = await self._list(DAILY, wire.USAGE, request, TOTAL | date_bounds(request.since, request.until))
        return self.page(mapping.USAGE, answer.usage_records, next=answer.next_page_uri)

    @gets(Transaction)
    async def transaction(self, request: GetRequest) -> Page:
        """Return what the account used on a day."""
        (day,) = request.keys
        return self.page(mapping.USAGE, await self._all(DAILY, wire.USAGE, TOTAL | {"StartDate": day, "EndDate": day}))

    @files("Recording.media")
    async def recording_media(self, native_id: str) -> Download:
        """Return the audio of a recording."""
        extension = self.settings.recording_format
        request = Request(
            operation=f"GET /Recordings/{{sid}}.{extension}", path=f"{self._folder}/Recordings/{quote(native_id, safe='')}.{extension}"
        )
        return Download(request=request, file_name=f"{native_id}.{extension}", mime_type=mapping.FORMATS[extension])

    @files("Attachment.media")
    async def attachment_media(self, native_id: str) -> Download:
        """Return a file of a message. Without an extension the path is that of the file itself."""
        message, own = (quote(each, safe="") for each in (native_id.partition("/")[0], native_id.partition("/")[2]))
        return Download(request=Request(operation="GET /Messages/{sid}/Media/{sid}", path=f"{self._folder}/Messages/{message}/Media/{own}"))

    @command("deleteRecordings", kind=Recording)
    async def delete_recordings(self, request: CommandRequest) -> CommandResult:
        """Delete a recording."""
        path = f"{self._folder}/Recordings/{quote(request.ids[0], safe='')}.json"
        await self.upstream.ask(Request(operation="DELETE /Recordings/{sid}", method="DELETE", path=path))
        return CommandResult(done=list(request.ids))

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        """Return the simulated upstream."""
        from telegraphql.plugins.twilio.sandbox import TwilioSandbox

        return TwilioSandbox

    @property
    def _folder(self) -> str:
        return f"/2010-04-01/Accounts/{self.settings.account}"

    async def _list(self, name: str, decoder: "ListDecoder[Any]", request: ListRequest, params: dict[str, str]) -> Any:
        """Return a page of a list: the first one, or the one that `request.next` names."""
        return await self._read(name, decoder, params | {"PageSize": str(min(request.size, self.settings.page_size))}, request.next)

    async def _read(
        self, name: str, decoder: "ListDecoder[Any]", params: dict[str, str], link: str | None = None, parent: str | None = None
    ) -> Any:
        operation, path = f"GET /{name.format('{sid}')}", f"{self._folder}/{name.format(quote(parent or '', safe=''))}.json"
        return await self.upstream.read(Request(operation=operation, path=path, params=params, link=link), decoder)

    async def _all(self, name: str, decoder: "ListDecoder[Any]", params: dict[str, str], parent: str | None = None) -> list[Any]:
        """Return all rows of a short list, such as the recordings of a call."""

        async def fetch(link: str | None) -> tuple[list[Any], str | None]:
            answer = await self._read(name, decoder, params | {"PageSize": str(self.settings.page_size)}, link, parent)
            return getattr(answer, decoder.rows), answer.next_page_uri

        return await read_all_links(fetch)

    async def _one(self, name: str, kind: Mapping[Any], sid: str, parent: str | None = None) -> Page:
        """Return a row by its SID."""
        path = f"{self._folder}/{name.format(quote(parent or '', safe=''))}/{quote(sid, safe='')}.json"
        row = await self.upstream.read(Request(operation=f"GET /{name.format('{sid}')}/{{sid}}", path=path), wire.ONE)
        return self.page(kind, [row])
