from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import ListRequest, Provider
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.plugins.voximplant import Voximplant
from telegraphql.schema.enums import TimeOrder, TransactionKind
from telegraphql.schema.filters import IntRange
from tests.plugins.voximplant.conftest import ids, last_form

OLDEST = TimeOrder.OLDEST_FIRST
LISTINGS = ("calls", "session_list", "recordings", "queue_visits", "transactions", "audit_entries", "reports")
SECOND = timedelta(seconds=1)


def test_the_declarations_hold(provider: Provider) -> None:
    found = declared(Voximplant)
    assert {kind.__name__ for kind, by in found.getters if by == "id"} == {
        *("Call", "Session", "Recording", "ResourceUsage", "Transaction", "QueueVisit", "Queue", "AuditEntry", "Report")
    }
    assert set(found.commands) == {"deleteRecordings", "requestReport"}
    assert set(found.files) == {"Session.log", "Recording.media", "Recording.transcription", "Report.media"}


@pytest.mark.parametrize("listing", LISTINGS)
@pytest.mark.parametrize("order", list(TimeOrder))
async def test_every_listing_is_in_time_order(provider: Any, listing: str, order: TimeOrder) -> None:
    page = await getattr(provider, listing)(ListRequest(order=order, size=1000))
    times = [record.position_time or getattr(record, record.time_field) for record in page.records]
    assert len(times) > 20
    assert page.problems == []
    assert times == sorted(times, reverse=order is TimeOrder.NEWEST_FIRST)


async def test_every_request_is_a_post_with_its_whole_window_in_gmt(provider: Any, served: Any) -> None:
    for listing in LISTINGS:
        await getattr(provider, listing)(ListRequest(size=3))
    assert {row["method"] for row in served.journal()} == {"POST"}
    assert {row["path"] for row in served.journal("GetCallHistory")} == {"/platform_api/GetCallHistory/"}
    for operation in ("GetCallHistory", "GetTransactionHistory", "GetAuditLog"):
        form = served.journal(operation)[0]["parameters"]
        assert (form["timezone"], form["from_date"]) == ("Etc/GMT", "2012-01-01 00:00:00")
        assert form["to_date"].endswith(" 00:00:00")
    assert "timezone" not in served.journal("GetACDHistory")[0]["parameters"]


async def test_calls_are_read_session_by_session(provider: Any, served: Any) -> None:
    page = await provider.calls(ListRequest(size=1000, select=Selection.of("status")))
    assert page.read == len(served.truth("sessions"))
    assert page.total is None
    assert sorted(ids(page)) == sorted(f"{row['call_session_history_id']}.{row['call_id']}" for row in served.truth("calls"))
    assert last_form(served) | {"with_calls": "true", "with_records": "false", "with_other_resources": "false"} == last_form(served)
    assert all("recordings" not in call.held for call in page.records)


async def test_what_is_selected_decides_what_is_asked(provider: Any, served: Any) -> None:
    for select, records, usages in (
        ("recordings", "true", "false"),
        ("session.cost", "true", "true"),
        ("session.resourceUsages", "false", "true"),
    ):
        await provider.calls(ListRequest(size=1, select=Selection.of(select)))
        assert (last_form(served)["with_records"], last_form(served)["with_other_resources"]) == (records, usages)
    await provider.session_list(ListRequest(size=1, select=Selection.of("startedAt")))
    assert last_form(served)["with_calls"] == "false"
    await provider.queue_visits(ListRequest(size=1, select=Selection.of("events")))
    assert last_form(served)["with_events"] == "true"


async def test_slices_meet_without_a_gap(provider: Any) -> None:
    whole = await provider.session_list(ListRequest(size=1000))
    parts = [await provider.session_list(ListRequest(size=30, offset=offset)) for offset in (0, 30, 60, 90, 120)]
    assert [name for part in parts for name in ids(part)] == ids(whole)[: sum(part.read for part in parts)]


