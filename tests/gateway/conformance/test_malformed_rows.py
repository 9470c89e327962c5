"""One plugin for each promise of gateway/conformance/malformed_rows.py that breaks it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.errors import BadAnswer
from telegraphql.gateway.plugin.mapping import read_rows
from telegraphql.gateway.plugin.provider import Page
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.voicemessage import Voicemessage
from tests.gateway.conformance.acme import STATUS, Acme, Row
from tests.gateway.conformance.broken_plugins import Broken, judge


class Brittle(Acme):
    async def page(self, path: str, params: dict[str, str], make: Any, unmapped: bool = False) -> Page:
        page = await super().page(path, params, make, unmapped)
        if page.problems:
            raise BadAnswer("has sent a row that cannot be read")
        return page


class Hushed(Acme):
    async def page(self, path: str, params: dict[str, str], make: Any, unmapped: bool = False) -> Page:
        page = await super().page(path, params, make, unmapped)
        page.problems.clear()
        return page


class Spoilt(Acme):
    async def page(self, path: str, params: dict[str, str], make: Any, unmapped: bool = False) -> Page:
        page = await super().page(path, params, make, unmapped)
        page.records = [] if page.problems else page.records
        return page


class Demanding(Acme):
    def voicemessage(self, row: Row) -> Voicemessage:
        if row.caller is None:
            raise ValueError("missing - at `$.caller`")
        return super().voicemessage(row)


class Guessing(Acme):
    def call(self, row: Row) -> Call:
        made = super().call(row)
        made.status = STATUS.get(row.result or "", CallStatus.UNKNOWN if row.result in (None, "odd") else CallStatus.FAILED)
        return made


class Exacting(Acme):
    def call(self, row: Row) -> Call:
        if row.result not in (*STATUS, "odd", None):
            raise ValueError("unknown - at `$.result`")
        return super().call(row)


class Closed(Row, forbid_unknown_fields=True):
    """A row that may hold nothing new."""


class Frozen(Acme):
    async def page(self, path: str, params: dict[str, str], make: Any, unmapped: bool = False) -> Page:
        rows = (await self.rows(path, params)).rows or []
        page = await super().page(path, params, make, unmapped)
        page.records, page.problems = read_rows(rows, msgspec.json.Decoder(Closed), make, self.name, place=self.place if unmapped else None)
        return page


class Tidy(Acme):
    async def page(self, path: str, params: dict[str, str], make: Any, unmapped: bool = False) -> Page:
        page = await super().page(path, params, make, unmapped)
        for record in page.records:
            record.raw = msgspec.Raw(msgspec.json.encode(msgspec.json.decode(record.raw, type=Row)))
        return page


OTHERS = frozenset({"isolates_malformed_rows", "needs_only_id_and_time", "maps_unknown_codes_to_unknown"})
BROKEN = [
    Broken(Brittle, "isolates_malformed_rows", "the whole page fails: pass rows to self.page as msgspec.Raw"),
    Broken(
        Hushed,
        "isolates_malformed_rows",
        "the row of the Call 'c1000' is {}, but the page has no problem: return what self.page returns",
    ),
    Broken(Spoilt, "isolates_malformed_rows", "other records are missing"),
    Broken(Demanding, "needs_only_id_and_time", "is missing without its `caller`, which is neither id nor time"),
    Broken(Guessing, "maps_unknown_codes_to_unknown", "has status FAILED if all its codes are unknown"),
    Broken(Exacting, "maps_unknown_codes_to_unknown", "is missing if its `result` is the unknown code"),
    Broken(Frozen, "ignores_and_keeps_unknown_fields", "changes with an unknown field: let wire structs ignore unknown fields"),
    Broken(Tidy, "ignores_and_keeps_unknown_fields", "differs from the row as it was delivered", OTHERS),
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_the_kit_finds(broken: Broken, tmp_path: Path) -> None:
    judge(broken, tmp_path)
