"""Voximplant's ledger: what clients must see of what an account keeps beside its sessions."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.endtoend.ground_truth.values import Row, Truth, micros, money, text, told, utc
from tests.endtoend.world import Upstream

REPORT = {"calls": "CALLS", "calls_brief": "CALLS_BRIEF", "transactions": "TRANSACTIONS", "transactions_on_hold": "TRANSACTIONS"}
REPORT |= {"audit": "AUDIT", "call_list": "CALL_LIST"}
KIND_OF_TYPE = {
    **dict.fromkeys(("refund", "subscription_cancel"), "REFUND"),
    **dict.fromkeys(("adjustment", "gift_revoke", "grace_credit_payment", "grace_credit_provision"), "ADJUSTMENT"),
    **dict.fromkeys(("gift", "promo", "discount"), "GIFT"),
    **dict.fromkeys(("money_distribution", "user_money_transfer"), "TRANSFER"),
    **dict.fromkeys(("robokassa_payment", "add_money", "wire_transfer", "us_wire_transfer"), "PAYMENT"),
}


def kind_of(word: str) -> str:
    """What a transaction was for: most words tell it by their end."""
    if word in KIND_OF_TYPE:
        return KIND_OF_TYPE[word]
    if re.match(r"money_(transfer|acceptance)_", word):
        return "TRANSFER"
    return "PAYMENT" if re.match(r"(rub_)?(card|paypal)_.*payment|(rub_)?card_payment", word) else "CHARGE"


def flat(upstream: Upstream, kind: str, id_name: str, time: str, show: Callable[[Row], Row]) -> list[Truth]:
    """Rows that are records as they are."""
    found = []
    for row in upstream.rows(kind):
        moment, native = utc(row[time]), str(row[id_name])
        assert moment is not None
        place = (micros(moment), upstream.name, native)
        found.append(
            Truth(
                provider=upstream.name,
                native_id=native,
                place=place,
                shown=show(row),
                links={"queue": text(row.get("acd_queue_id"))},
                row=row,
            )
        )
    return found


def transaction(row: Row, pending: bool = False) -> Row:
    return {
        "performedAt": told(utc(row["performed_at"])),
        "amount": money(row["amount"], {"RUR": "RUB"}.get(row["currency"], row["currency"])),
        "kind": kind_of(row["transaction_type"]),
        "type": row["transaction_type"],
        "description": text(row.get("transaction_description")),
        "isPending": pending,
        "accountId": str(row["account_id"]),
        "userId": text(row.get("user_id")),
    }


def visit(row: Row) -> Row:
    served = "in_service_duration" in row
    outcome = "SERVICED" if served else "REJECTED" if row.get("rejected") else "ABANDONED" if row.get("unserviced") else "UNKNOWN"
    return {
        "enteredAt": told(utc(row["begin_time"])),
        "waitSeconds": row.get("waiting_duration"),
        "serviceSeconds": row.get("in_service_duration"),
        "wrapUpSeconds": row.get("after_service_duration"),
        "priority": row["priority"],
        "outcome": outcome,
        "wasHungUpByAgent": row.get("operator_hangup"),
        "agentId": text(row.get("user_id")),
        "requestId": row["acd_request_id"],
    }


def audit(row: Row) -> Row:
    given = row.get("cmd_args")
    return {
        "performedAt": told(utc(row["requested"])),
        "actor": text(row.get("subuser_name")) or text(row.get("subuser_id")),
        "actorId": text(row.get("subuser_id")),
        "ip": row["ip"],
        "command": row["cmd_name"],
        "arguments": json.loads(given) if isinstance(given, str) else given,
        "result": row.get("cmd_result"),
    }


def report(row: Row) -> Row:
    until = utc(row.get("store_until"))
    done = "EXPIRED" if until and until + timedelta(days=1) <= datetime.now(UTC) else "DONE"
    failed = row.get("error")
    return {
        "kind": REPORT.get(row["history_type"], "OTHER"),
        "status": "FAILED" if failed else done if "completed" in row else "RUNNING",
        "format": row.get("format"),
        "createdAt": told(utc(row["created"])),
        "completedAt": told(utc(row.get("completed"))),
        "fileName": row.get("file_name"),
        "downloadCount": row.get("download_count"),
        "summary": row.get("calculated_data"),
    }


def queues(upstream: Upstream) -> list[Truth]:
    return [
        Truth(
            provider=upstream.name,
            native_id=str(row["acd_queue_id"]),
            place=(row["acd_queue_name"], upstream.name, str(row["acd_queue_id"])),
            shown={
                "name": row["acd_queue_name"],
                "number": None,
                "maxWaitSeconds": row["max_waiting_time"] * 60 if "max_waiting_time" in row else None,
                "serviceLevelSeconds": row.get("sl_thresholds"),
                "agentCount": row.get("operatorcount"),
                "createdAt": told(utc(row["created"])),
                "modifiedAt": told(utc(row["modified"])),
            },
            row=row,
        )
        for row in upstream.rows("queues")
    ]


KINDS: dict[str, Callable[[Upstream], list[Truth]]] = {
    "Queue": queues,
    "QueueVisit": lambda upstream: flat(upstream, "queueVisits", "acd_session_history_id", "begin_time", visit),
    "Transaction": lambda upstream: flat(upstream, "transactions", "transaction_id", "performed_at", transaction),
    "HeldTransaction": lambda upstream: flat(
        upstream, "heldTransactions", "transaction_id", "performed_at", lambda row: transaction(row, pending=True)
    ),
    "AuditEntry": lambda upstream: flat(upstream, "auditEntries", "audit_log_id", "requested", audit),
    "Report": lambda upstream: flat(upstream, "reports", "history_report_id", "created", report),
}
