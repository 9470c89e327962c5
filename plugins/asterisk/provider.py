"""Asterisk: the records that cdr_csv or an SQL driver writes, and MixMonitor's files, read where they are.

Nothing is asked over a network. Files are read in threads through `Upstream.run`, which bounds and counts that, and a slice of records
is found by an index of times (Master.csv) or by the database's own (SQLite). Sessions are records with one linkedid.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from telegraphql.plugin import (
    MICROSECOND,
    SESSION_FIELDS,
    Download,
    GetRequest,
    Keyset,
    ListRequest,
    Malformed,
    NotFound,
    Page,
    Provider,
    Push,
    Request,
    Selection,
    Unsupported,
    Upstream,
    derives,
    files,
    gets,
    lists,
)
from telegraphql.plugins.asterisk import filters, mapping, voicemail
from telegraphql.plugins.asterisk.legs import CdrQuery, PlacedCdr
from telegraphql.plugins.asterisk.lookup import Finder
from telegraphql.plugins.asterisk.queue_visits import Visit, Visits
from telegraphql.plugins.asterisk.recordings import TYPES, Matched, Recordings, Sound
from telegraphql.plugins.asterisk.selecting import MOST_COMPLAINTS, Found, PlacedQuery
from telegraphql.plugins.asterisk.settings import AsteriskSettings
from telegraphql.plugins.asterisk.sources import sources_of
from telegraphql.plugins.asterisk.visit_mapping import QUEUE_VISIT
from telegraphql.plugins.asterisk.voicemail import Mailboxes, StoredMessage
from telegraphql.plugins.asterisk.voicemail_mapping import VOICEMESSAGE
from telegraphql.schema import Call, Problem, QueueVisit, Recording, Session, Voicemessage

if TYPE_CHECKING:
    from telegraphql.plugin import Numbering, Sandbox

T = TypeVar("T")


class Asterisk(Provider):
    """One Asterisk."""

    plugin = "asterisk"
    title = "Asterisk"
    contract_version = 1
    settings_type = AsteriskSettings
    settings: AsteriskSettings

    def __init__(self, name: str, settings: AsteriskSettings, upstream: Upstream, numbering: "Numbering") -> None:
        super().__init__(name, settings, upstream, numbering)
        self.zone = ZoneInfo(settings.zone)
        self._sources = sources_of(settings, self.zone)
        self._records, self._sounds = self._sources.records, self._sources.sounds
        upstream.call_at_close(self._records.close)
        self._finder = Finder(self._records, self.zone, self.session_span)

    async def check(self) -> None:
        """Open what is configured."""
        for name, check in self._sources.checks.items():
            await self.upstream.run(f"check {name}", check)

    @lists(Call, pages=Keyset(most=500), filters=dict.fromkeys(("startedAt", *filters.NAMES), Push.EXACT))
    async def calls(self, ask: ListRequest) -> Page:
        """Return the records that began between two moments."""
        since, until = self._narrowed(ask)
        keep, most = filters.kept(ask.filter, self.settings), ask.offset + ask.size
        lengths, words = filters.lengths(ask.filter), filters.dispositions(ask.filter)
        wish = CdrQuery(since=since, until=until, newest=ask.newest_first, most=most, keep=keep, lengths=lengths, words=words)
        (found,) = await self.upstream.run("read records", lambda: self._records.legs([wish]))
        return self._page(await self._with_transfers(found.placed[ask.offset :], ask.select), found.complaints)

    @gets(Call, at_most=100)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """Return records by their native ids."""
        found = await self.upstream.run("find records", lambda: self._finder.named(wanted.keys))
        return self._page(await self._with_transfers(found, wanted.select))

    @gets(Call, by="recordings", at_most=100)
    async def calls_of_recordings(self, wanted: GetRequest) -> Page:
        """Return the records of recordings, which these name."""
        return await self.calls_by_id(wanted)

    @gets(Call, by="voicemessages", at_most=100)
    async def calls_of_voicemessages(self, wanted: GetRequest) -> Page:
        """Return the records during which messages were left, which these name."""
        return await self.calls_by_id(wanted)

    @gets(Call, by="session", at_most=100)
    async def calls_of_sessions(self, wanted: GetRequest) -> Page:
        """Return the records of conversations."""
        near = (wanted.since, wanted.until) if wanted.since and wanted.until else None
        found = await self.upstream.run("find records", lambda: self._finder.of_sessions(wanted.keys, near))
        return self._page(await self._with_transfers(found, wanted.select))

    @derives(Session, of=Call, by="session", fills=(*SESSION_FIELDS, "recordings"))
    def session(self, parts: Sequence[Call]) -> Session:
        """Return a session of its legs."""
        return mapping.session(parts)

    @lists(Recording, pages=Keyset(most=500), filters={"startedAt": Push.EXACT})
    async def recordings(self, ask: ListRequest) -> Page:
        """Return the files that were begun between two moments."""
        most = ask.offset + ask.size
        return await self._heard(
            lambda sounds: self._matched(sounds.slice(ask.since, ask.until, ask.newest_first, most)[ask.offset :], ask.select)
        )

    @gets(Recording, at_most=100)
    async def recordings_by_id(self, wanted: GetRequest) -> Page:
        """Files by their ids."""
        return await self._heard(lambda sounds: self._matched(sounds.known_as(wanted.keys), wanted.select))

    @gets(Recording, by="call", at_most=100)
    async def recordings_of_calls(self, wanted: GetRequest) -> Page:
        """Return the files of calls."""
        return await self._heard(lambda sounds: self._finder.sounds_of(self._finder.named(wanted.keys), sounds))

    @gets(Recording, by="session", at_most=100)
    async def recordings_of_sessions(self, wanted: GetRequest) -> Page:
        """Return the files of conversations."""
        return await self._heard(lambda sounds: self._finder.sounds_of(self._finder.of_sessions(wanted.keys), sounds))

    @files("Recording.media")
    async def sound(self, native_id: str) -> Download:
        """Return where a recording is."""
        sounds = self._sounds
        found = await self.upstream.run("find recordings", lambda: sounds.known_as([native_id])) if sounds else []
        if not sounds or not found:
            raise NotFound("has no such recording")
        path, name = found[0].name, found[0].name.rpartition("/")[2]
        request = Request(operation="read recording", local=partial(sounds.folder.open, path))
        return Download(request=request, file_name=name, mime_type=TYPES[Path(name).suffix.lower()])

    @lists(QueueVisit, pages=Keyset(most=500), filters={"enteredAt": Push.EXACT, "queueId": Push.EXACT}, time_resolution=MICROSECOND)
    async def queue_visits(self, ask: ListRequest) -> Page:
        """Return the visits that began between two moments."""
        queues, most = ask.filter.get("queueId"), ask.offset + ask.size
        found = await self._in_queues(lambda visits: visits.slice(ask.since, ask.until, ask.newest_first, most, queues))
        return self.page(QUEUE_VISIT, found.placed[ask.offset :], problems=self._problems(found.complaints))

    @gets(QueueVisit, at_most=100)
    async def queue_visits_by_id(self, wanted: GetRequest) -> Page:
        """Return visits by their ids, which tell when they began."""
        found = await self._in_queues(lambda visits: visits.named(wanted.keys))
        return self.page(QUEUE_VISIT, found.placed)

    @lists(Voicemessage, pages=Keyset(most=500), filters=dict.fromkeys(("receivedAt", "mailbox", "folder", "isRead"), Push.EXACT))
    async def voicemessages(self, ask: ListRequest) -> Page:
        """Return the messages that were left between two moments."""
        most = ask.offset + ask.size
        query = PlacedQuery(since=ask.since, until=ask.until, newest=ask.newest_first, most=most, keep=voicemail.is_wanted(ask.filter))
        found = await self._in_boxes(lambda boxes: boxes.read(query))
        return await self._messages(found.placed[ask.offset :], ask.select, found.complaints)

    @gets(Voicemessage, at_most=100)
    async def voicemessages_by_id(self, wanted: GetRequest) -> Page:
        """Return messages by their ids."""
        found = await self._in_boxes(lambda boxes: boxes.read(PlacedQuery(keep=lambda message: message.id in wanted.keys)))
        return await self._messages(found.placed, wanted.select)

    @gets(Voicemessage, by="call", at_most=100)
    async def voicemessages_of_calls(self, wanted: GetRequest) -> Page:
        """Return the messages that were left during calls."""
        found = await self._in_boxes(lambda boxes: self._finder.messages_of(self._finder.named(wanted.keys), boxes))
        return self.page(VOICEMESSAGE, found)

    @files("Voicemessage.media")
    async def voicemessage_sound(self, native_id: str) -> Download:
        """Return where the sound of a message is."""
        boxes = self._sources.voicemail
        query: PlacedQuery[StoredMessage] = PlacedQuery(keep=lambda message: message.id == native_id)
        found = (await self.upstream.run("find voicemessages", lambda: boxes.read(query))).placed if boxes else []
        if not boxes or not found or not found[0].sound:
            raise NotFound("has no such sound")
        request = Request(operation="read voicemessage", local=partial(boxes.folder.open, found[0].sound))
        return Download(request=request, mime_type=TYPES[Path(found[0].sound).suffix.lower()])

    async def _with_transfers(self, legs: Sequence[PlacedCdr], select: Selection) -> Sequence[PlacedCdr]:
        events = self._sources.channel_events
        if events is None or not legs or not ("forwardedFrom" in select or "rerouteReason" in select):
            return legs
        return await self.upstream.run("read channel events", lambda: events.told(legs))

    async def _in_queues(self, work: Callable[[Visits], Found[Visit]]) -> Found[Visit]:
        log = self._sources.queue_log
        if log is None:
            raise Unsupported("does not tell of visits to queues: set `queue_log_file` or `queue_log_table`")
        return await self.upstream.run("read queue log", lambda: work(Visits(log, self.session_span)))

    async def _in_boxes(self, work: Callable[[Mailboxes], T]) -> T:
        boxes = self._sources.voicemail
        if boxes is None:
            raise Unsupported("does not tell of voicemessages: set `voicemail_folder`")
        return await self.upstream.run("find voicemessages", lambda: work(boxes))

    async def _messages(self, found: Sequence[StoredMessage], select: Selection, complaints: Sequence[str] = ()) -> Page:
        if "call" in select:
            found = await self.upstream.run("find records", lambda: self._finder.callers(found))
        return self.page(VOICEMESSAGE, found, problems=self._problems(complaints))

    def _narrowed(self, ask: ListRequest) -> tuple[datetime | None, datetime | None]:
        """Return the bounds of a slice; where conversations are asked for, no further than these can reach."""
        spans = [self._finder.span_of(key) for key in ask.filter.get("sessionId", ())]
        if not spans or None in spans:
            return ask.since, ask.until
        since, until = min(span[0] for span in spans if span), max(span[1] for span in spans if span)
        return max(since, ask.since or since), min(until, ask.until or until)

    def _matched(self, sounds: Sequence[Sound], select: Selection) -> list[Matched]:
        if "call" in select or "session" in select:
            return self._finder.matched(sounds)
        return [Matched(sound) for sound in sounds]

    async def _heard(self, work: Callable[[Recordings], list[Matched]]) -> Page:
        sounds = self._sounds
        if sounds is None:
            raise Unsupported("does not tell of recordings: set `recordings_folder`")
        found = await self.upstream.run("find recordings", lambda: work(sounds))
        return self.page(mapping.RECORDING, found)

    def _page(self, legs: Sequence[PlacedCdr], complaints: Sequence[str] = ()) -> Page:
        return self.page(mapping.CALL, legs, problems=self._problems(complaints))

    def _problems(self, complaints: Sequence[str]) -> list[Problem]:
        told = [*complaints[:MOST_COMPLAINTS], *(["and others cannot be read either"] if len(complaints) > MOST_COMPLAINTS else [])]
        return [Malformed(f"{text}; the other records are complete", provider=self.id).as_problem() for text in told]

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        """Return the simulated Asterisk."""
        from telegraphql.plugins.asterisk.sandbox import AsteriskSandbox

        return AsteriskSandbox