@pytest.mark.parametrize("order", list(TimeOrder))
async def test_bounds_give_all_between_them(provider: Any, served: Any, order: TimeOrder) -> None:
    tie = Counter(row["start_date"] for row in served.truth("sessions")).most_common(1)[0][0]
    since = datetime.fromisoformat(tie).replace(tzinfo=UTC)
    until = since + SECOND
    page = await provider.session_list(ListRequest(order=order, since=since, until=until, size=1000))
    wanted = {str(row["call_session_history_id"]) for row in served.truth("sessions") if row["start_date"] == tie}
    assert len(wanted) >= 40
    assert wanted <= set(ids(page))
    assert all(since <= record.started_at <= until for record in page.records)


async def test_bounds_between_seconds_are_widened(provider: Any, served: Any) -> None:
    at = datetime.fromisoformat("2026-11-01T10:00:00.250000+00:00")
    await provider.audit_entries(ListRequest(since=at, until=at, size=1))
    assert (last_form(served)["from_date"], last_form(served)["to_date"]) == ("2026-11-01 10:00:00", "2026-11-01 10:00:01")


async def test_calls_of_sessions_and_long_ones(provider: Any, served: Any) -> None:
    page = await provider.calls(ListRequest(size=1000, filter={"sessionId": ["14", "15"]}))
    assert sorted(ids(page)) == ["14.14", "14.15", "15.16", "15.17"]
    assert last_form(served)["call_session_history_id"] == "14;15"
    page = await provider.calls(ListRequest(size=1000, filter={"durationSeconds": IntRange(min=200, max=300)}))
    assert last_form(served)["min_duration"] == "200"
    long = {f"{row['call_session_history_id']}.{row['call_id']}" for row in served.truth("calls") if row.get("duration", 0) >= 200}
    assert long <= set(ids(page))


async def test_totals_are_asked_for_only_when_wanted(provider: Any, served: Any) -> None:
    counted = [await getattr(provider, listing)(ListRequest(size=1, count=True)) for listing in ("session_list", "audit_entries")]
    assert [page.total for page in counted] == [len(served.truth("sessions")), len(served.truth("auditEntries"))]
    silent = [await getattr(provider, listing)(ListRequest(size=1)) for listing in ("session_list", "audit_entries")]
    assert [page.total for page in silent] == [None, None]
    for listing, kind in (("transactions", "transactions"), ("queue_visits", "queueVisits"), ("reports", "reports")):
        assert (await getattr(provider, listing)(ListRequest(size=1))).total == len(served.truth(kind))


async def test_money_on_hold_is_a_list_of_its_own(provider: Any, served: Any) -> None:
    page = await provider.transactions(ListRequest(size=1000, filter={"isPending": True}))
    assert set(ids(page)) == {str(row["transaction_id"]) for row in served.truth("heldTransactions")}
    assert {record.is_pending for record in page.records} == {True}


async def test_types_the_upstream_does_not_know_are_left_to_the_engine(provider: Any, served: Any) -> None:
    page = await provider.transactions(ListRequest(size=5, filter={"type": ["statement"]}))
    assert (page.read, page.total) == (5, None)
    assert [row["parameters"].get("transaction_type") for row in served.journal()] == ["statement", None]
    await provider.transactions(ListRequest(size=5, filter={"kind": [TransactionKind.OTHER]}))
    assert "transaction_type" not in last_form(served)


async def test_children_are_read_beside_or_instead(served: Any, connect: Callable[..., Any]) -> None:
    both = await connect(served, child_account_id=[2]).session_list(ListRequest(size=1000, count=True))
    own, theirs = len(served.truth("sessions")), len(served.truth("childSessions"))
    assert both.total == own + theirs
    only = connect(served, child_account_id="all", children_only=True)
    assert (await only.session_list(ListRequest(size=1000, count=True))).total == theirs
    assert (await only.transactions(ListRequest(size=1))).total == len(served.truth("childTransactions"))


async def test_numbers_without_a_plus_are_international(provider: Any) -> None:
    numbering = Numbering(None, Voximplant.bare_numbers_are_international)
    calls = (await provider.calls(ListRequest(size=1000))).records
    phones = [party.number for call in calls for party in (call.from_, call.to) if party.kind.name == "PSTN" and len(party.number) > 6]
    assert len(phones) > 150
    assert all(numbering.e164(phone) == f"+{phone}" for phone in phones)
