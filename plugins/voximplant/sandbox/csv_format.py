"""CSV files of reports. The columns are made up: the vendor does not document its own."""

import csv
import io
from collections.abc import Iterable, Sequence

from telegraphql.plugin import Row

CALLS = """call_session_history_id start_date application_name rule_name user_id call_id start_time duration incoming local_number
    remote_number remote_number_type successful cost record_url""".split()  # noqa: SIM905 - a list one can read
BRIEF = ["call_session_history_id", "start_date", "duration", "application_name", "finish_reason"]
TRANSACTIONS = ["transaction_id", "performed_at", "amount", "currency", "transaction_type", "transaction_description"]
AUDIT = ["audit_log_id", "requested", "ip", "subuser_name", "cmd_name", "cmd_args"]
VISITS = ["acd_session_history_id", "begin_time", "acd_queue_id", "user_id", "waiting_duration", "in_service_duration"]


def calls(sessions: Iterable[Row]) -> Iterable[Row]:
    """Yield a line for each call."""
    for session in sessions:
        for call in session["calls"]:
            yield session | call


def to_csv(rows: Iterable[Row], columns: Sequence[str], with_header: bool) -> bytes:
    """Return the file."""
    text = io.StringIO()
    writer = csv.writer(text)
    if with_header:
        writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return text.getvalue().encode()
