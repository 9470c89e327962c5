"""Whatever stands in Master.csv, in whatever order, with whatever ties, and whatever is appended meanwhile: a walk through the pages
brings each record once, in order."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from telegraphql.plugin import Row
from telegraphql.plugins.asterisk import index
from telegraphql.schema import CallFilter, Session, TimeOrder, TimeRange
from tests.plugins.asterisk.asterisk_records import START, cdr, serving, text, write
from tests.support.graphql_client import ids, walk

ORDERS = st.sampled_from(TimeOrder)


@st.composite
def logs(draw: st.DrawFn) -> list[Row]:
    """Calls in the order in which they end; the fewer seconds they fall into, the more of them tie."""
    span = draw(st.sampled_from([1, 5, 600, 90_000]))
    calls = draw(st.lists(st.tuples(st.integers(0, span), st.integers(0, 4000)), max_size=25))
    rows = [cdr(at, duration, sequence=number) for number, (at, duration) in enumerate(calls)]
    return sorted(rows, key=lambda row: row["end"])


def in_order(rows: Sequence[Row], order: TimeOrder) -> list[str]:
    """The sequences as the list should have them: by start, then by native id."""
    found = sorted(rows, key=lambda row: (row["start"], f"/{row['uniqueid']}/{row['sequence']}"), reverse=order is TimeOrder.NEWEST_FIRST)
    return [str(row["sequence"]) for row in found]


def sequences(natives: Sequence[str]) -> list[str]:
    return [each.rpartition("/")[2] for each in natives]


@settings(max_examples=40)
@given(
    rows=logs(),
    late=st.integers(0, 20),
    order=ORDERS,
    size=st.integers(1, 9),
    page_size=st.integers(1, 9),
    block=st.sampled_from([300, 900, 4000]),
)
async def test_a_walk_brings_each_record_once(rows: list[Row], late: int, order: TimeOrder, size: int, page_size: int, block: int) -> None:
    with TemporaryDirectory() as name, patch.object(index, "BLOCK", block):
        folder = Path(name)
        older = len(rows) // 3
        write(folder, rows[:older], "Master.csv.1")
        write(folder, rows[older:])
        of, after = serving(folder), 100_000 if order is TimeOrder.NEWEST_FIRST else -100_000
        extra = iter([cdr(after, sequence=1000 + number) for number in range(late)])

        def append() -> None:
            write(folder, text(row for row in [next(extra, None)] if row))

        with patch("telegraphql.plugins.asterisk.Asterisk.settings_type.page_size", page_size, create=True):
            found = await walk([of], size=size, order=order, between=append)
        assert sequences(ids(found)) == in_order(rows, order)
        await of.provider.upstream.aclose()


@settings(max_examples=25)
@given(rows=logs(), size=st.integers(1, 9), since=st.integers(-5, 700), length=st.integers(1, 700))
async def test_a_range_of_time_brings_what_began_in_it(rows: list[Row], size: int, since: int, length: int) -> None:
    with TemporaryDirectory() as name:
        write(Path(name), rows)
        of = serving(Path(name))
        first, last = START + timedelta(seconds=since), START + timedelta(seconds=since + length)
        found = await walk([of], size=size, filter=CallFilter(started_at=TimeRange(since=first, until=last)))
        inside = [row for row in rows if f"{first:%Y-%m-%d %H:%M:%S}" <= row["start"] < f"{last:%Y-%m-%d %H:%M:%S}"]
        assert sequences(ids(found)) == in_order(inside, TimeOrder.NEWEST_FIRST)
        await of.provider.upstream.aclose()


@settings(max_examples=25)
@given(rows=logs(), size=st.integers(1, 9), order=ORDERS, groups=st.integers(1, 8))
async def test_conversations_are_whole(rows: list[Row], size: int, order: TimeOrder, groups: int) -> None:
    talks: dict[str, list[Row]] = {}
    for number, row in enumerate(rows):
        row["linkedid"] = f"{int(START.timestamp())}.{number % groups}"
        talks.setdefault(row["linkedid"], []).append(row)
    with TemporaryDirectory() as name:
        write(Path(name), rows)
        of = serving(Path(name), session_span=timedelta(days=2))
        found = await walk([of], Session, size=size, order=order)
        starts = {key: min(row["start"] for row in legs) for key, legs in talks.items()}
        assert ids(found) == sorted(talks, key=lambda key: (starts[key], key), reverse=order is TimeOrder.NEWEST_FIRST)
        await of.provider.upstream.aclose()
