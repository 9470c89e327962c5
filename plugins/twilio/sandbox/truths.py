"""The truth of the account's rows, with which the conformance kit compares records."""

from collections.abc import Mapping

from telegraphql.plugin import RecordTruth

TRUTHS: Mapping[str, RecordTruth] = {
    "Call": RecordTruth(
        rows="calls",
        native_id="{sid}",
        time="start_time",
        amounts={"cost": "-price"},
        refs={"session": ("{parent_call_sid}", "{sid}"), "parent": "{parent_call_sid}"},
    ),
    "Recording": RecordTruth(
        rows="recordings",
        native_id="{sid}",
        time="start_time",
        amounts={"cost": "-price"},
        refs={"call": "{call_sid}", "session": "{call_sid}"},
    ),
    "Message": RecordTruth(rows="messages", native_id="{sid}", time="date_sent", amounts={"cost": "-price"}),
    "Queue": RecordTruth(rows="queues", native_id="{sid}"),
    "Transaction": RecordTruth(rows="usage", native_id="{start_date}", time="start_date", amounts={"amount": "-price"}),
}
