"""VoIPstudio: listings, filters, counts and gets, against the sandbox's truth and as its journal saw them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import NotFound
from telegraphql.gateway.pagination.pagers import slices
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Page, Provider, Push
from telegraphql.gateway.plugin.row_view import kind_of
from telegraphql.plugins.voipstudio import Voipstudio, mapping
from telegraphql.plugins.voipstudio.sandbox import examples
from telegraphql.schema.call import Call, Note
from telegraphql.schema.chat import Chat
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.media_session import MediaSession
from telegraphql.schema.queue import Queue
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.session import Session
from telegraphql.schema.tracking_number import TrackingNumber
from telegraphql.schema.transaction import Transaction
from telegraphql.schema.voicemessage import Voicemessage
from tests.plugins.conftest import Served

TIMED = [
    (Call, "calls", "/cdrs", "calldate"),
    (Recording, "recordings", "/monitors", "timestamp"),
    (Voicemessage, "voicemessages", "/voicemessages", "origtime"),
    (Chat, "chats", "/chats", "created_at"),
    (Transaction, "transactions", "/transactions", "created_at"),
    (MediaSession, "mediaSessions", "/msdrs", "created_at"),
]
EXACT, SUPERSET = Push.EXACT, Push.SUPERSET
LONG = 5000


@pytest.fixture(scope="module")
def records() -> int:
    return 1000


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def listed(provider: Provider, kind: type[Record], **ask: Any) -> Page:
    listing = declared(type(provider)).listings[kind]
    page: Page = await getattr(provider, listing.method)(ListRequest(**({"size": LONG} | ask)))
    return page


async def got(provider: Provider, kind: type[Record], key: str, by: str = "id") -> Page:
    getting = declared(type(provider)).getters[kind, by]
    page: Page = await getattr(provider, getting.method)(GetRequest(keys=[key]))
    return page


def ids(page: Page) -> set[str]:
    return {record.native_id for record in page.records}


def of(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["id"]) for row in rows}


def sent(served: Served, operation: str) -> list[dict[str, str]]:
    return [row["parameters"] for row in served.journal(operation)]


def conditions(parameters: dict[str, str]) -> list[list[Any]]:
    return [[each["property"], each["operator"], each["value"]] for each in json.loads(parameters.get("filter", "[]"))]


@pytest.mark.parametrize(("kind", "truth", "path", "time"), TIMED)
async def test_a_list_holds_everything_in_order_of_time(
    provider: Provider, served: Served, kind: type[Record], truth: str, path: str, time: str
) -> None:
    for order, direction in ((TimeOrder.NEWEST_FIRST, "DESC"), (TimeOrder.OLDEST_FIRST, "ASC")):
        page = await listed(provider, kind, order=order, size=1000)
        assert (ids(page), page.read, page.total, page.problems) == (
            of(served.truth(truth)),
            1000 if kind is Call else page.total,
            page.total,
            [],
        )
        times = [getattr(record, kind.time_field or "") for record in page.records]
        assert times == sorted(times, reverse=direction == "DESC")
        assert sent(served, f"GET {path}")[-1] == {"limit": "1000", "page": "1", "sort": time, "dir": direction}


@pytest.mark.parametrize(("kind", "truth", "path", "time"), TIMED)
async def test_bounds_are_inclusive_seconds_and_counted(
    provider: Provider, served: Served, kind: type[Record], truth: str, path: str, time: str
) -> None:
    rows = sorted(served.truth(truth), key=lambda row: str(row[time]))
    first, last = rows[len(rows) // 3][time], rows[len(rows) // 2][time]
    inside = [row for row in rows if first <= row[time] <= last]
    page = await listed(provider, kind, since=at(first), until=at(last) + timedelta(microseconds=999_999), count=True)
    assert (ids(page), page.total) == (of(inside), len(inside))
    assert conditions(sent(served, f"GET {path}")[-1]) == [[time, "gte", first], [time, "lte", last]]


async def test_a_slice_from_a_multiple_of_its_size_is_one_request(provider: Provider, served: Served) -> None:
    whole = [call.native_id for call in (await listed(provider, Call)).records]
    served.forget()
    page = await listed(provider, Call, offset=30, size=10)
    assert ([call.native_id for call in page.records], page.read, page.total) == (whole[30:40], 10, 1000)
    assert [(each["limit"], each["page"]) for each in sent(served, "GET /cdrs")] == [("10", "4")]


async def test_a_slice_from_anywhere_else_is_two_and_loses_nothing(provider: Provider, served: Served) -> None:
    whole = [call.native_id for call in (await listed(provider, Call)).records]
    served.forget()
    page = await listed(provider, Call, offset=37, size=10)
    assert [call.native_id for call in page.records][:10] == whole[37:47]
    assert page.read == len(page.records) == 13
    assert [(each["limit"], each["page"]) for each in sent(served, "GET /cdrs")] == [("10", "4"), ("10", "5")]


async def test_the_end_of_a_list_is_read_without_asking_beyond_it(provider: Provider, served: Served) -> None:
    page = await listed(provider, Call, offset=990, size=100)
    assert (page.read, page.total) == (10, 1000)
    assert len(sent(served, "GET /cdrs")) == 1


async def test_pages_are_never_longer_than_the_setting(served: Served, connect: Callable[..., Provider]) -> None:
    page = await listed(connect(served, page_size=300), Call, size=1000)
    assert ids(page) == of(served.truth("calls"))
    assert [(each["limit"], each["page"]) for each in sent(served, "GET /cdrs")] == [("300", str(number)) for number in (1, 2, 3, 4)]


async def test_an_upstream_that_silently_shortens_pages_loses_nothing(
    provider: Provider, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = served.sandbox.tables["calls"]  # type: ignore[attr-defined]
    find = type(table).query

    def shortened(self: Any, asked: Any, types: Any) -> Any:
        rows, total = find(self, asked, types)
        return rows[:250], total

    monkeypatch.setattr(type(table), "query", shortened)
    page = await listed(provider, Call, size=1000)
    assert (ids(page), page.read) == (of(served.truth("calls")), 1000)
    assert [(each["limit"], each["page"]) for each in sent(served, "GET /cdrs")] == [
        ("1000", "1"),
        ("250", "2"),
        ("250", "3"),
        ("250", "4"),
    ]


@pytest.mark.parametrize("order", TimeOrder)
async def test_walking_through_ties_gives_every_call_once(provider: Provider, served: Served, order: TimeOrder) -> None:
    listing = declared(Voipstudio).listings[Call]
    seen: list[str] = []
    async for piece in slices(provider.calls, listing.pages, ListRequest(order=order, size=17), listing.time_resolution):  # type: ignore[attr-defined]
        seen += [call.native_id for call in piece.records]
    assert set(seen) == of(served.truth("calls"))


async def test_queues_and_tracking_numbers_are_read_whole(provider: Provider, served: Served) -> None:
    assert ids(await listed(provider, Queue)) == of(served.truth("queues"))
    assert ids(await listed(provider, TrackingNumber)) == of(served.truth("trackingNumbers"))


@pytest.mark.parametrize(
    ("kind", "truth"),
    [*((kind, truth) for kind, truth, _, _ in TIMED), (Queue, "queues"), (TrackingNumber, "trackingNumbers")],
)
async def test_a_record_is_got_by_its_id_and_an_unknown_one_is_absent(
    provider: Provider, served: Served, kind: type[Record], truth: str
) -> None:
    row = served.truth(truth)[-1]
    (found,) = (await got(provider, kind, str(row["id"]))).records
    assert (kind_of(found), found.native_id) == (kind, str(row["id"]))
    if kind is TrackingNumber:  # is found in its list
        assert (await got(provider, kind, "123456789")).read == 0
        return
    with pytest.raises(NotFound):
        await got(provider, kind, "123456789")


async def test_an_id_that_is_no_number_never_reaches_a_path(provider: Provider, served: Served) -> None:
    for key in ("../monitors/3098", "7762/notes", "", "007", "\u0667", "1" * 30):
        for kind, by in ((Call, "id"), (Call, "session"), (Note, "call"), (Note, "id"), (Chat, "id")):
            assert (await got(provider, kind, key, by)).read == 0
    assert served.journal() == []


async def test_what_hangs_on_a_leg_is_found_by_its_live_id(provider: Provider, served: Served) -> None:
    monitor, message = served.truth("recordings")[-1], served.truth("voicemessages")[-1]
    for kind, row, by, back in ((Recording, monitor, "call", "recordings"), (Voicemessage, message, "call", "voicemessages")):
        live = str(row["live_id"])
        assert str(row["id"]) in ids(await got(provider, kind, live, by))
        (call,) = (await got(provider, Call, live, back)).records
        assert call.refs[back] == live
    assert ids(await got(provider, Recording, str(monitor["live_id"]), "session")) >= {str(monitor["id"])}
    child = next(row for row in served.truth("calls") if row["parent_live_id"] and row["id"] > 10_000)
    (parent,) = (await got(provider, Call, str(child["parent_live_id"]), "children")).records
    assert parent.refs["children"] == str(child["parent_live_id"])


async def test_a_session_is_one_request_and_all_its_legs(provider: Provider, served: Served) -> None:
    root = next(row for row in served.truth("calls") if row["nb_children"] == 2)
    wanted = [row for row in served.truth("calls") if row["root_live_id"] == root["root_live_id"]]
    page = await got(provider, Call, str(root["root_live_id"]), "session")
    assert len(wanted) == 4 or len(wanted) == 3
    assert (ids(page), len(sent(served, "GET /cdrs"))) == (of(wanted), 1)
    session = mapping.session(page.records)
    assert isinstance(session, Session)
    assert session.native_id == str(root["root_live_id"])


async def test_a_first_leg_that_names_no_root_is_found_by_its_live_id(provider: Provider, served: Served) -> None:
    row = served.sandbox.add("calls", {"live_id": 77})
    row["root_live_id"] = None
    try:
        page = await got(provider, Call, "77", "session")
        assert [leg.refs["session"] for leg in page.records] == ["77"]
        assert len(sent(served, "GET /cdrs")) == 2
    finally:
        served.sandbox.remove("calls", [row["id"]])  # type: ignore[attr-defined]


async def test_in_v1_1_every_leg_is_in_exactly_the_session_it_names(served: Served, connect: Callable[..., Provider]) -> None:
    old = connect(served, version="v1.1")
    root = next(row for row in served.truth("calls") if row["nb_children"] == 2)
    legs = [row for row in served.truth("calls") if row["root_live_id"] == root["root_live_id"]]
    seen: list[str] = []
    for key in {str(leg["parent_live_id"] or leg["live_id"]) for leg in legs}:
        seen += [leg.native_id for leg in (await got(old, Call, key, "session")).records]
    assert sorted(seen) == sorted(of(legs))


async def test_notes_come_as_a_list_or_alone(provider: Provider, served: Served) -> None:
    for count in (1, 2):
        call = next(row for row in served.truth("calls") if row["nb_notes"] == count and row["id"] != examples.NOTES_CDR)
        notes = [row for row in served.truth("notes") if row["cdr_id"] == call["id"]]
        page = await got(provider, Note, str(call["id"]), "call")
        assert ids(page) == {f"{call['id']}.{note['id']}" for note in notes}
        assert [note.refs for note in page.records] == [{"call": str(call["id"])}] * count
        (one,) = (await got(provider, Note, page.records[0].native_id)).records
        assert (one.text, one.user_id) == (notes[0]["text"], str(notes[0]["user_id"]))
    assert (await got(provider, Note, "123456789", "call")).read == 0


async def test_the_note_of_the_reference_is_a_problem(provider: Provider) -> None:
    page = await got(provider, Note, str(examples.NOTES_CDR), "call")
    assert [*page.records] == []
    assert [(problem.code, problem.message.split(":")[0]) for problem in page.problems] == [
        (ProblemCode.MALFORMED_RECORD, "the record 9262 cannot be read")
    ]
