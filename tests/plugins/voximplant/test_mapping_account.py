import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.plugins.voximplant.mapping import AUDIT_ENTRY, QUEUE, QUEUE_VISIT, REPORT, SMART_QUEUE, TRANSACTION
from telegraphql.plugins.voximplant.mapping.codes import TRANSACTION_KIND
from telegraphql.plugins.voximplant.sandbox import examples, sample_values
from telegraphql.schema.enums import QueueOutcome, ReportKind, ReportStatus, TransactionKind
from telegraphql.schema.record import FileInfo
from tests.plugins.voximplant.conftest import utc


@pytest.fixture(scope="module")
def records() -> int:
    return 0


def read(provider: Provider, mapping: Mapping[Any], rows: Iterable[Any], **values: Any) -> list[Any]:
    page = provider.page(mapping, [msgspec.Raw(json.dumps(row).encode()) for row in rows], **values)
    found = list(page.records)
    assert page.problems == []
    return found


def test_both_of_the_vendors_lists_of_types_have_kinds(provider: Provider) -> None:
    assert set(sample_values.TYPES) == set(TRANSACTION_KIND)
    expected = {"periodic_charge": "CHARGE", "us_wire_transfer": "PAYMENT", "refund": "REFUND", "adjustment": "ADJUSTMENT"}
    expected |= {"money_distribution": "TRANSFER", "gift": "GIFT", "gift_revoke": "ADJUSTMENT"}
    assert {word: TRANSACTION_KIND[word].name for word in expected} == expected


def test_the_examples_transactions_keep_sign_and_exact_amount(provider: Provider) -> None:
    made = read(provider, TRANSACTION, examples.TRANSACTIONS, is_pending=False)
    assert [(each.native_id, each.amount.amount, each.amount.currency) for each in made] == [
        ("51", Decimal("5"), "USD"),
        ("9784", Decimal("-0.05"), "USD"),
        ("9786", Decimal("0.01"), "USD"),
    ]
    assert [each.kind for each in made] == [TransactionKind.GIFT, TransactionKind.TRANSFER, TransactionKind.TRANSFER]
    assert (made[1].description, made[1].type, made[1].account_id) == ("To identity: ivan", "money_distribution", "1")


def test_unknown_types_and_old_currencies_are_kept_apart(provider: Provider) -> None:
    row = {
        "transaction_id": 1,
        "performed_at": "2026-11-01 10:00:00",
        "amount": "-1.10",
        "transaction_type": "new_thing",
        "currency": "RUR",
    }
    (made,) = read(provider, TRANSACTION, [row], is_pending=True)
    assert (made.kind, made.type, made.is_pending) == (TransactionKind.OTHER, "new_thing", True)
    assert (made.amount.amount, made.amount.currency) == (Decimal("-1.10"), "RUB")


def test_the_examples_visits_and_every_outcome(provider: Provider) -> None:
    first, second = read(provider, QUEUE_VISIT, examples.VISITS)
    assert (first.native_id, first.entered_at, first.refs) == ("123", utc(2014, 3, 20, 17, 41, 33), {"queue": "1"})
    assert (first.wait_seconds, first.service_seconds, first.wrap_up_seconds) == (161, 36, 0)
    assert (first.outcome, first.was_hung_up_by_agent, first.agent_id, first.priority) == (QueueOutcome.SERVICED, False, "661885", 100)
    assert [(event.at, event.type, event.agent_id) for event in first.events or ()] == [
        (utc(2014, 3, 20, 17, 43, 15), "OPERATOR_UNREACHABLE", "661884")
    ]
    assert (second.outcome, second.events, second.agent_id) == (QueueOutcome.ABANDONED, None, None)
    base: dict[str, Any] = {"acd_session_history_id": 1, "begin_time": "2026-11-01 10:00:00"}
    outcomes: list[dict[str, Any]] = [{"rejected": True, "unserviced": True}, {"in_service_duration": 9}, {}]
    made = read(provider, QUEUE_VISIT, [base | flags for flags in outcomes])
    assert [visit.outcome for visit in made] == [QueueOutcome.REJECTED, QueueOutcome.SERVICED, QueueOutcome.UNKNOWN]


def test_waiting_times_of_queues_are_in_seconds(provider: Provider) -> None:
    old = {"acd_queue_id": 4, "acd_queue_name": "Support", "max_waiting_time": 2, "sl_thresholds": [20], "created": "2026-01-02 03:04:05"}
    (made,) = read(provider, QUEUE, [old])
    assert (made.native_id, made.max_wait_seconds, made.service_level_seconds, made.created_at) == (
        "4",
        120,
        [20],
        utc(2026, 1, 2, 3, 4, 5),
    )
    new: dict[str, Any] = {
        "sq_queue_id": 4,
        "sq_queue_name": "Smart",
        "agent_selection": "MOST_QUALIFIED",
        "modified": "0000-00-00 00:00:00",
    }
    for given, expected in (({"call_max_waiting_time": 5}, 300), ({"call_max_waiting_time_in_seconds": 90}, 90), ({}, None)):
        (smart,) = read(provider, SMART_QUEUE, [new | given])
        assert (smart.native_id, smart.strategy, smart.max_wait_seconds, smart.modified_at) == ("sq-4", "MOST_QUALIFIED", expected, None)


def test_the_examples_changes_keep_arguments_as_objects_or_text(provider: Provider) -> None:
    made = read(provider, AUDIT_ENTRY, examples.AUDIT, related_to=None)
    assert (made[0].native_id, made[0].command, made[0].ip) == ("58", "AddSkill", "192.168.0.12")
    assert (made[0].arguments, made[0].result, made[0].actor) == ({"skill_name": "manager"}, {"skill_id": 152}, None)
    assert made[1].result is None
    texts = {**examples.AUDIT[0], "cmd_args": '{"a":1}', "cmd_result": "plain", "subuser_id": 3}
    (odd,) = read(provider, AUDIT_ENTRY, [texts], related_to="152")
    assert (odd.arguments, odd.result, odd.actor, odd.actor_id, odd.refs) == ({"a": 1}, "plain", "3", "3", {"relatedTo": "152"})


def test_the_examples_reports_have_their_states(provider: Provider) -> None:
    failed, old, money, running = read(provider, REPORT, examples.REPORTS)
    assert [each.status for each in (failed, old, running)] == [ReportStatus.FAILED, ReportStatus.EXPIRED, ReportStatus.RUNNING]
    assert (failed.error, failed.completed_at, failed.kind) == ("No disc space.", utc(2015, 10, 7, 18, 40, 2), ReportKind.CALLS)
    assert (old.file_name, old.size_bytes, old.expires_at) == ("call_history_2015-09-07_(12_of_12).csv", 687, utc(2015, 10, 14))
    assert (money.kind, money.summary["end_balance"], money.files) == (ReportKind.TRANSACTIONS, "8.15 USD", {})
    (fresh,) = read(provider, REPORT, [{**examples.REPORTS[1], "store_until": "2999-01-01", "history_type": "new"}])
    assert (fresh.status, fresh.kind) == (ReportStatus.DONE, ReportKind.OTHER)
    assert fresh.files == {"media": FileInfo("text/csv", None, "call_history_2015-09-07_(12_of_12).csv")}
