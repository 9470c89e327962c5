"""One plugin for each promise of gateway/conformance/malformed_rows.py that breaks it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.errors import BadAnswer
from telegraphql.gateway.plugin.columns import Column
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import Page
from telegraphql.gateway.plugin.readers import text
from telegraphql.schema.enums import CallStatus
from tests.gateway.conformance.acme import CALL, STATUS, VOICEMESSAGE, Acme, Row, changed
from tests.gateway.conformance.broken_plugins import Broken, judge


class Brittle(Acme):
    async def fetch(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        page = await super().fetch(path, params, mapping)
        if page.records.unread():
            raise BadAnswer("has sent a row that cannot be read")
        return page


class Hushed(Acme):
    async def fetch(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        page = await super().fetch(path, params, mapping)
        return Page(records=list(page.records), read=page.read, total=page.total)


class Spoilt(Acme):
    async def fetch(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        page = await super().fetch(path, params, mapping)
        page.records = [] if page.records.unread() else page.records
        return page


class Demanding(Acme):
    def voicemessage(self) -> Mapping[Any]:
        return changed(VOICEMESSAGE, sort_id=Column(lambda id, caller: id if caller else None, "id", "caller"))


class Typed(Acme):
    async def fetch(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        page = await super().fetch(path, params, mapping)
        page.records = [view for view in page.records if not view.odd]
        return page


def guessed(result: str | None) -> CallStatus:
    """A status, even of a word that nobody knows."""
    return STATUS.get(result or "", CallStatus.UNKNOWN if result in (None, "odd") else CallStatus.FAILED)


class Guessing(Acme):
    def call(self) -> Mapping[Any]:
        return changed(CALL, status=Column(guessed, "result"))


class Exacting(Acme):
    def call(self) -> Mapping[Any]:
        return changed(CALL, sort_id=Column(lambda id, result: id if result in (*STATUS, "odd", None) else None, "id", "result"))


class Wider(Row):
    """A row with a field that no upstream has."""

    kit_field: str | None = None


class Curious(Acme):
    def call(self) -> Mapping[Any]:
        return Mapping(CALL.kind, Wider, **{**CALL.columns, "trunk": text("kit_field")})


class Tidy(Acme):
    async def fetch(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        page = await super().fetch(path, params, mapping)
        for view in page.records:
            view.raw = msgspec.Raw(msgspec.json.encode(msgspec.json.decode(view.raw, type=Row)))
        return page


OTHERS = frozenset({"survives_a_broken_row", "needs_only_id_and_time", "loses_only_a_field", "knows_what_it_does_not_know"})
BROKEN = [
    Broken(Brittle, "survives_a_broken_row", "the whole page is lost: give rows as they came to self.page"),
    Broken(Hushed, "survives_a_broken_row", "nothing tells that the row of the Call 'c1000' reads {}: pass on the page's problems"),
    Broken(Spoilt, "survives_a_broken_row", "the others are lost"),
    Broken(
        Demanding, "needs_only_id_and_time", "is lost without its `caller`, which is neither id nor time", frozenset({"loses_only_a_field"})
    ),
    Broken(Typed, "loses_only_a_field", "is [{'kit': 1}]: give rows as they came to self.page"),
    Broken(Guessing, "knows_what_it_does_not_know", "has the status FAILED instead of"),
    Broken(Exacting, "knows_what_it_does_not_know", "is lost where its `result` is the unknown word", frozenset({"loses_only_a_field"})),
    Broken(Curious, "keeps_what_it_does_not_use", "changes with a field nobody knows: let structs ignore it"),
    Broken(Tidy, "keeps_what_it_does_not_use", "is not a row as it was delivered", OTHERS),
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
