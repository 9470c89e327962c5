"""One plugin for each promise of gateway/conformance/mapping.py and media.py that breaks it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.plugin.mapping import RowPosition
from telegraphql.gateway.plugin.provider import Download, ListRequest, Page
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.call import Call
from telegraphql.schema.record import FileInfo
from telegraphql.schema.voicemessage import Voicemessage
from tests.gateway.conformance.acme import Acme, Row
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


class Silent(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        page = await super().queues(ask)
        for record in page.records:
            record.raw = None
        return page


class Mapped(Acme):
    field: str
    value: Any

    def call(self, row: Row) -> Call:
        made = super().call(row)
        setattr(made, self.field, self.value)
        return made


class Wordy(Mapped):
    field, value = "direction", "INBOUND"


class Blank(Mapped):
    field, value = "trunk", ""


class Inexact(Mapped):
    field, value = "talk_seconds", 1.5


class Huge(Mapped):
    field, value = "ring_seconds", 2**31


class Late(Acme):
    def place(self, row: Row) -> RowPosition:
        found = super().place(row)
        return RowPosition(found.native_id, found.time + timedelta(microseconds=1))


class Changing(Acme):
    @same_as(Acme.calls)
    async def calls(self, ask: ListRequest) -> Page:
        page = await super().calls(ask)
        for leg in page.records if not ask.unmapped else ():
            leg.refs = {**leg.refs, "odd": "yes"}
        return page


class Elsewhere(Acme):
    @same_as(Acme.sound)
    async def sound(self, native_id: str) -> Download:
        return Download(request=Request(operation="GET /moved", path="/moved", params={"id": native_id}))


class Generous(Acme):
    @same_as(Acme.sound)
    async def sound(self, native_id: str) -> Download:
        return Download(request=Request(operation="GET /file", path="/file", params={"id": "r1"}))


class Headstrong(Acme):
    async def authorize(self, request: Request) -> None:
        await super().authorize(request)
        request.headers = {"User-Agent": "headstrong"}


class Promising(Acme):
    def voicemessage(self, row: Row) -> Voicemessage:
        made = super().voicemessage(row)
        made.files = {"media": FileInfo()}
        return made


BROKEN = [
    Broken(Silent, "keeps_the_raw_row", "pass rows to self.page"),
    Broken(Wordy, "matches_the_field_types", "map it to a member of CallDirection, unknown codes to UNKNOWN"),
    Broken(Blank, "matches_the_field_types", "Call.trunk of 'c1"),
    Broken(Inexact, "matches_the_field_types", "is a float: make it a int"),
    Broken(Huge, "matches_the_field_types", "GraphQL's Int ends at 2147483647"),
    Broken(Late, "maps_lazily_to_the_same_record", "let `place` tell the native_id and the time that the mapping makes"),
    Broken(Changing, "maps_lazily_to_the_same_record", "is another record where it is unmapped first"),
    Broken(Elsewhere, "streams_files", "status 307", frozenset({"forwards_ranges"})),
    Broken(Generous, "reports_a_missing_file", "raise NotFound"),
    Broken(Headstrong, "forwards_ranges", "add to Request.headers, do not replace them"),
    Broken(Promising, "declares_the_files_it_offers", '@files("Voicemessage.media")'),
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
