"""Shaped: a plugin over rows that are in the schema's words already, so that the gateway maps as little as its peers do.

It is made known as any plugin is, by an entry point, but only to the gateway that the bench starts: see `known`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import msgspec

from telegraphql.gateway.plugin.mapping import RowPosition, read_rows
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, Provider, Push, Settings, gets, lists
from telegraphql.gateway.plugin.pruning import only
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
CALL, RECORDING = msgspec.json.Decoder(CallRow), msgspec.json.Decoder(RecordingRow)


def place(row: CallRow) -> RowPosition:
    """Where a call stands."""
    return RowPosition(str(row.key), row.started_at)


def call(row: CallRow, of: Provider) -> Call:
    """A call."""
    return Call(
        provider_name=of.name,
        native_id=str(row.key),
        refs={"recordings": str(row.live_id)},
        direction=row.direction,
        status=row.status,
        hangup_cause=row.hangup_cause,
        from_=Party(number=row.from_.number, name=row.from_.name),
        to=Party(number=row.to.number, name=row.to.name),
        caller_id_shown=row.caller_id_shown,
        started_at=row.started_at,
        ended_at=row.ended_at,
        is_ended_at_derived=row.is_ended_at_derived,
        duration_seconds=row.duration_seconds,
        talk_seconds=row.talk_seconds,
        user_id=row.user_id,
    )


def recording(row: RecordingRow, of: Provider) -> Recording:
    """A recording."""
    return Recording(
        provider_name=of.name,
        native_id=str(row.key),
        refs={"call": str(row.live_id)},
        started_at=row.started_at,
        duration_seconds=row.duration_seconds,
    )


class Shaped(Provider):
    """An account at the bench's upstream."""

    plugin = PLUGIN
    settings_type = Settings

    def __init__(self, name: str, settings: Settings, upstream: Upstream, numbering: Numbering) -> None:
        super().__init__(name, settings, upstream, numbering)
        self._turns = count()

    @lists(Call, pages=Keyset(most=MOST_ROWS), filters={"startedAt": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        params = {"limit": str(ask.size), "order": str(ask.order.value), **_bounds(ask)}
        rows = await self.upstream.read(Request(operation="GET /calls", path="/calls", params=params), ROWS)
        placed = place if ask.unmapped else None
        make = only(call, ask, placed)
        records, problems = read_rows(rows, CALL, lambda row: make(row, self), self.name, place=placed)
        return Page(records=records, read=len(rows), problems=problems)

    @gets(Recording, by="call", at_most=MOST_IDS)
    async def recordings(self, wanted: GetRequest) -> Page:
        """The recordings of calls; the upstream's file stands for whatever ids would be asked for."""
        # No two alike: the peers do not share what they ask either.
        params = {"turn": str(next(self._turns))}
        rows = await self.upstream.read(Request(operation="GET /recordings", path="/recordings", params=params), ROWS)
        make = only(recording, wanted)
        records, problems = read_rows(rows, RECORDING, lambda row: make(row, self), self.name)
        return Page(records=records, read=len(rows), problems=problems)


def _bounds(ask: ListRequest) -> Mapping[str, str]:
    given = (("from", ask.since), ("to", ask.until))
    return {name: moment.astimezone(UTC).isoformat() for name, moment in given if moment is not None}


def known(folder: Path) -> dict[str, str]:
    """The environment of a gateway to which this plugin is known: a distribution of it, as small as one can be, is put into the folder."""
    info = folder / "telegraphql_bench-0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: telegraphql-bench\nVersion: 0\n")
    (info / "entry_points.txt").write_text(f"[telegraphql.providers]\n{PLUGIN} = bench.shaped:Shaped\n")
    return {"PYTHONPATH": f"{folder}:{ROOT}"}
