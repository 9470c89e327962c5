"""Unmapped plugin: a plugin over rows that are in the schema's words already, so that the gateway maps as little as its peers do.

It is made known as any plugin is, by an entry point, but only to the gateway that the bench starts: see `known`."""

from collections.abc import Mapping as Dict
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import msgspec

from telegraphql.gateway.plugin.columns import Object
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, Provider, Push, Settings, gets, lists
from telegraphql.gateway.plugin.readers import ident, plain
from telegraphql.gateway.upstream.client import Request, Upstream
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.recording import Recording
from telegraphql.schema.values import Party

PLUGIN = "bench-shaped"
MOST_ROWS, MOST_IDS = 5000, 1000
ROOT = Path(__file__).parents[1]


class End(msgspec.Struct, gc=False):
    """One end of a call."""

    number: str | None
    name: str | None


class CallRow(msgspec.Struct, rename="camel", gc=False):
    """A call; its id comes once as the answer has it and once as the upstream's own."""

    key: int = msgspec.field(name="call_id")
    live_id: int = msgspec.field(name="live_id")
    started_at: datetime
    ended_at: datetime | None
    is_ended_at_derived: bool
    direction: CallDirection
    status: CallStatus
    hangup_cause: str | None
    caller_id_shown: str | None
    duration_seconds: int | None
    talk_seconds: int | None
    user_id: str | None
    from_: End = msgspec.field(name="from")
    to: End


class RecordingRow(msgspec.Struct, rename="camel"):
    """A recording of a call."""

    key: int = msgspec.field(name="recording_id")
    started_at: datetime
    live_id: int
    duration_seconds: int | None


ROWS = msgspec.json.Decoder(list[msgspec.Raw])


CALL = Mapping(
    Call,
    CallRow,
    native_id=ident("key"),
    refs={"recordings": ident("live_id")},
    direction=plain("direction"),
    status=plain("status"),
    hangup_cause=plain("hangup_cause"),
    from_=Object(Party, number=plain("from_.number"), name=plain("from_.name")),
    to=Object(Party, number=plain("to.number"), name=plain("to.name")),
    caller_id_shown=plain("caller_id_shown"),
    started_at=plain("started_at"),
    ended_at=plain("ended_at"),
    is_ended_at_derived=plain("is_ended_at_derived"),
    duration_seconds=plain("duration_seconds"),
    talk_seconds=plain("talk_seconds"),
    user_id=plain("user_id"),
)
RECORDING = Mapping(
    Recording,
    RecordingRow,
    native_id=ident("key"),
    refs={"call": ident("live_id")},
    started_at=plain("started_at"),
    duration_seconds=plain("duration_seconds"),
)


class Shaped(Provider):
    """An account at the bench's upstream."""

    plugin = PLUGIN
    contract_version = 1
    settings_type = Settings

    def __init__(self, name: str, settings: Settings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        self._turns = count()

    @lists(Call, pages=Keyset(most=MOST_ROWS), filters={"startedAt": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        params = {"limit": str(ask.size), "order": str(ask.order.value), **_bounds(ask)}
        rows = await self.upstream.read(Request(operation="GET /calls", path="/calls", params=params), ROWS)
        return self.page(CALL, rows)

    @gets(Recording, by="call", at_most=MOST_IDS)
    async def recordings(self, wanted: GetRequest) -> Page:
        """The recordings of calls; the upstream's file stands for whatever ids would be asked for."""
        # No two alike: the peers do not share what they ask either.
        params = {"turn": str(next(self._turns))}
        rows = await self.upstream.read(Request(operation="GET /recordings", path="/recordings", params=params), ROWS)
        return self.page(RECORDING, rows)


def _bounds(ask: ListRequest) -> Dict[str, str]:
    given = (("from", ask.since), ("to", ask.until))
    return {name: moment.astimezone(UTC).isoformat() for name, moment in given if moment is not None}


def known(folder: Path) -> dict[str, str]:
    """The environment of a gateway to which this plugin is known: a distribution of it, as small as one can be, is put into the folder."""
    info = folder / "telegraphql_bench-0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: telegraphql-bench\nVersion: 0\n")
    (info / "entry_points.txt").write_text(f"[telegraphql.providers]\n{PLUGIN} = bench.unmapped_plugin:Shaped\n")
    return {"PYTHONPATH": f"{folder}:{ROOT}"}
