"""The truth of the first account's rows, with which the conformance kit compares records."""

from collections.abc import Mapping

from telegraphql.plugin import RecordTruth

TRUTHS: Mapping[str, RecordTruth] = {
    "Session": RecordTruth(rows="sessions", native_id="{call_session_history_id}", time="start_date"),
    "Call": RecordTruth(
        rows="calls",
        native_id="{call_session_history_id}.{call_id}",
        time="start_time",
        amounts={"cost": "cost"},
        refs={"session": "{call_session_history_id}"},
    ),
    # Some have no id of their own.
    "Recording": RecordTruth(rows="recordings", native_id=""),
    "Queue": RecordTruth(rows="queues", native_id="{acd_queue_id}"),
    "QueueVisit": RecordTruth(
        rows="queueVisits", native_id="{acd_session_history_id}", time="begin_time", refs={"queue": "{acd_queue_id}"}
    ),
    "Transaction": RecordTruth(rows="transactions", native_id="{transaction_id}", time="performed_at", amounts={"amount": "amount"}),
    "AuditEntry": RecordTruth(rows="auditEntries", native_id="{audit_log_id}", time="requested"),
    "Report": RecordTruth(rows="reports", native_id="{history_report_id}", time="created"),
}
