"""VoIPstudio: the Level 7 API, v1.2 or v1.1, as its reference describes it at https://voipstudio.com/docs/api/introduction.

A CDR is one leg. Sessions are grouped by the live id of their first leg; a leg's recordings and voicemails are found by its own live id.
Times are UTC without a zone. The reference lists no parameters of collections: `limit`, `page` (from 1), `sort`, `dir` and
`filter` are those of the vendor's own clients. Its examples are generated noise, so their values are read with tolerance.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from telegraphql.plugin import (
    SESSION_FIELDS,
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    Keyset,
    ListRequest,
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
from telegraphql.plugins.voipstudio.client import VoipstudioAccount
from telegraphql.plugins.voipstudio.commands import COLLECTIONS, DICTIONARIES, delete, update
from telegraphql.plugins.voipstudio.query import Resource, is_number
from telegraphql.plugins.voipstudio.settings import MAX_PAGE, VoipstudioSettings
from telegraphql.plugins.voipstudio.wire import ANYTHING
from telegraphql.schema import Call, Chat, MediaSession, Note, Queue, Recording, Session, TrackingNumber, Transaction, Voicemessage

if TYPE_CHECKING:
    from telegraphql.plugin import Sandbox

PAGES, WHOLE = Keyset(most=MAX_PAGE), Whole(most=MAX_PAGE)
EARLIER_PARENT = TimeWindowJoin(before=timedelta(hours=4))  # of a recording, transfer or voicemail: the leg can start hours before
MAX_IDS = 50
TRACE = "application/json"  # text is accepted too; the reference shows JSON
# The value of the field `tracked`, by the filter `isTracked`.
TRACKED_VALUES = {None: None, True: "yes", False: "no"}


class Voipstudio(VoipstudioAccount):
    """An account at VoIPstudio."""

    plugin = "voipstudio"
    title = "VoIPstudio"
    contract_version = 1
    settings_type = VoipstudioSettings
    bare_numbers_are_international = True

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        """Return the simulated upstream."""
        from telegraphql.plugins.voipstudio.sandbox import VoipstudioSandbox

        return VoipstudioSandbox

    @lists(
        Call,
        pages=PAGES,
        filters=resources.CALLS.pushed_filters,
        counts=True,
        joins={"session": TimeWindowJoin(), "recordings": EARLIER_PARENT, "voicemessages": EARLIER_PARENT, "children": EARLIER_PARENT},
    )
    async def calls(self, request: ListRequest) -> Page:
        """Return call legs. Those that came in over a tracking number have a collection of their own, and no mark in the other one."""
        tracked = request.filter.get("isTracked")
        resource = resources.TRACKED_CALLS if tracked else resources.CALLS
        page = await self.list_resource(self._for_version(resource), request, tracked=TRACKED_VALUES[tracked])
        if tracked is False:
            await self._remove_tracked(page, request)
        return page

    @gets(Call)
    async def call(self, request: GetRequest) -> Page:
        """Return a call leg."""
        return await self.get_single(resources.CALLS, request, tracked=None)

    @gets(Call, by="recordings")
    @gets(Call, by="voicemessages")
    @gets(Call, by="children")
    async def calls_by_live_id(self, request: GetRequest) -> Page:
        """Return the leg that a recording, a voicemail or another leg belongs to."""
        return await self.find_by(resources.CALLS, "live_id", request, tracked=None)

    @gets(Call, by="session")
    async def legs(self, request: GetRequest) -> Page:
        """Return all legs of a conversation. v1.1 only finds the first leg and its direct children: there they are the conversation."""
        key = request.keys[0]
        if not is_number(key):
            return Page(records=[], read=0)
        by = "root_live_id" if self.settings.version == "v1.2" else "parent_live_id"
        page = await self.find_by(resources.CALLS, by, request, tracked=None)
        if not any(leg.refs["children"] == key for leg in page.records):
            first = await self.find_by(resources.CALLS, "live_id", request, tracked=None)
            page = Page(records=[*first.records, *page.records], read=first.read + page.read, problems=[*first.problems, *page.problems])
        page.records = [leg for leg in page.records if leg.refs["session"] == key]
        return page

    @derives(Session, of=Call, by="session", fills=(*SESSION_FIELDS, "recordings", "finishReason", "userId", "cost"))
    def session(self, parts: Sequence[Call]) -> Session:
        """Return the session of these legs."""
        return mapping.session(parts)

    @gets(Note, by="call")
    async def notes(self, request: GetRequest) -> Page:
        """Return the notes on a call leg."""
        return await self._notes(request.keys[0])

    @gets(Note)
    async def note(self, request: GetRequest) -> Page:
        """Return a note."""
        page = await self._notes(request.keys[0].partition(".")[0])
        page.records = [note for note in page.records if note.native_id == request.keys[0]]
        return page

    @lists(Queue, pages=WHOLE, counts=True)
    async def queues(self, request: ListRequest) -> Page:
        """Return queues."""
        return await self.list_resource(resources.QUEUES, request)

    @gets(Queue)
    async def queue(self, request: GetRequest) -> Page:
        """Return a queue."""
        return await self.get_single(resources.QUEUES, request)

    @lists(
        Recording,
        pages=PAGES,
        filters=resources.RECORDINGS.pushed_filters,
        counts=True,
        joins={"call": TimeWindowJoin(), "session": TimeWindowJoin()},
    )
    async def recordings(self, request: ListRequest) -> Page:
        """Return recordings."""
        return await self.list_resource(resources.RECORDINGS, request)

    @gets(Recording)
    async def recording(self, request: GetRequest) -> Page:
        """Return a recording."""
        return await self.get_single(resources.RECORDINGS, request)

    @gets(Recording, by="call")
    @gets(Recording, by="session")
    async def recordings_by_live_id(self, request: GetRequest) -> Page:
        """Return the recordings of a leg. A session has the keys of all its legs."""
        return await self.find_by(resources.RECORDINGS, "live_id", request)

    @lists(Voicemessage, pages=PAGES, filters=resources.VOICEMESSAGES.pushed_filters, counts=True, joins={"call": TimeWindowJoin()})
    async def voicemessages(self, request: ListRequest) -> Page:
        """Return voicemails."""
        return await self.list_resource(resources.VOICEMESSAGES, request)

    @gets(Voicemessage)
    async def voicemessage(self, request: GetRequest) -> Page:
        """Return a voicemail."""
        return await self.get_single(resources.VOICEMESSAGES, request)

    @gets(Voicemessage, by="call")
    async def voicemessages_by_live_id(self, request: GetRequest) -> Page:
        """Return the voicemails left during a leg."""
        return await self.find_by(resources.VOICEMESSAGES, "live_id", request)

    @lists(Chat, pages=PAGES, filters=resources.CHATS.pushed_filters, counts=True)
    async def chats(self, request: ListRequest) -> Page:
        """Return chats."""
        return await self.list_resource(resources.CHATS, request)

    @gets(Chat)
    async def chat(self, request: GetRequest) -> Page:
        """Return a chat."""
        return await self.get_single(resources.CHATS, request)

    @lists(Transaction, pages=PAGES, filters=resources.TRANSACTIONS.pushed_filters, counts=True)
    async def transactions(self, request: ListRequest) -> Page:
        """Return transactions."""
        return await self.list_resource(resources.TRANSACTIONS, request)

    @gets(Transaction)
    async def transaction(self, request: GetRequest) -> Page:
        """Return a transaction."""
        return await self.get_single(resources.TRANSACTIONS, request)

    @lists(MediaSession, pages=PAGES, filters=resources.MEDIA_SESSIONS.pushed_filters, counts=True)
    async def media_sessions(self, request: ListRequest) -> Page:
        """Return media streams."""
        return await self.list_resource(resources.MEDIA_SESSIONS, request)

    @gets(MediaSession)
    async def media_session(self, request: GetRequest) -> Page:
        """Return a media stream."""
        return await self.get_single(resources.MEDIA_SESSIONS, request)

    @lists(TrackingNumber, pages=WHOLE, counts=True)
    async def tracking_numbers(self, request: ListRequest) -> Page:
        """Return tracking numbers."""
        return await self.list_resource(resources.TRACKING_NUMBERS, request)

    @gets(TrackingNumber)
    async def tracking_number(self, request: GetRequest) -> Page:
        """Return a tracking number. The API has no path for single ones."""
        return await self.find_by(resources.TRACKING_NUMBERS, "id", request)

    @files("Call.trace")
    async def call_trace(self, native_id: str) -> Download:
        """Return the SIP messages of a leg."""
        return self.download("GET /cdrs/{id}.trace", native_id, TRACE, f"call-{native_id}.txt")

    @files("Call.capture")
    async def call_capture(self, native_id: str) -> Download:
        """Return the packet capture of a leg."""
        return self.download("GET /cdrs/{id}.pcap", native_id, mapping.PCAP, f"call-{native_id}.pcap")

    @files("Recording.media")
    async def recording_media(self, native_id: str) -> Download:
        """Return the audio of a recording."""
        return self.download("GET /monitors/{id}.mp3", native_id, mapping.MP3, f"recording-{native_id}.mp3")

    @files("Voicemessage.media")
    async def voicemessage_media(self, native_id: str) -> Download:
        """Return the audio of a voicemail."""
        return self.download("GET /voicemessages/{id}.mp3", native_id, mapping.MP3, f"voicemessage-{native_id}.mp3")

    @files("MediaSession.trace")
    async def media_session_trace(self, native_id: str) -> Download:
        """Return the SIP messages of a media stream."""
        return self.download("GET /msdrs/{id}.trace", native_id, TRACE, f"stream-{native_id}.txt")

    @files("MediaSession.capture")
    async def media_session_capture(self, native_id: str) -> Download:
        """Return the packet capture of a media stream."""
        return self.download("GET /msdrs/{id}.pcap", native_id, mapping.PCAP, f"stream-{native_id}.pcap")

    @files("exportUserCalls")
    async def user_calls(self, native_id: str) -> Download:
        """Return all legs of a user."""
        return self.download("GET /users/{id}/cdrs.csv", native_id, "text/csv", f"calls-of-{native_id}.csv")

    @command("updateCalls", kind=Call, at_most=MAX_IDS, idempotent=True)
    async def update_calls(self, request: CommandRequest) -> CommandResult:
        """Set attributes of legs."""
        return await update(self, resources.CALLS, {each: request.arguments["changes"][each] for each in request.ids}, tracked=None)

    @command("moveVoicemessages", kind=Voicemessage, at_most=MAX_IDS, idempotent=True)
    async def move_voicemessages(self, request: CommandRequest) -> CommandResult:
        """Move voicemails to a folder."""
        return await update(self, resources.VOICEMESSAGES, {each: {"folder": request.arguments["folder"]} for each in request.ids})

    @command("deleteRecordings", kind=Recording, at_most=MAX_IDS)
    async def delete_recordings(self, request: CommandRequest) -> CommandResult:
        """Delete recordings."""
        return await delete(self, "/monitors", request.ids)

    @command("deleteVoicemessages", kind=Voicemessage, at_most=MAX_IDS)
    async def delete_voicemessages(self, request: CommandRequest) -> CommandResult:
        """Delete voicemails."""
        return await delete(self, "/voicemessages", request.ids)

    @command("deleteChatMessages", at_most=MAX_IDS)
    async def delete_chat_messages(self, request: CommandRequest) -> CommandResult:
        """Delete messages of chats."""
        return await delete(self, "/chatmsgs", request.ids)

    @command("deleteAll", idempotent=True)
    async def delete_all(self, request: CommandRequest) -> CommandResult:
        """Delete all records of a collection. Recordings and voicemails are deleted later."""
        await self.ask(f"DELETE {COLLECTIONS[request.arguments['kind']]}")
        return CommandResult()

    @command("dictionary", reads=True)
    async def dictionary(self, request: CommandRequest) -> CommandResult:
        """Return the upstream's dictionary, whose format is not documented."""
        answer = await self.read(f"GET {DICTIONARIES[request.arguments['of']]}", ANYTHING)
        return CommandResult(value=answer.get("data", answer) if isinstance(answer, dict) else answer)

    def _for_version(self, resource: Resource) -> Resource:
        return resource if self.settings.version == "v1.2" else resource.without_filter("sessionId")

    async def _remove_tracked(self, page: Page, request: ListRequest) -> None:
        """Remove the tracked legs from a page, or from its total if only the count is requested."""
        resource, times = self._for_version(resources.TRACKED_CALLS), [leg.started_at for leg in page.records]
        if request.count:
            tracked = await self.list_resource(resource, request, tracked=None)
            page.total = None if page.total is None or tracked.total is None else page.total - tracked.total
        elif times:
            tracked = await self.list_period(resource, replace(request, since=min(times), until=max(times), offset=0), tracked=None)
        else:
            return
        ids = {leg.native_id for leg in tracked.records}
        page.records = [leg for leg in page.records if leg.native_id not in ids]

    async def _notes(self, cdr: str) -> Page:
        return self.page(mapping.NOTE, await self.rows_below("GET /cdrs/{id}/notes", cdr), call=cdr)
