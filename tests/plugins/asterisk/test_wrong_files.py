"""Wrong files: the nonsense that live systems write costs a character or a field, never another record, and what is missing is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from telegraphql.gateway.plugin.answer_faults import BYTE_ORDER_MARK, IMPOSSIBLE_LENGTHS, STRAY_BYTES, ZERO_TIMES
from telegraphql.plugin import Row
from telegraphql.schema import Call, TimeOrder
from tests.plugins.asterisk.asterisk_records import cdr, serving, text, write
from tests.support.graphql_client import pages

ROWS = 40
Spoil = Callable[[list[Row]], bytes]


def lines(rows: list[Row]) -> bytes:
    return text(rows).encode()


def with_byte(stray: bytes) -> Spoil:
    """A stray byte within the name of every third caller."""
    return lambda rows: lines([row | {"clid": '"Al~ice" <104>'} if number % 3 == 0 else row for number, row in enumerate(rows)]).replace(
        b"~", stray
    )


def with_fields(*values: Row) -> Spoil:
    """Other fields in every third row."""
    return lambda rows: lines([row | values[number // 3 % len(values)] if number % 3 == 0 else row for number, row in enumerate(rows)])


SPOILT: dict[str, Spoil] = {
    **{mode: with_byte(stray) for mode, stray in STRAY_BYTES.items()},
    "byte_order_mark": lambda rows: BYTE_ORDER_MARK + lines(rows),
    "zero_times": with_fields(*({"answer": time, "end": time} for time in ZERO_TIMES)),
    "misorder": lambda rows: lines([*rows[1::2], *rows[::2]]),
    "impossible_lengths": with_fields(*({"duration": length, "billsec": length} for length in IMPOSSIBLE_LENGTHS)),
}


@pytest.mark.parametrize("order", TimeOrder)
@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("mode", SPOILT)
async def test_every_record_is_there_once(tmp_path: Path, mode: str, size: int, order: TimeOrder) -> None:
    rows = [cdr(each * 60, 30, sequence=each) for each in range(ROWS)]
    write(tmp_path, "")
    (tmp_path / "Master.csv").write_bytes(SPOILT[mode](rows))
    of = serving(tmp_path)
    found = [each async for each in pages([of], size=size, order=order)]
    calls: list[Call] = [node for each in found for node in each.nodes]
    shown = [int(call.native_id.rpartition("/")[2]) for call in calls]
    assert shown == (list(range(ROWS)) if order is TimeOrder.OLDEST_FIRST else list(range(ROWS))[::-1])
    for call in calls:
        assert call.duration_seconds is None or 0 <= call.duration_seconds < 2**31
        assert call.ended_at is None or abs((call.ended_at - call.started_at).total_seconds()) < 86_400
    await of.provider.upstream.aclose()
