from collections.abc import Callable
from typing import Any

import pytest

from telegraphql.plugin import GetRequest, ListRequest, NotFound
from telegraphql.schema import TimeOrder
from tests.plugins.voximplant.conftest import ids


async def test_one_request_gets_many_by_id(provider: Any, served: Any) -> None:
    sessions = [str(row["call_session_history_id"]) for row in served.truth("sessions")]
    calls = [f"{row['call_session_history_id']}.{row['call_id']}" for row in served.truth("calls")]
    records = [f"{row['call_session_history_id']}.{row['record_id']}" for row in served.truth("recordings") if "record_id" in row]
    cases = [
        (provider.sessions_for, sessions, "sessions"),
        (provider.calls_by_id, calls, "calls"),
        (provider.recordings_by_id, records, "recordings"),
        (provider.transactions_by_id, [str(row["transaction_id"]) for row in served.truth("transactions")], ""),
        (provider.visits_by_id, [str(row["acd_session_history_id"]) for row in served.truth("queueVisits")], ""),
        (provider.audit_by_id, [str(row["audit_log_id"]) for row in served.truth("auditEntries")], ""),
        (provider.queues_by_id, [str(row["acd_queue_id"]) for row in served.truth("queues")], ""),
    ]
    for get, keys, _ in cases:
        served.forget()
        assert set(ids(await get(GetRequest(keys=keys)))) == set(keys)
        assert len(served.journal()) == 1


async def test_ids_that_are_none_are_left_out(provider: Any, served: Any) -> None:
    odd = ["", "x", "9 9", "\uff17"]
    gets = (
        "sessions_for",
        "calls_by_id",
        "transactions_by_id",
        "visits_by_id",
        "audit_by_id",
        "queues_by_id",
        "reports_by_id",
        "recordings_by_id",
    )
    assert [(await getattr(provider, get)(GetRequest(keys=odd))).records for get in gets] == [[]] * len(gets)
    assert served.journal() == []


async def test_an_unknown_session_is_not_found_and_never_an_empty_list(provider: Any) -> None:
    for get in (provider.sessions_for, provider.calls_of_sessions, provider.recordings_of_sessions, provider.usages_of_sessions):
        with pytest.raises(NotFound, match=r"has no such record \(code 150\)"):
            await get(GetRequest(keys=["14", "1", "15"]))


async def test_a_list_of_sessions_by_id_leaves_out_those_that_do_not_exist(provider: Any, served: Any) -> None:
    for newest_first, expected in ((True, ["15.16", "15.17", "14.14", "14.15"]), (False, ["14.14", "14.15", "15.16", "15.17"])):
        order = TimeOrder.NEWEST_FIRST if newest_first else TimeOrder.OLDEST_FIRST
        page = await provider.calls(ListRequest(filter={"sessionId": ["14", "404", "15", "405"]}, order=order))
        assert (ids(page), page.read, page.total) == (expected, 2, 2)
    assert len(served.journal()) == 2 * 7


async def test_a_transaction_on_hold_is_found_by_id(provider: Any, served: Any) -> None:
    held = str(served.truth("heldTransactions")[0]["transaction_id"])
    page = await provider.transactions_by_id(GetRequest(keys=["51", held]))
    assert {record.native_id: record.is_pending for record in page.records} == {"51": False, held: True}
    assert len(served.journal()) == 2


async def test_the_parts_of_sessions_are_found_by_their_parents(provider: Any, served: Any) -> None:
    session = next(row for row in served.truth("sessions") if row.get("records") and row.get("other_resource_usage"))
    number = str(session["call_session_history_id"])
    recordings = await provider.recordings_of_sessions(GetRequest(keys=[number]))
    assert {record.refs["session"] for record in recordings.records} == {number}
    usages = await provider.usages_of_sessions(GetRequest(keys=[number]))
    expected = {f"{number}.{row['resource_usage_id']}" for row in session["other_resource_usage"]}
    assert set(ids(usages)) == expected
    assert set(ids(await provider.usages_by_id(GetRequest(keys=sorted(expected))))) == expected
    legs = await provider.calls_of_sessions(GetRequest(keys=[number]))
    assert set(ids(legs)) == {f"{number}.{row['call_id']}" for row in session["calls"]}
    key = recordings.records[0].refs["call"]
    assert {record.refs["call"] for record in (await provider.recordings_of_calls(GetRequest(keys=[key]))).records} == {key}


async def test_smart_queues_take_the_place_of_queues(served: Any, connect: Callable[..., Any]) -> None:
    provider = connect(served, application_id=5)
    assert ids(await provider.queues(ListRequest())) == ["sq-1", "sq-2", "sq-3"]
    assert ids(await provider.queues_by_id(GetRequest(keys=["sq-3", "2"]))) == ["sq-3"]
    assert {row["operation"] for row in served.journal()} == {"SQ_GetQueues"}
