"""Positions and their cursors: stable text, bound to one list, refusing everything else."""

import base64
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strawberry import UNSET

from telegraphql.gateway.errors import BadCursor
from telegraphql.gateway.pagination.cursor import (
    OPEN,
    Position,
    Seal,
    fingerprint,
    micros,
    moment,
    position,
    read_cursor,
    time_of,
    write_cursor,
)
from telegraphql.gateway.pagination.filtering.filters import given as parts_of
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import CallStatus, TimeOrder
from telegraphql.schema.filters import IntRange, NumberFilter
from telegraphql.schema.queue import Queue
from telegraphql.schema.record import Record
from telegraphql.schema.session import Session
from tests.support.graphql_client import NEWEST, OLDEST, page
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call, queue, report

MARK = "c0ffee"
MOMENTS = st.datetimes(timezones=st.just(UTC))
GOLDEN = "lgPEBjiCJ_sV4Khzb21lbWFya88ABhKYHYdQAKdhY21lLWV1ozQyMn09cTgKxIxC"


def test_a_cursors_text_never_changes() -> None:
    place = Position(micros(datetime(2024, 3, 1, 12, tzinfo=UTC)), "acme-eu", "422")
    assert write_cursor(place, "somemark") == GOLDEN
    assert read_cursor(GOLDEN, "somemark", Call) == place


@given(MOMENTS, st.text(), st.text())
def test_a_position_in_time_survives_its_cursor(time: datetime, provider: str, native: str) -> None:
    place = Position(micros(time), provider, native)
    text = write_cursor(place, MARK)
    assert read_cursor(text, MARK, Call) == place
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text(), st.text(), st.text())
def test_a_position_by_name_survives_its_cursor(name: str, provider: str, native: str) -> None:
    place = Position(name, provider, native)
    assert read_cursor(write_cursor(place, MARK), MARK, Queue) == place


@given(MOMENTS)
def test_a_moment_survives_its_microseconds(time: datetime) -> None:
    assert moment(micros(time)) == time


def test_a_record_stands_at_its_kinds_time_unless_it_says_otherwise() -> None:
    assert position(call(1, 3)) == Position(micros(at(3)), "a", "1")
    assert position(call(1, 3, position_time=at(1), sort_id="01")) == Position(micros(at(1)), "a", "01")
    assert position(queue(7, "Sales")) == Position("Sales", "a", "7")


def test_a_record_without_a_time_has_no_position() -> None:
    with pytest.raises(ValueError, match="without a time"):
        time_of(report(1, None, status=None))


def sealed(*values: object) -> str:
    made = msgspec.msgpack.encode(values)
    return base64.urlsafe_b64encode(made + OPEN.of(made)).decode().rstrip("=")


WRONG = {
    "garbage": "garbage!",
    "not ascii": "Schöne Grüße",
    "not base64": "a",
    "not msgpack": base64.urlsafe_b64encode(b"\xc1\xc1\xc1").decode(),
    "padded": GOLDEN + "=",
    "with another letter": GOLDEN[:5] + "A" + GOLDEN[6:],
    "cut": GOLDEN[:-4],
    "longer": GOLDEN + "AAAA",
    "of another version": sealed(1, OPEN.caller, "somemark", 5, "a", "1"),
    "of other parts": sealed(3, OPEN.caller, "somemark", 5, "a"),
    "without a seal": base64.urlsafe_b64encode(msgspec.msgpack.encode((3, OPEN.caller, "somemark", 5, "a", "1"))).decode().rstrip("="),
    "of a name": sealed(3, OPEN.caller, "somemark", "Sales", "a", "1"),
    "before all time": sealed(3, OPEN.caller, "somemark", -(2**62), "a", "1"),
    "after all time": sealed(3, OPEN.caller, "somemark", 2**64 - 1, "a", "1"),
    "a global id": "Q2FsbDphOjE",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor) as refused:
        read_cursor(text, "somemark", Call)
    assert refused.value.extensions == {"code": "BAD_CURSOR"}


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_nothing_but_a_cursor_is_taken_for_one(noise: bytes) -> None:
    for text in (noise.decode("latin-1"), base64.urlsafe_b64encode(noise).decode().rstrip("=")):
        with pytest.raises(BadCursor):
            read_cursor(text, MARK, Call)


SECRET = Seal.key("s3cr3t")


@pytest.mark.parametrize("seal", [OPEN, Seal(SECRET, "acme"), Seal(SECRET, "jwt:Zoë")], ids=["open", "of a key", "of a token"])
def test_a_change_of_any_character_is_noticed(seal: Seal) -> None:
    text = write_cursor(Position(5, "a", "1"), MARK, seal)
    for place in range(len(text)):
        for letter in "AQgw-":
            changed = text[:place] + letter + text[place + 1 :]
            if changed != text:
                with pytest.raises(BadCursor):
                    read_cursor(changed, MARK, Call, seal)


