"""VoIPstudio: every filter that is declared, as the upstream is told of it and by what it then sends."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import ListRequest, Page, Provider, Push
from telegraphql.plugins.voipstudio import Voipstudio
from telegraphql.schema.call import Call
from telegraphql.schema.chat import Chat
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.filters import IntRange, NumberFilter
from telegraphql.schema.media_session import MediaSession
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.transaction import Transaction
from telegraphql.schema.voicemessage import Voicemessage
from tests.plugins.conftest import Served

Row = dict[str, Any]
Told = tuple[list[list[Any]], Callable[[Row], bool]]
EXACT, SUPERSET = Push.EXACT, Push.SUPERSET
EVERYTHING: Told = ([], lambda row: True)
TRUTH = {
    Call: "calls",
    Recording: "recordings",
    Voicemessage: "voicemessages",
    Chat: "chats",
    Transaction: "transactions",
    MediaSession: "mediaSessions",
}


def eq(name: str, value: Any) -> Told:
    return [[name, "eq", value]], lambda row: row[name] == value


def gte(name: str, least: int) -> Told:
    return [[name, "gte", least]], lambda row: row[name] >= least


def lte(name: str, most: int) -> Told:
    return [[name, "lte", most]], lambda row: row[name] <= most


def both(one: Told, other: Told) -> Told:
    return [*one[0], *other[0]], lambda row: one[1](row) and other[1](row)


def like(name: str, digits: str) -> Told:
    return [[name, "like", digits]], lambda row: digits in row[name]


def cause(words: str) -> Told:
    return [["t_cause", "like", words]], lambda row: words in row["t_cause"]


def is_number(*numbers: str) -> NumberFilter:
    return NumberFilter(equals=[*numbers])


FILTERS: list[tuple[type[Record], str, Any, Push, Told]] = [
    (Call, "direction", [CallDirection.INTERNAL], SUPERSET, eq("context", "USER_LOCAL")),
    (Call, "direction", [CallDirection.INBOUND], SUPERSET, EVERYTHING),
    (Call, "direction", [CallDirection.INTERNAL, CallDirection.INBOUND], SUPERSET, EVERYTHING),
    (Call, "status", [CallStatus.VOICEMAIL], SUPERSET, eq("disposition", "VM")),
    (Call, "status", [CallStatus.ANSWERED], SUPERSET, EVERYTHING),
    (Call, "status", [CallStatus.BUSY], SUPERSET, cause("User busy")),
    (Call, "status", [CallStatus.CONGESTION], SUPERSET, cause("congestion")),
    (Call, "status", [CallStatus.BUSY, CallStatus.CONGESTION], SUPERSET, EVERYTHING),
    (Call, "status", [CallStatus.NO_ANSWER], SUPERSET, EVERYTHING),
    (Call, "status", [CallStatus.VOICEMAIL, CallStatus.UNKNOWN], SUPERSET, EVERYTHING),
    (Call, "durationSeconds", IntRange(min=20, max=60), EXACT, both(gte("duration", 20), lte("duration", 60))),
    (Call, "talkSeconds", IntRange(max=0), EXACT, lte("billsec", 0)),
    (Call, "userId", ["1004568"], SUPERSET, eq("user_id", 1_004_568)),
    (Call, "userId", ["somebody"], SUPERSET, eq("user_id", -1)),
    (Call, "userId", ["9" * 40], SUPERSET, eq("user_id", -1)),
    (Call, "sessionId", ["9269"], SUPERSET, eq("root_live_id", 9269)),
    (Call, "from", is_number("+44 20 7946 0123"), SUPERSET, like("src", "2079460123")),
    (Call, "from", is_number("442079460123"), SUPERSET, like("src", "2079460123")),
    (Call, "from", is_number("020 7946 0123"), SUPERSET, like("src", "2079460123")),
    (Call, "to", is_number("1001"), SUPERSET, like("dst", "1001")),
    (Call, "to", NumberFilter(contains="6925"), SUPERSET, like("dst", "6925")),
    (Call, "number", is_number("sip:anna@example.com"), SUPERSET, EVERYTHING),
    (Recording, "number", NumberFilter(contains="anna"), SUPERSET, EVERYTHING),
    (Call, "to", is_number("a1"), SUPERSET, EVERYTHING),
    (Call, "to", NumberFilter(starts_with="+44"), SUPERSET, like("dst", "44")),
    (Call, "callerIdShown", is_number("+442079460123"), SUPERSET, like("clid", "2079460123")),
    (Call, "hangupCause", ["User busy"], SUPERSET, eq("t_cause", "User busy")),
    (Call, "hangupCause", ["HANGUP"], SUPERSET, EVERYTHING),
    (Call, "hangupCause", ["User busy", "Call Rejected"], SUPERSET, EVERYTHING),
    (Recording, "direction", [CallDirection.OUTBOUND], SUPERSET, eq("type", "O")),
    (Recording, "direction", [CallDirection.INBOUND], SUPERSET, EVERYTHING),
    (Recording, "userId", ["1004568"], SUPERSET, eq("user_id", 1_004_568)),
    (Voicemessage, "dialedNumber", is_number("+442079460100"), SUPERSET, like("dialled", "2079460100")),
    (Recording, "durationSeconds", IntRange(min=100), EXACT, gte("duration", 100)),
    (Recording, "from", is_number("+41616925879"), SUPERSET, like("caller", "616925879")),
    (Recording, "to", is_number("+442079460100"), SUPERSET, like("called", "2079460100")),
    (Voicemessage, "from", is_number("+12124537768"), SUPERSET, like("caller", "2124537768")),
    (Voicemessage, "mailbox", ["1004567"], SUPERSET, eq("extension_id", 1_004_567)),
    (Voicemessage, "folder", ["1"], SUPERSET, eq("folder", 1)),
    (Voicemessage, "folder", ["Old"], SUPERSET, eq("folder", "Old")),
    (Voicemessage, "isRead", True, EXACT, eq("is_new", False)),
    (Voicemessage, "isRead", False, EXACT, eq("is_new", True)),
    (Voicemessage, "durationSeconds", IntRange(max=30), EXACT, lte("duration", 30)),
    (Chat, "durationSeconds", IntRange(max=900), EXACT, lte("duration", 900)),
    (Chat, "state", ["0"], SUPERSET, eq("state", 0)),
    (Chat, "operatorId", ["1004568"], SUPERSET, eq("operator_id", 1_004_568)),
    (Chat, "websiteId", ["5501"], SUPERSET, eq("website_id", 5501)),
    (Transaction, "type", ["payment"], SUPERSET, eq("type", "payment")),
    (Transaction, "type", ["payment", "refund"], SUPERSET, EVERYTHING),
    (MediaSession, "durationSeconds", IntRange(min=5, max=9), EXACT, both(gte("duration", 5), lte("duration", 9))),
    (MediaSession, "userId", ["1004568"], SUPERSET, eq("user_id", 1_004_568)),
]
NOTHING_MATCHES = ("somebody", "9" * 40, "Old")


@pytest.fixture(scope="module")
def records() -> int:
    return 1000


async def listed(provider: Provider, kind: type[Record], **ask: Any) -> Page:
    listing = declared(type(provider)).listings[kind]
    page: Page = await getattr(provider, listing.method)(ListRequest(**({"size": 5000} | ask)))
    return page


def ids(page: Page) -> set[str]:
    return {record.native_id for record in page.records}


def of(rows: list[Row]) -> set[str]:
    return {str(row["id"]) for row in rows}


def conditions(parameters: dict[str, str]) -> list[list[Any]]:
    return [[each["property"], each["operator"], each["value"]] for each in json.loads(parameters.get("filter", "[]"))]


@pytest.mark.parametrize(("kind", "name", "value", "push", "told"), FILTERS)
async def test_a_declared_filter_reaches_the_upstream(
    provider: Provider, served: Served, kind: type[Record], name: str, value: Any, push: Push, told: Told
) -> None:
    asked, holds = told
    assert declared(Voipstudio).listings[kind].filters[name] is push
    page = await listed(provider, kind, filter={name: value})
    wanted = [row for row in served.truth(TRUTH[kind]) if holds(row)]
    assert bool(wanted) is (value not in [[each] for each in NOTHING_MATCHES])
    assert (ids(page), page.total) == (of(wanted), len(wanted))
    assert conditions(served.journal()[-1]["parameters"]) == asked


async def test_every_declared_filter_is_among_the_tested(provider: Provider) -> None:
    times = {"startedAt", "receivedAt", "performedAt", "isTracked"}
    for kind, listing in declared(Voipstudio).listings.items():
        assert set(listing.filters) - times == {row[1] for row in FILTERS if row[0] is kind}


@pytest.mark.parametrize(
    ("kind", "name", "values"),
    [
        (Call, "userId", ["1004567", "1004568"]),
        (Call, "sessionId", ["1", "2"]),
        (Voicemessage, "folder", ["0", "Old"]),
        (Chat, "state", ["1", "2"]),
    ],
)
async def test_of_two_values_the_upstream_is_not_told(
    provider: Provider, served: Served, kind: type[Record], name: str, values: list[str]
) -> None:
    assert ids(await listed(provider, kind, filter={name: values})) == of(served.truth(TRUTH[kind]))
    assert conditions(served.journal()[-1]["parameters"]) == []


async def test_v1_1_is_not_told_of_sessions(served: Served, connect: Callable[..., Provider]) -> None:
    page = await listed(connect(served, version="v1.1"), Call, filter={"sessionId": ["9269"]})
    assert ids(page) == of(served.truth("calls"))
    assert served.journal()[-1]["path"] == "/v1.1/voipstudio/cdrs"


async def test_tracked_calls_are_read_from_their_own_collection(provider: Provider, served: Served) -> None:
    page = await listed(provider, Call, filter={"isTracked": True})
    assert (ids(page), page.total) == (of(served.truth("trackedCalls")), len(served.truth("trackedCalls")))
    assert {call.refs["tracked"] for call in page.records} == {"yes"}
    assert [row["operation"] for row in served.journal()] == ["GET /cdrs/calltracking"]


async def test_tracked_calls_are_left_out_of_the_others_by_one_more_request(provider: Provider, served: Served) -> None:
    whole = [call.native_id for call in (await listed(provider, Call, size=40)).records]
    served.forget()
    page = await listed(provider, Call, filter={"isTracked": False}, size=40)
    assert [call.native_id for call in page.records] == [each for each in whole if each not in of(served.truth("trackedCalls"))]
    assert (page.read, page.total, {call.refs["tracked"] for call in page.records}) == (40, 1000, {"no"})
    assert [row["operation"] for row in served.journal()] == ["GET /cdrs", "GET /cdrs/calltracking"]
    bounds = conditions(served.journal()[1]["parameters"])
    rows = {str(row["id"]): row for row in served.truth("calls")}
    assert bounds == [["calldate", "gte", rows[whole[-1]]["calldate"]], ["calldate", "lte", rows[whole[0]]["calldate"]]]


async def test_everything_is_tracked_or_not(provider: Provider, served: Served) -> None:
    for tracked in (True, False):
        found = ids(await listed(provider, Call, filter={"isTracked": tracked}))
        assert found == {key for key in of(served.truth("calls")) if (key in of(served.truth("trackedCalls"))) is tracked}


async def test_calls_that_were_not_tracked_are_counted_exactly(provider: Provider, served: Served) -> None:
    page = await listed(provider, Call, filter={"isTracked": False}, size=1, count=True)
    assert page.total == 1000 - len(served.truth("trackedCalls"))
