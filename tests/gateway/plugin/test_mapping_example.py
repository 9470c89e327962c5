"""The example in the documentation of `Mapping` is complete, and does what it says."""

import inspect
import re
import textwrap
from datetime import UTC, datetime
from typing import Any

import msgspec

from telegraphql.gateway.conformance import read_page
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.schema.enums import CallDirection, CallStatus
from tests.support.memory_provider import Memory, Store, serving

ROW = {
    "id": 7,
    "calldate": "2026-11-01 12:00:00",
    "duration": 65,
    "disposition": "RINGING",
    "cause": "User busy",
    "src": "+41445556677",
    "src_name": "Ada",
    "dst": "201",
    "charge": "0.10",
    "live_id": "l7",
}


def test_the_example_of_a_mapping_can_be_copied() -> None:
    (code,) = re.findall(r"\n\n((?:(?: {4}.*)?\n)+)\nA method", inspect.cleandoc(Mapping.__doc__ or ""))
    example: dict[str, Any] = {"__name__": "example"}
    exec(textwrap.dedent(code), example)
    provider = serving("a", Memory, Store()).provider
    ((call,), problems) = read_page(provider.page(example["CALL"], [msgspec.Raw(msgspec.json.encode(ROW))]))
    assert problems == []
    assert (call.native_id, call.direction, call.status, call.hangup_cause) == ("7", CallDirection.INBOUND, CallStatus.BUSY, "User busy")
    assert (call.duration_seconds, call.ended_at) == (65, datetime(2026, 11, 1, 12, 1, 5, tzinfo=UTC))
    assert (call.from_.number, call.from_.name, call.to.number, str(call.cost.amount)) == ("+41445556677", "Ada", "201", "0.10")
    assert (call.refs, call.files["capture"].file_name) == ({"recordings": "l7"}, "call-7.txt")
