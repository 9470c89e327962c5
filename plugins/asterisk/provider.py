"""Asterisk: the records that cdr_csv or an SQL driver writes, and MixMonitor's files, read where they are.

Nothing is asked over a network. Files are read in threads through `Upstream.run`, which bounds and counts that, and a slice of records
is found by an index of times (Master.csv) or by the database's own (SQLite). Sessions are records with one linkedid.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from telegraphql.plugin import (
    Download,
    Folder,
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
from telegraphql.plugins.asterisk import filters, mapping
from telegraphql.plugins.asterisk.legs import MOST_COMPLAINTS, CdrQuery, PlacedCdr
from telegraphql.plugins.asterisk.lookup import Finder
from telegraphql.plugins.asterisk.recordings import TYPES, Matched, Recordings, Sound
from telegraphql.plugins.asterisk.settings import AsteriskSettings
from telegraphql.plugins.asterisk.sources import records_of
from telegraphql.schema import Call, Recording, Session

if TYPE_CHECKING:
    from telegraphql.plugin import Numbering, Sandbox


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
        self._records = records_of(settings, self.zone)
        upstream.call_at_close(self._records.close)
        self._finder = Finder(self._records, self.zone, self.session_span)
        self._sounds = Recordings(Folder(settings.recordings_folder), self.zone) if settings.recordings_folder else None

    async def check(self) -> None:
        """Open what is configured."""
        await self.upstream.run("check records", self._records.check)
        if self._sounds is not None:
            await self.upstream.run("check recordings", self._sounds.check)

    @lists(Call, pages=Keyset(most=500), filters=dict.fromkeys(("startedAt", *filters.NAMES), Push.EXACT))
    async def calls(self, ask: ListRequest) -> Page:
        """Return the records that began between two moments."""
        since, until = self._narrowed(ask)
        keep, most = filters.kept(ask.filter, self.settings), ask.offset + ask.size
        lengths, words = filters.lengths(ask.filter), filters.dispositions(ask.filter)
        wish = CdrQuery(since=since, until=until, newest=ask.newest_first, most=most, keep=keep, lengths=lengths, words=words)
        (found,) = await self.upstream.run("read records", lambda: self._records.legs([wish]))
        return self._page(found.legs[ask.offset :], found.complaints)

    @gets(Call, at_most=100)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """Return records by their native ids."""
        return self._page(await self.upstream.run("find records", lambda: self._finder.named(wanted.keys)))

    @gets(Call, by="session", at_most=100)
    async def calls_of_sessions(self, wanted: GetRequest) -> Page:
        """Return the records of conversations."""
        near = (wanted.since, wanted.until) if wanted.since and wanted.until else None
        return self._page(await self.upstream.run("find records", lambda: self._finder.of_sessions(wanted.keys, near)))

    @derives(Session, of=Call, by="session", fills=mapping.SESSION_FIELDS)
    def session(self, parts: Sequence[Call]) -> Session:
        """Return a session of its legs."""
        return mapping.session(parts, self)

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
        told = [*complaints[:MOST_COMPLAINTS], *(["and others cannot be read either"] if len(complaints) > MOST_COMPLAINTS else [])]
        problems = [Malformed(f"{text}; the other records are complete", provider=self.id).as_problem() for text in told]
        return self.page(mapping.CALL, legs, problems=problems)

    @classmethod
    def sandbox(cls) -> "type[Sandbox]":
        """Return the simulated Asterisk."""
        from telegraphql.plugins.asterisk.sandbox import AsteriskSandbox

        return AsteriskSandbox
