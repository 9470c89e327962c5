"""One plugin for each promise of gateway/conformance/mapping.py and media.py that breaks it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.plugin.columns import ROW, Column, Constant
from telegraphql.gateway.plugin.file_reader import file
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import Download, ListRequest, Page, derives
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.call import Call
from telegraphql.schema.session import Session
from tests.gateway.conformance.acme import CALL, VOICEMESSAGE, Acme, Row, changed
from tests.gateway.conformance.broken_plugins import Broken, judge, same_as


class Silent(Acme):
    @same_as(Acme.queues)
    async def queues(self, ask: ListRequest) -> Page:
        page = await super().queues(ask)
        page.records = [replace(view.record(), raw=None) for view in page.records]
        return page


class Mapped(Acme):
    field: str
    value: Any

    def call(self) -> Mapping[Any]:
        return changed(CALL, **{self.field: Constant(self.value)})


class Wordy(Mapped):
    field, value = "direction", "INBOUND"


class Blank(Mapped):
    field, value = "trunk", ""


class Inexact(Mapped):
    field, value = "talk_seconds", 1.5


class Huge(Mapped):
    field, value = "ring_seconds", 2**31


def taken(row: Row) -> str | None:
    """A box, once."""
    box, row.box = row.box, None
    return box


class Consuming(Acme):
    def voicemessage(self) -> Mapping[Any]:
        return changed(VOICEMESSAGE, mailbox=Column(taken, ROW))


class Modest(Acme):
    @derives(Session, of=Call, by="session", fills=("calls", "isDerived"))
    def session(self, parts: Sequence[Call]) -> Session:
        return super().session(parts)


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
    def voicemessage(self) -> Mapping[Any]:
        return changed(VOICEMESSAGE, files={"media": file()})


BROKEN = [
    Broken(Silent, "keeps_the_raw_row", "pass rows to self.page"),
    Broken(Wordy, "matches_the_field_types", "map it to a member of CallDirection, unknown codes to UNKNOWN"),
    Broken(Blank, "matches_the_field_types", "Call.trunk of 'c1"),
    Broken(Inexact, "matches_the_field_types", "is a float: make it an int"),
    Broken(Huge, "matches_the_field_types", "GraphQL's Int ends at 2147483647"),
    Broken(Consuming, "reads_each_field_alone", "has another value if the whole record is read"),
    Broken(Modest, "declares_what_it_derives", "has ['startedAt']: name it in @derives(Session, fills=...)"),
    Broken(Elsewhere, "streams_files", "which is not a host of this provider", frozenset({"forwards_ranges"})),
    Broken(Generous, "reports_a_missing_file", "raise NotFound"),
    Broken(Headstrong, "forwards_ranges", "add to Request.headers, do not replace them"),
    Broken(Promising, "declares_the_files_it_offers", '@files("Voicemessage.media")'),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