@pytest.mark.parametrize("other", [OPEN, Seal(SECRET, "b"), Seal(SECRET), Seal(Seal.key("other"), "a"), Seal(caller="a")])
def test_a_cursor_is_of_one_caller_and_one_secret(other: Seal) -> None:
    mine = Seal(SECRET, "a")
    text = write_cursor(Position(5, "a", "1"), MARK, mine)
    assert read_cursor(text, MARK, Call, Seal(Seal.key("s3cr3t"), "a")) == Position(5, "a", "1")
    with pytest.raises(BadCursor) as refused:
        read_cursor(text, MARK, Call, other)
    assert refused.value.extensions == {"code": "BAD_CURSOR"}


def test_a_cursor_of_another_caller_says_so() -> None:
    text = write_cursor(Position(5, "a", "1"), MARK, Seal(SECRET, "a"))
    with pytest.raises(BadCursor, match="this cursor was made for another caller; start again without it"):
        read_cursor(text, MARK, Call, Seal(SECRET, "b"))


OTHERS: dict[str, tuple[type[Record], TimeOrder, CallFilter | None]] = {
    "kind": (Session, NEWEST, CallFilter(duration_seconds=IntRange(min=1))),
    "order": (Call, OLDEST, CallFilter(duration_seconds=IntRange(min=1))),
    "value": (Call, NEWEST, CallFilter(duration_seconds=IntRange(min=2))),
    "end of a range": (Call, NEWEST, CallFilter(duration_seconds=IntRange(max=1))),
    "field": (Call, NEWEST, CallFilter(talk_seconds=IntRange(min=1))),
    "no filter": (Call, NEWEST, None),
    "more filters": (Call, NEWEST, CallFilter(duration_seconds=IntRange(min=1), status=[CallStatus.BUSY])),
}


@pytest.mark.parametrize(("kind", "order", "filter"), OTHERS.values(), ids=OTHERS)
def test_a_cursor_of_another_kind_order_or_filter_has_another_fingerprint(
    kind: type[Record], order: TimeOrder, filter: CallFilter | None
) -> None:
    own = fingerprint(Call, NEWEST, parts_of(CallFilter(duration_seconds=IntRange(min=1))))
    assert fingerprint(kind, order, parts_of(filter)) != own


def test_what_is_left_out_and_what_is_null_have_one_fingerprint() -> None:
    spellings = [
        None,
        CallFilter(),
        CallFilter(status=None, duration_seconds=UNSET),
    ]
    assert len({fingerprint(Call, NEWEST, parts_of(each)) for each in spellings}) == 1
    one, other = CallFilter(duration_seconds=IntRange(min=1)), CallFilter(duration_seconds=IntRange(min=1, max=None))
    assert fingerprint(Call, NEWEST, parts_of(one)) == fingerprint(Call, NEWEST, parts_of(other))


PROGRAM = """
from telegraphql.gateway.pagination.filtering.filters import given
from telegraphql.gateway.pagination.cursor import fingerprint
from telegraphql.schema import Call, CallFilter, CallStatus, NumberFilter, TimeOrder
chosen = CallFilter(status=[CallStatus.BUSY], number=NumberFilter(equals=["+41"]), has_recording=True)
print(fingerprint(Call, TimeOrder.NEWEST_FIRST, given(chosen)))
"""


def test_a_fingerprint_is_the_same_in_every_process_at_any_time() -> None:
    chosen = CallFilter(status=[CallStatus.BUSY], number=NumberFilter(equals=["+41"]), has_recording=True)
    here = fingerprint(Call, NEWEST, parts_of(chosen))
    there = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout.strip()
    assert (here, there) == ("e033e1ba564c", "e033e1ba564c")


async def test_a_cursor_works_in_its_own_list_only() -> None:
    served = [serving("a", Memory, Store([call(number, number) for number in range(3)]))]
    cursor = (await page(served, first=1)).page_info.end_cursor
    assert [each.native_id for each in (await page(served, after=cursor)).nodes] == ["1", "0"]
    for arguments in ({"order": OLDEST}, {"filter": CallFilter(providers=["a"])}, {"filter": CallFilter(status=[CallStatus.BUSY])}):
        with pytest.raises(BadCursor, match="belongs to another list, filter or order"):
            await page(served, after=cursor, **arguments)
    with pytest.raises(BadCursor):
        await page(served, Session, before=cursor)


def test_positions_far_apart_stay_in_order() -> None:
    places = [position(call(1, (at(0) - datetime(1, 1, 1, tzinfo=UTC)) / timedelta(seconds=-1))), position(call(1)), position(call(2))]
    assert sorted(places) == places
