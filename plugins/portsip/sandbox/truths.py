"""The truth of the tenant's rows, with which the conformance kit compares records."""

from collections.abc import Mapping

from telegraphql.plugin import RecordTruth

TRUTHS: Mapping[str, RecordTruth] = {
    "Call": RecordTruth(rows="calls", time="started_at", amounts={"cost": "cost"}, refs={"session": "{session_id}"}),
    "Session": RecordTruth(rows="sessions", time="started_at"),
    "Queue": RecordTruth(rows="queues"),
    "Recording": RecordTruth(rows="recordings", time="started_at"),
    "Voicemessage": RecordTruth(rows="voicemessages", time="created_at"),
    "Report": RecordTruth(rows="reports", time="completed_at"),
    "ReportSchedule": RecordTruth(rows="reportSchedules"),
}
# Without call logs, a call is a session's detail.
WITHOUT_CALL_LOGS = RecordTruth(rows="sessions", time="started_at")
