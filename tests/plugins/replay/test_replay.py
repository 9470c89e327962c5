"""Replay: answers of the vendors' documents, byte for byte, the examples of an OpenAPI document, and answers of live accounts.

The values of live accounts are invented. Each answer is read to the last field.

Beside each answer stands what is made of it: the records, and the fields that are found in `native` only. To see what has changed,
compare with the file that the failing test writes.
"""

import asyncio
import dataclasses
import json
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from telegraphql.gateway.conformance import read_page
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Provider
from telegraphql.plugins.boxis import Boxis
from telegraphql.plugins.portsip import Portsip
from telegraphql.plugins.twilio import Twilio
from telegraphql.plugins.voximplant import Voximplant
from telegraphql.plugins.voximplant.mapping import Parts
from telegraphql.schema import Party

HERE = Path(__file__).parent
SEEDS = HERE.parents[3] / "shared" / "seeds"
PLUGINS: dict[str, tuple[type[Provider], dict[str, Any]]] = {
    "boxis": (Boxis, {"username": "a@example.com", "user_key": "k", "tenant": "VOICE-12001-1", "currency": "CHF"}),
    "portsip": (Portsip, {"base_url": "https://pbx.acme.example:8887/api", "token": "t", "region": "CH", "currency": "CHF"}),
    "twilio": (Twilio, {"username": "AC" + 32 * "a", "password": "t"}),
    "voximplant": (Voximplant, {"account_id": "1", "api_key": "k", "currency": "USD"}),
}
ID = "NzAwNTUxOTA5NzczMTQ4MTYw"
GETS = {
    "Media": "attachments",
    "Notifications": "notifications",
    "cdr": "session",
    "calllog": "call",
    "call_report": "schedule",
    "completed_call_report": "report",
    "recording": "recording",
}
LISTS = {
    "getCDR": "calls",
    "cdrs": "sessions",
    "calllogs": "calls",
    "call_reports": "schedules",
    "completed_call_reports": "reports",
    "GetTransactionHistory": "transactions",
    "GetACDHistory": "queue_visits",
    "GetAuditLog": "audit_entries",
    "GetHistoryReports": "reports",
    "Calls": "calls",
    "Recordings": "recordings",
    "Messages": "messages",
    "Daily": "transactions",
}
ANSWERS = sorted(path for plugin in PLUGINS for path in (HERE / plugin).glob("*.json") if not path.name.endswith(".expected.json"))
# What is not of the record itself.
OURS = {"provider_name", "raw", "sort_id", "position_time", "refs", "held", "to_e164"}


class Replayed:
    """An upstream that gives one answer to whatever it is asked."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, request: Any, decoder: Any) -> Any:
        return decoder.decode(self._body)

    def set_warnings(self, warnings: Any) -> None:
        assert list(warnings) == []


async def answered(path: Path, body: bytes) -> Any:
    plugin, table = PLUGINS[path.parent.name]
    settings = plugin.settings_type(**table)
    numbering = Numbering(getattr(settings, "region", None), plugin.bare_numbers_are_international)
    provider: Any = plugin("acme", settings, cast(Any, Replayed(body)), numbering)
    operation = path.stem.partition("_")[2]
    if operation == "GetCallHistory":
        return await provider.sessions({}, Parts(True, True, True))
    if operation in GETS:
        return await getattr(provider, GETS[operation])(GetRequest(keys=[ID]))
    return await getattr(provider, LISTS[operation])(ListRequest(count=True))


def told(value: Any) -> Any:
    """A value as JSON says it; what is null, false or empty is left out."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime | Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [told(each) for each in value]
    if hasattr(value, "record"):
        value = value.record()
    if isinstance(value, Party):
        return shown({**vars(value), "e164": value.e164()})
    if dataclasses.is_dataclass(value):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return shown(vars(value) if hasattr(value, "__dict__") else fields)
    return shown(value) if isinstance(value, dict) else value


def shown(fields: dict[str, Any]) -> dict[str, Any]:
    found = {name: told(value) for name, value in fields.items() if name not in OURS}
    return {name: value for name, value in found.items() if value is not None and value is not False and value not in ([], {})}


def with_parts(record: Any) -> Any:
    """A record, and what came inside of it."""
    return told(record) | {name: told(parts) for name, parts in record.held.items() if isinstance(parts, list)}


def read_fields(struct: Any) -> set[str]:
    """The names of all fields of a row that a plugin reads."""
    return {each.encode_name for each in msgspec.structs.fields(struct)}


def rows_of(body: Any) -> list[Any]:
    if "next_page_uri" in body:
        return next(value for value in body.values() if isinstance(value, list))
    found = body.get("result", body.get("items", [body])) if "params" not in body else [*body["params"]["cdr"].values()]
    return list(found)


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_answer_is_read_to_its_last_field(path: Path, tmp_path: Path) -> None:
    page = asyncio.run(answered(path, path.read_bytes()))
    records, problems = read_page(page)
    structs = {type(view.row) for view in page.records}
    native = {name for row in rows_of(json.loads(path.read_bytes())) for name in row} - set().union(*map(read_fields, structs))
    parts = [part for view in page.records for found in view.held.values() if isinstance(found, list) for part in found]
    for part in parts:
        native |= {f"{part.record_type.__name__}.{name}" for name in json.loads(bytes(part.raw)).keys() - read_fields(type(part.row))}
    found = {
        "total": page.total,
        "problems": told(problems),
        "native only": sorted(native),
        "records": [with_parts(each) for each in records],
    }
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=False) + "\n"
    (tmp_path / "found.json").write_text(text)
    expected = path.with_suffix(".expected.json")
    assert text == expected.read_text(), f"compare with {tmp_path / 'found.json'}"


@pytest.mark.parametrize("path", [each for each in ANSWERS if each.stem.startswith("documented")], ids=lambda path: path.stem)
def test_an_example_is_that_of_the_document(path: Path) -> None:
    if not SEEDS.is_dir():
        pytest.skip("the vendors' documents are not here")
    # The pages have no-break spaces, on that of Boxis also between the values.
    example, *documents = (each.read_bytes().replace(b"\xc2\xa0", b" ") for each in (path, *SEEDS.glob("*.txt")))
    assert any(example in each for each in documents)
