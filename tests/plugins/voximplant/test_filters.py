"""The filters of the schema as parameters of the upstream."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.gateway.plugin.sandbox import Row
from telegraphql.schema.enums import QueueOutcome, ReportKind, ReportStatus, TimeOrder, TransactionKind
from telegraphql.schema.filters import IntRange, NumberFilter
from tests.plugins.voximplant.conftest import ids, last_form

OLDEST = TimeOrder.OLDEST_FIRST
LISTINGS = ("calls", "session_list", "recordings", "queue_visits", "transactions", "audit_entries", "reports")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("filters", "pushed", "keep"),
    [
        ({"userId": ["661884", "661885"]}, {"user_id": "661884;661885"}, lambda row: row.get("user_id") in (661884, 661885)),
        (
            {"applicationName": ["support.acme"]},
            {"application_name": "support.acme"},
            lambda row: row.get("application_name") == "support.acme",
        ),
        (
            {"customData": ["ticket;88"]},
            {"call_session_history_custom_data": "ticket;88"},
            lambda row: row.get("custom_data") == "ticket;88",
        ),
        ({"applicationId": ["5"]}, {"application_id": "5"}, lambda row: row.get("application_id") == 5),
        (
            {"applicationName": ["secure.acme"], "ruleName": ["campaign"]},
            {"application_name": "secure.acme", "rule_name": "campaign"},
            lambda row: (row.get("application_name"), row.get("rule_name")) == ("secure.acme", "campaign"),
        ),
    ],
)
async def test_session_filters_reach_the_upstream(
    provider: Any, served: Any, filters: Row, pushed: Row, keep: Callable[[Row], bool]
) -> None:
    page = await provider.session_list(ListRequest(size=1000, filter=filters, count=True))
    wanted = {str(row["call_session_history_id"]) for row in served.truth("sessions") if keep(row)}
    assert (set(ids(page)), page.total) == (wanted, len(wanted))
    assert pushed.items() <= last_form(served).items()
    calls = await provider.calls(ListRequest(size=1000, filter=filters))
    assert {call.held["session"].native_id for call in calls.records} == wanted


async def test_filters_the_upstream_cannot_apply_are_left_to_the_engine(provider: Any, served: Any) -> None:
    for filters in ({"ruleName": ["campaign"]}, {"applicationName": list("abcdef")}, {"customData": list("abcdef")}):
        await provider.calls(ListRequest(size=1, filter=filters))
        assert not {"rule_name", "application_name", "call_session_history_custom_data"} & set(last_form(served))


async def test_some_values_of_a_filter_that_takes_one_are_questions_of_their_own(provider: Any, served: Any) -> None:
    filters = {"applicationName": ["secure.acme", "support.acme"], "ruleName": ["campaign"], "number": NumberFilter(equals=["anna"])}
    page = await provider.calls(ListRequest(size=1000, filter=filters))
    asked = [(form["application_name"], form["rule_name"], form.get("remote_number"), form.get("local_number")) for form in forms(served)]
    expected = [(name, "campaign", *ends) for name in ("secure.acme", "support.acme") for ends in (("anna", None), (None, "anna"))]
    assert set(asked) == set(expected)
    truth = [
        row
        for row in served.truth("sessions")
        if row.get("application_name") in filters["applicationName"]
        and row.get("rule_name") == "campaign"
        and any("anna" in (leg["remote_number"], leg["local_number"]) for leg in row["calls"])
    ]
    assert {call.held["session"].native_id for call in page.records} == {str(row["call_session_history_id"]) for row in truth}
    assert truth


def forms(served: Any) -> list[Row]:
    """What was asked for, page by page; the empty page that shows the end of a list aside."""
    return [entry["parameters"] for entry in served.journal() if entry["parameters"].get("offset", "0") == "0"]


@pytest.mark.parametrize(
    ("children", "wanted", "sent", "accounts"),
    [
        ((), None, {}, {"1"}),
        ((), ["1"], {"children_calls_only": "false"}, {"1"}),
        ((), ["2"], None, set()),
        ((2,), None, {"child_account_id": "2", "children_calls_only": "false"}, {"1", "2"}),
        ((2,), ["2"], {"child_account_id": "2", "children_calls_only": "true"}, {"2"}),
        ((2,), ["1", "2", "3"], {"child_account_id": "2", "children_calls_only": "false"}, {"1", "2"}),
        ("all", ["2"], {"child_account_id": "2", "children_calls_only": "true"}, {"2"}),
        ("all", ["x", "1"], {"children_calls_only": "false"}, {"1"}),
    ],
)
async def test_accounts_are_those_configured_and_wanted(
    served: Any, connect: Callable[..., Any], children: Any, wanted: list[str] | None, sent: Row | None, accounts: set[str]
) -> None:
    provider = connect(served, child_account_id=children)
    page = await provider.session_list(ListRequest(size=1000, filter={} if wanted is None else {"accountId": wanted}))
    assert {session.account_id for session in page.records} == accounts
    parameters = [{name: value for name, value in form.items() if "child" in name} for form in forms(served)]
    assert parameters == ([] if sent is None else [sent])
    transactions = await provider.transactions(ListRequest(size=1000, filter={} if wanted is None else {"accountId": wanted}))
    assert {each.account_id for each in transactions.records} == accounts


async def test_an_account_that_does_not_exist_has_no_sessions(served: Any, connect: Callable[..., Any]) -> None:
    provider = connect(served, child_account_id="all")
    page = await provider.session_list(ListRequest(size=1000, filter={"accountId": ["2", "77"]}, count=True))
    assert ({session.account_id for session in page.records}, page.total) == ({"2"}, None)
    assert [form["child_account_id"] for form in forms(served)] == ["2;77", "all"]
    transactions = await provider.transactions(ListRequest(size=1000, filter={"accountId": ["77"]}, count=True))
    assert ({each.account_id for each in transactions.records}, transactions.total) == ({"2"}, None)


@pytest.mark.parametrize(
    ("method", "filters", "sent", "keep"),
    [
        (
            "queue_visits",
            {"outcome": [QueueOutcome.ABANDONED]},
            {"unserviced": "true"},
            lambda each: each.outcome is QueueOutcome.ABANDONED,
        ),
        ("queue_visits", {"outcome": [QueueOutcome.REJECTED]}, {"rejected": "true"}, lambda each: each.outcome is QueueOutcome.REJECTED),
        ("queue_visits", {"outcome": [QueueOutcome.REJECTED, QueueOutcome.SERVICED]}, {}, None),
        ("queue_visits", {"waitSeconds": IntRange(min=300, max=400)}, {"min_waiting_time": "300"}, lambda each: each.wait_seconds >= 300),
        ("queue_visits", {"wasHungUpByAgent": True}, {"operator_hangup": "true"}, lambda each: each.was_hung_up_by_agent),
        ("queue_visits", {"wasHungUpByAgent": False}, {}, None),
        ("transactions", {"hasUser": True}, {"users_transactions_only": "true"}, lambda each: each.refs["hasUser"] == "yes"),
        ("transactions", {"hasUser": False}, {}, None),
        ("audit_entries", {"actorId": ["31"]}, {"filtered_admin_user_id": "31"}, lambda each: each.actor_id == "31"),
        ("audit_entries", {"actorId": ["31", "32"]}, {}, None),
        ("audit_entries", {"relatedTo": "152"}, {"advanced_filters": "152"}, lambda each: each.refs["relatedTo"] == "152"),
        ("reports", {"status": [ReportStatus.RUNNING]}, {"is_completed": "false"}, lambda each: each.status is ReportStatus.RUNNING),
        ("reports", {"status": [ReportStatus.FAILED]}, {"is_completed": "true"}, lambda each: each.status is not ReportStatus.RUNNING),
        ("reports", {"status": [ReportStatus.DONE, ReportStatus.RUNNING]}, {}, None),
    ],
)
async def test_filters_of_other_methods_reach_the_upstream(
    provider: Any, served: Any, method: str, filters: Row, sent: Row, keep: Callable[[Any], bool] | None
) -> None:
    everything = await getattr(provider, method)(ListRequest(size=1000))
    page = await getattr(provider, method)(ListRequest(size=1000, filter=filters))
    first, second = forms(served)
    assert {name: value for name, value in second.items() if first.get(name) != value} == sent
    if keep is None:
        assert set(ids(page)) == set(ids(everything))
        return
    wanted = {each.native_id for each in everything.records if keep(each)}
    assert wanted <= set(ids(page)) < set(ids(everything))
    assert wanted or "relatedTo" in filters


async def test_a_filter_that_nothing_can_match_asks_nothing(provider: Any, served: Any) -> None:
    impossible: list[tuple[str, Row]] = [
        ("calls", {"sessionId": []}),
        ("session_list", {"userId": ["nobody"]}),
        ("transactions", {"type": ["a;b"]}),
        ("transactions", {"type": ["gift"], "kind": [TransactionKind.REFUND]}),
        ("queue_visits", {"queueId": ["sq-1"]}),
        ("reports", {"kind": [ReportKind.COSTS]}),
        ("audit_entries", {"command": [""]}),
    ]
    for listing, filters in impossible:
        page = await getattr(provider, listing)(ListRequest(filter=filters))
        assert (page.records, page.read) == ([], 0)
    assert served.journal() == []


@pytest.mark.parametrize(
    ("filters", "pushed", "keep"),
    [
        ({"type": ["gift", "refund"]}, {"transaction_type": "gift;refund"}, lambda row: row["transaction_type"] in ("gift", "refund")),
        (
            {"kind": [TransactionKind.GIFT]},
            {"transaction_type": "gift;promo;discount"},
            lambda row: row["transaction_type"] in ("gift", "promo", "discount"),
        ),
        ({"userId": ["661884"]}, {"user_id": "661884"}, lambda row: row.get("user_id") == 661884),
        ({"isPending": False}, {"is_uncommitted": "false"}, lambda row: True),
    ],
)
async def test_transaction_filters_reach_the_upstream(
    provider: Any, served: Any, filters: Row, pushed: Row, keep: Callable[[Row], bool]
) -> None:
    page = await provider.transactions(ListRequest(size=1000, filter=filters, count=True))
    wanted = {str(row["transaction_id"]) for row in served.truth("transactions") if keep(row)}
    assert (set(ids(page)), page.total) == (wanted, len(wanted))
    assert pushed.items() <= last_form(served).items()


async def test_visit_audit_and_report_filters_reach_the_upstream(provider: Any, served: Any) -> None:
    visits = await provider.queue_visits(ListRequest(size=1000, filter={"queueId": ["1", "2"], "agentId": ["661885"]}))
    truth = [row for row in served.truth("queueVisits") if row["acd_queue_id"] in (1, 2) and row.get("user_id") == 661885]
    assert set(ids(visits)) == {str(row["acd_session_history_id"]) for row in truth}
    audit = await provider.audit_entries(ListRequest(size=1000, filter={"command": ["AddSkill"], "ip": ["192.168.0.12"]}))
    truth = [row for row in served.truth("auditEntries") if (row["cmd_name"], row["ip"]) == ("AddSkill", "192.168.0.12")]
    assert set(ids(audit)) == {str(row["audit_log_id"]) for row in truth}
    reports = await provider.reports(ListRequest(size=100, filter={"kind": [ReportKind.AUDIT, ReportKind.CALLS_BRIEF]}))
    assert {record.kind for record in reports.records} == {ReportKind.AUDIT, ReportKind.CALLS_BRIEF}
    assert last_form(served)["history_type"] == "calls_brief;audit"
