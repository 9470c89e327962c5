"""VoIPstudio: the Level 7 API, v1.2 or v1.1, as its reference describes it at https://voipstudio.com/docs/api/introduction.

A Cdr is one leg of a conversation; sessions are grouped by the live id of their first leg. A leg's recordings and voicemails are found
by its own live id. Times are UTC and name no zone. The reference lists no parameters for collections; the vendor's own clients use
`limit`, `page` (from 1), `sort`, `dir` and `filter`. Its examples are generated noise, so what is read of them is read with tolerance."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from telegraphql.plugin import (
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    Keyset,
    ListRequest,
    NotFound,
    Page,
    TimeWindowJoin,
    Whole,
    command,
    derives,
    files,
    gets,
    lists,
)
from telegraphql.plugins.voipstudio import mapping, resources
from telegraphql.plugins.voipstudio.client import ALL, VoipstudioAccount
from telegraphql.plugins.voipstudio.commands import COLLECTION, DICTIONARY, change, delete
from telegraphql.plugins.voipstudio.query import Resource, is_number
from telegraphql.plugins.voipstudio.settings import MOST_PAGE, VoipstudioSettings
from telegraphql.plugins.voipstudio.wire import ANYTHING, ONE_OR_MANY
from telegraphql.schema import Call, Chat, MediaSession, Note, Queue, Recording, Session, TrackingNumber, Transaction, Voicemessage

if TYPE_CHECKING:
    from telegraphql.plugin import Sandbox

PAGES, WHOLE = Keyset(most=MOST_PAGE), Whole(most=MOST_PAGE)
# A leg can begin hours before what comes out of it: a recording switched on late, a transfer, a voicemail after a long queue.
EARLIER = TimeWindowJoin(before=timedelta(hours=4))
MOST_IDS = 50
# What the filter `tracked` reads of a leg; None where nobody asked.
TRACKED = {None: None, True: "yes", False: "no"}


class Voipstudio(VoipstudioAccount):
    """An account at VoIPstudio."""

    plugin = "voipstudio"
    settings_type = VoipstudioSettings
    bare_numbers_are_international = True

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        """The simulated upstream."""
        from telegraphql.plugins.voipstudio.sandbox import VoipstudioSandbox

        return VoipstudioSandbox

    @lists(
        Call,
        pages=PAGES,
        filters=resources.CALLS.pushes,
        counts=True,
        joins={"session": TimeWindowJoin(), "recordings": EARLIER, "voicemessages": EARLIER, "children": EARLIER},
    )
    async def calls(self, ask: ListRequest) -> Page:
        """Legs; those that came in over a tracking number have a collection of their own, and no mark in the other."""
        tracked = ask.filter.get("isTracked")
        resource = resources.TRACKED_CALLS if tracked else resources.CALLS
        page = await self.listed(self._of_version(resource), ask, tracked=TRACKED[tracked])
        if tracked is False:
            await self._leave_out_tracked(page, ask)
        return page

    @gets(Call)
    async def call(self, wanted: GetRequest) -> Page:
        """A leg."""
        return await self.single(resources.CALLS, wanted, tracked=None)

    @gets(Call, by="recordings")
    @gets(Call, by="voicemessages")
    @gets(Call, by="children")
    async def calls_by_live_id(self, wanted: GetRequest) -> Page:
        """The leg that a recording, a voicemail or another leg came out of."""
        return await self.having(resources.CALLS, "live_id", wanted, tracked=None)

    @gets(Call, by="session")
    async def legs(self, wanted: GetRequest) -> Page:
        """All legs of a conversation. v1.1 finds the first leg and those after it, which is what a conversation is there; so is the
        first leg looked for where v1.2 names no root beside it."""
        key = wanted.keys[0]
        if not is_number(key):
            return Page(records=[], read=0)
        by = "root_live_id" if self.settings.version == "v1.2" else "parent_live_id"
        page = await self.having(resources.CALLS, by, wanted, tracked=None)
        if not any(leg.refs["children"] == key for leg in page.records):
            first = await self.having(resources.CALLS, "live_id", wanted, tracked=None)
            page = Page(records=[*first.records, *page.records], read=first.read + page.read, problems=[*first.problems, *page.problems])
        page.records = [leg for leg in page.records if leg.refs["session"] == key]
        return page

    @derives(Session, of=Call, by="session")
    def session(self, parts: Sequence[Call]) -> Session:
        """A conversation."""
        return mapping.session(parts)

    @gets(Note, by="call")
    async def notes(self, wanted: GetRequest) -> Page:
        """The remarks on a leg."""
        return await self._notes(wanted.keys[0])

    @gets(Note)
    async def note(self, wanted: GetRequest) -> Page:
        """A remark."""
        page = await self._notes(wanted.keys[0].partition(".")[0])
        page.records = [note for note in page.records if note.native_id == wanted.keys[0]]
        return page

    @lists(Queue, pages=WHOLE, counts=True)
    async def queues(self, ask: ListRequest) -> Page:
        """Queues."""
        return await self.listed(resources.QUEUES, ask)

    @gets(Queue)
    async def queue(self, wanted: GetRequest) -> Page:
        """A queue."""
        return await self.single(resources.QUEUES, wanted)

    @lists(
        Recording,
        pages=PAGES,
        filters=resources.RECORDINGS.pushes,
        counts=True,
        joins={"call": TimeWindowJoin(), "session": TimeWindowJoin()},
    )
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings."""
        return await self.listed(resources.RECORDINGS, ask)

    @gets(Recording)
    async def recording(self, wanted: GetRequest) -> Page:
        """A recording."""
        return await self.single(resources.RECORDINGS, wanted)

    @gets(Recording, by="call")
    @gets(Recording, by="session")
    async def recordings_by_live_id(self, wanted: GetRequest) -> Page:
        """The recordings of a leg; a session has the keys of all its legs."""
        return await self.having(resources.RECORDINGS, "live_id", wanted)

    @lists(Voicemessage, pages=PAGES, filters=resources.VOICEMESSAGES.pushes, counts=True, joins={"call": TimeWindowJoin()})
    async def voicemessages(self, ask: ListRequest) -> Page:
        """Voicemails."""
        return await self.listed(resources.VOICEMESSAGES, ask)

    @gets(Voicemessage)
    async def voicemessage(self, wanted: GetRequest) -> Page:
        """A voicemail."""
        return await self.single(resources.VOICEMESSAGES, wanted)

    @gets(Voicemessage, by="call")
    async def voicemessages_by_live_id(self, wanted: GetRequest) -> Page:
        """The voicemails left during a leg."""
        return await self.having(resources.VOICEMESSAGES, "live_id", wanted)

    @lists(Chat, pages=PAGES, filters=resources.CHATS.pushes, counts=True)
    async def chats(self, ask: ListRequest) -> Page:
        """Chats."""
        return await self.listed(resources.CHATS, ask)

    @gets(Chat)
    async def chat(self, wanted: GetRequest) -> Page:
        """A chat."""
        return await self.single(resources.CHATS, wanted)

    @lists(Transaction, pages=PAGES, filters=resources.TRANSACTIONS.pushes, counts=True)
    async def transactions(self, ask: ListRequest) -> Page:
        """Movements of money."""
        return await self.listed(resources.TRANSACTIONS, ask)

    @gets(Transaction)
    async def transaction(self, wanted: GetRequest) -> Page:
        """A movement of money."""
        return await self.single(resources.TRANSACTIONS, wanted)

    @lists(MediaSession, pages=PAGES, filters=resources.MEDIA_SESSIONS.pushes, counts=True)
    async def media_sessions(self, ask: ListRequest) -> Page:
        """Streams of media."""
        return await self.listed(resources.MEDIA_SESSIONS, ask)

    @gets(MediaSession)
    async def media_session(self, wanted: GetRequest) -> Page:
        """A stream of media."""
        return await self.single(resources.MEDIA_SESSIONS, wanted)

    @lists(TrackingNumber, pages=WHOLE, counts=True)
    async def tracking_numbers(self, ask: ListRequest) -> Page:
        """Watched numbers."""
        return await self.listed(resources.TRACKING_NUMBERS, ask)

    @gets(TrackingNumber)
    async def tracking_number(self, wanted: GetRequest) -> Page:
        """A watched number; single ones have no path of their own."""
        return await self.having(resources.TRACKING_NUMBERS, "id", wanted)

    @files("Call.trace")
    async def call_trace(self, native_id: str) -> Download:
        """The SIP messages of a leg."""
        return self._file("GET /cdrs/{id}.trace", native_id, mapping.SIP, f"call-{native_id}.txt")

    @files("Call.capture")
    async def call_capture(self, native_id: str) -> Download:
        """The packets of a leg."""
        return self._file("GET /cdrs/{id}.pcap", native_id, mapping.PCAP, f"call-{native_id}.pcap")

    @files("Recording.media")
    async def recording_media(self, native_id: str) -> Download:
        """The sound of a recording."""
        return self._file("GET /monitors/{id}.mp3", native_id, mapping.MP3, f"recording-{native_id}.mp3")

    @files("Voicemessage.media")
    async def voicemessage_media(self, native_id: str) -> Download:
        """The sound of a voicemail."""
        return self._file("GET /voicemessages/{id}.mp3", native_id, mapping.MP3, f"voicemessage-{native_id}.mp3")

    @files("MediaSession.trace")
    async def media_session_trace(self, native_id: str) -> Download:
        """The SIP messages of a stream."""
        return self._file("GET /msdrs/{id}.trace", native_id, mapping.SIP, f"stream-{native_id}.txt")

    @files("MediaSession.capture")
    async def media_session_capture(self, native_id: str) -> Download:
        """The packets of a stream."""
        return self._file("GET /msdrs/{id}.pcap", native_id, mapping.PCAP, f"stream-{native_id}.pcap")

    @files("exportUserCalls")
    async def user_calls(self, native_id: str) -> Download:
        """All legs of a user."""
        return self._file("GET /users/{id}/cdrs.csv", native_id, "text/csv", f"calls-of-{native_id}.csv")

    @command("updateCalls", kind=Call, at_most=MOST_IDS, idempotent=True)
    async def update_calls(self, order: CommandRequest) -> CommandResult:
        """Set attributes of legs."""
        return await change(self, resources.CALLS, {each: order.arguments["changes"][each] for each in order.ids}, tracked=None)

    @command("moveVoicemessages", kind=Voicemessage, at_most=MOST_IDS, idempotent=True)
    async def move_voicemessages(self, order: CommandRequest) -> CommandResult:
        """Put voicemails into a folder."""
        return await change(self, resources.VOICEMESSAGES, {each: {"folder": order.arguments["folder"]} for each in order.ids})

    @command("deleteRecordings", kind=Recording, at_most=MOST_IDS)
    async def delete_recordings(self, order: CommandRequest) -> CommandResult:
        """Delete recordings."""
        return await delete(self, "/monitors", order.ids)

    @command("deleteVoicemessages", kind=Voicemessage, at_most=MOST_IDS)
    async def delete_voicemessages(self, order: CommandRequest) -> CommandResult:
        """Delete voicemails."""
        return await delete(self, "/voicemessages", order.ids)

    @command("deleteChatMessages", at_most=MOST_IDS)
    async def delete_chat_messages(self, order: CommandRequest) -> CommandResult:
        """Delete single messages of chats."""
        return await delete(self, "/chatmsgs", order.ids)

    @command("deleteAll", idempotent=True)
    async def delete_all(self, order: CommandRequest) -> CommandResult:
        """Empty a collection; recordings and voicemails only begin to go when this is done."""
        await self.ask(f"DELETE {COLLECTION[order.arguments['kind']]}")
        return CommandResult()

    @command("dictionary", reads=True)
    async def dictionary(self, order: CommandRequest) -> CommandResult:
        """The upstream's own dictionary, whose shape the reference leaves open."""
        answer = await self.read(f"GET {DICTIONARY[order.arguments['of']]}", ANYTHING)
        return CommandResult(value=answer.get("data", answer) if isinstance(answer, dict) else answer)

    def _of_version(self, resource: Resource) -> Resource:
        return resource if self.settings.version == "v1.2" else resource.without("sessionId")

    async def _leave_out_tracked(self, page: Page, ask: ListRequest) -> None:
        """Leave out what the tracked legs within the slice's span of time are; where only the count is wanted, take them off it."""
        resource, times = self._of_version(resources.TRACKED_CALLS), [leg.started_at for leg in page.records]
        if ask.count:
            tracked = await self.listed(resource, ask, tracked=None)
            page.total = None if page.total is None or tracked.total is None else page.total - tracked.total
        elif times:
            tracked = await self.listed(resource, replace(ask, since=min(times), until=max(times), offset=0, size=ALL), tracked=None)
        else:
            return
        ids = {leg.native_id for leg in tracked.records}
        page.records = [leg for leg in page.records if leg.native_id not in ids]

    async def _notes(self, cdr: str) -> Page:
        if not is_number(cdr):
            return Page(records=[], read=0)
        try:
            rows = await self.read("GET /cdrs/{id}/notes", ONE_OR_MANY, cdr)
        except NotFound:
            return Page(records=[], read=0)
        return self.page(mapping.NOTE, rows, call=cdr)

    def _file(self, operation: str, native_id: str, mime_type: str, file_name: str) -> Download:
        if not is_number(native_id):
            raise NotFound("has no such record", provider=self.name)
        return Download(request=self.request(operation, native_id), file_name=file_name, mime_type=mime_type)
