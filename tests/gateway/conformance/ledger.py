"""Ledger: a small complete plugin whose upstream is a file of this machine, for the kit's own tests."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from pydantic import Field

from telegraphql.gateway.plugin.columns import Column, Constant, Object
from telegraphql.gateway.plugin.file_reader import file
from telegraphql.gateway.plugin.local_files import Folder
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import (
    Download,
    GetRequest,
    Keyset,
    ListRequest,
    LocalSettings,
    Page,
    Provider,
    Push,
    files,
    gets,
    lists,
)
from telegraphql.gateway.plugin.readers import ident, party, text
from telegraphql.gateway.plugin.record_truth import RecordTruth
from telegraphql.gateway.plugin.sandbox import LocalSandbox, Row
from telegraphql.gateway.plugin.time_readers import utc
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.call import Call
from telegraphql.schema.recording import Recording
from telegraphql.schema.values import Party

CALLS = "calls.jsonl"


class Line(msgspec.Struct):
    """One call, with the name of its sound where it has one."""

    id: str
    at: datetime
    caller: str
    sound: str = ""


LINE = msgspec.json.Decoder(Line)
CALL = Mapping(
    Call,
    Line,
    native_id=ident("id"),
    started_at=utc("at"),
    from_=party("caller"),
    to=Object(Party, number=Constant(None)),
    refs={"recordings": Column(lambda id, sound: id if sound else None, "id", "sound", never_fails=True)},
)
RECORDING = Mapping(
    Recording, Line, native_id=text("sound"), started_at=utc("at"), refs={"call": ident("id")}, files={"media": file(mime_type="audio/wav")}
)


class LedgerSettings(LocalSettings):
    """Where it lies."""

    ledger_folder: str = Field(description="The folder with calls.jsonl.")


class Ledger(Provider):
    """Calls written down in a file, a line each."""

    plugin = "ledger"
    settings_type = LedgerSettings
    settings: LedgerSettings

    @property
    def folder(self) -> Folder:
        return Folder(self.settings.ledger_folder)

    def rows(self) -> list[msgspec.Raw]:
        with self.folder.open(CALLS) as file:
            return [msgspec.Raw(line) for line in file]

    async def check(self) -> None:
        await self.upstream.run("check", self.rows)

    async def read(self, mapping: Mapping[Any], keep: Callable[[Line], bool]) -> Page:
        rows = await self.upstream.run("read", self.rows)
        return self.page(mapping, [row for row in rows if keep(LINE.decode(row))])

    async def slice(self, ask: ListRequest, mapping: Mapping[Any], keep: Callable[[Line], bool] = lambda line: True) -> Page:
        page = await self.read(mapping, lambda line: keep(line) and within(line, ask))
        page.records = sorted(page.records, key=lambda record: (record.started_at, record.native_id), reverse=ask.newest_first)
        page.records = page.records[ask.offset : ask.offset + ask.size]
        page.read = len(page.records)
        return page

    @lists(Call, pages=Keyset(most=50), filters={"startedAt": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        return await self.slice(ask, CALL)

    @gets(Call, at_most=50)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        return await self.read(CALL, lambda line: line.id in wanted.keys)

    @lists(Recording, pages=Keyset(most=50))
    async def recordings(self, ask: ListRequest) -> Page:
        return await self.slice(ask, RECORDING, lambda line: bool(line.sound))

    @gets(Recording, by="call", at_most=50)
    async def recordings_of(self, wanted: GetRequest) -> Page:
        return await self.read(RECORDING, lambda line: bool(line.sound) and line.id in wanted.keys)

    @files("Recording.media")
    async def sound(self, native_id: str) -> Download:
        return Download(request=Request(operation="sound", local=partial(self.folder.open, native_id)))

    @classmethod
    def sandbox(cls) -> "type[LedgerSandbox]":
        return LedgerSandbox


class LedgerSandbox(LocalSandbox):
    """A ledger in which two calls stand in each second."""

    plugin = "ledger"
    port_offset = 7
    truths: ClassVar = {
        "Call": RecordTruth(rows="calls", time="at"),
        "Recording": RecordTruth(rows="calls", native_id="{sound}", time="at"),
    }

    def generate(self) -> None:
        for number in range(self.count):
            at = self.now - timedelta(seconds=60 + number // 2)
            sound = {"sound": f"c{number}.wav"} if number % 3 == 0 else {}
            self.records["calls"].append({"id": f"c{number}", "at": at.isoformat(), "caller": f"+4144{5500000 + number}", **sound})

    def add(self, kind: str, given: Row) -> Row:
        raise KeyError("nothing")

    def configuration(self, folder: Path) -> Row:
        (folder / CALLS).write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in self.records["calls"]))
        for name in sounds(self.records["calls"]):
            (folder / name).write_bytes(b"RIFF" * 100)
        return {"plugin": self.plugin, "ledger_folder": str(folder)}


def sounds(rows: Sequence[Row]) -> list[str]:
    """The names of the sounds of calls."""
    return [row["sound"] for row in rows if "sound" in row]


def within(line: Line, ask: ListRequest) -> bool:
    """Whether a call stands in a slice."""
    return (ask.since is None or line.at >= ask.since) and (ask.until is None or line.at <= ask.until)
