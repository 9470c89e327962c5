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
        if page.records.all() and page.records.news():
            raise BadAnswer("has sent a row that cannot be read")
        return page


class Hushed(Acme):
    async def fetch(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        page = await super().fetch(path, params, mapping)
        return Page(records=list(page.records), read=page.read, total=page.total)


class Spoilt(Acme):
    async def fetch(self, path: str, params: dict[str, str], mapping: Mapping[Any]) -> Page:
        page = await super().fetch(path, params, mapping)
        page.records = [] if page.records.all() and page.records.news() else page.records
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


FIELDS = frozenset({"isolates_malformed_fields"})
OTHERS = FIELDS | {"isolates_malformed_rows", "needs_only_id_and_time", "maps_unknown_codes_to_unknown"}
BROKEN = [
    Broken(Brittle, "isolates_malformed_rows", "the whole page fails: pass rows to self.page as msgspec.Raw"),
    Broken(
        Hushed,
        "isolates_malformed_rows",
        "the row of the Call 'c1000' is {}, but the page has no problem: return what self.page returns",
    ),
    Broken(Spoilt, "isolates_malformed_rows", "other records are missing"),
    Broken(Demanding, "needs_only_id_and_time", "is missing without its `caller`, which is neither id nor time", FIELDS),
    Broken(Typed, "isolates_malformed_fields", "is [{'kit': 1}]: pass rows to self.page as msgspec.Raw"),
    Broken(Guessing, "maps_unknown_codes_to_unknown", "has status FAILED if all its codes are unknown"),
    Broken(Exacting, "maps_unknown_codes_to_unknown", "is missing if its `result` is the unknown code", FIELDS),
    Broken(Curious, "ignores_and_keeps_unknown_fields", "changes with an unknown field: let wire structs ignore unknown fields"),
    Broken(Tidy, "ignores_and_keeps_unknown_fields", "differs from the row as it was delivered", OTHERS | {"believes_no_nonsense"}),
]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
