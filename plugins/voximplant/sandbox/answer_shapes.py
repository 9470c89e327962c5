"""The form of the answers to each method that sends rows, for faults that change rows."""

from collections.abc import Mapping
from typing import Any

from telegraphql.plugin import AnswerShape

# Parameters other than filters: times, pages, parts and how the answer is written.
PLAIN = (
    "account_id|account_name|api_key|cmd|from_date|to_date|created_from|created_to|count|offset|desc_order|timezone|output|with_.*"
    "|is_async|is_uncommitted|child_account_id|children_.*|history_type"
)
PAGE: dict[str, Any] = {
    "rows": ("result",),
    "totals": ("total_count", "count"),
    "size": "count",
    "sort": "desc_order",
    "filter": rf"^(?!(?:{PLAIN})=)",
}


def _ids(name: str) -> str:
    """Return the pattern of the ids in a parameter that holds a list."""
    return rf"(?:^{name}=|(?<=;))(\d+)"


ANSWER_SHAPES: Mapping[str, AnswerShape] = {
    "GetCallHistory": AnswerShape(
        kind="sessions",
        id="call_session_history_id",
        time="start_date",
        lengths=("duration",),
        texts=("rule_name", "application_name", "custom_data"),
        ids=_ids("call_session_history_id"),
        **PAGE,
    ),
    "GetTransactionHistory": AnswerShape(
        kind="transactions",
        id="transaction_id",
        time="performed_at",
        texts=("transaction_description",),
        ids=_ids("transaction_id"),
        **PAGE,
    ),
    "GetACDHistory": AnswerShape(
        kind="queueVisits",
        id="acd_session_history_id",
        time="begin_time",
        times=("time",),
        lengths=("waiting_duration", "in_service_duration", "after_service_duration"),
        texts=("acd_request_id",),
        ids=_ids("acd_session_history_id"),
        **PAGE,
    ),
    "GetAuditLog": AnswerShape(
        kind="auditEntries", id="audit_log_id", time="requested", texts=("subuser_name",), ids=_ids("audit_log_id"), **PAGE
    ),
    "GetHistoryReports": AnswerShape(
        kind="reports", id="history_report_id", time="created", times=("completed", "last_downloaded"), texts=("file_name",), **PAGE
    ),
    "GetQueues": AnswerShape(kind="queues", id="acd_queue_id", times=("created", "modified"), texts=("acd_queue_name",), **PAGE),
    "SQ_GetQueues": AnswerShape(kind="smartQueues", id="sq_queue_id", times=("created",), texts=("sq_queue_name",), **PAGE),
}
FILE_OPERATIONS = frozenset({"GET /records", "GET /voxdata-us-acme-rec-secure", "GET /voximplant-records-secure", "GET /transcriptions"})
