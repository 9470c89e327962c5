"""Fields that each list and detail shows, and the types of the properties that a filter may name."""

from collections.abc import Mapping, Sequence

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox.queries import NUMBER, TEXT, TIME

LEG = (
    "caller",
    "caller_domain",
    "caller_display_name",
    "callee",
    "callee_domain",
    "callee_display_name",
    "started_at",
    "rang_at",
    "answered_at",
    "ended_at",
    "call_id",
    "direction",
    "end_reason",
    "reroute_reason",
    "status_code",
    "destination",
    "outbound_caller_id",
    "did_cid",
    "trunk",
    "duration",
    "service_number",
    "user_data",
)
CDR = ("id", *LEG)
CALL_LOG = ("id", "session_id", *LEG)
LEG_DETAIL = (*LEG[:20], "cost", "billed_account", *LEG[20:])
CALL_LOG_DETAIL = ("id", "session_id", *LEG_DETAIL)
RECORDING = ("id", "caller", "caller_display_name", "callee", "callee_display_name", "started_at", "ended_at")
RECORDING_DETAIL = (*RECORDING, "duration", "file_name", "file_size", "file_url")
QUEUE = ("id", "name", "extension_number", "ring_time", "polling_strategy")
QUEUE_DETAIL = (*QUEUE, "max_callers", "max_waiting_time", "sla_time", "language", "enable_callback", "agents")
VOICEMAIL = (
    "id",
    "sender",
    "sender_name",
    "sender_number",
    "created_at",
    "duration",
    "status",
    "file_name",
    "file_size",
    "file_url",
    "transcription_text",
)
COMPLETED_REPORT = ("id", "name", "type", "format", "completed_at", "file_name", "file_size", "file_url")
CALL_REPORT = ("id", "name", "type", "cron_expr", "status")
CALL_REPORT_DETAIL = ("id", "name", "type", "email", "format", "range", "started_at", "ended_at", "cron_expr", "filter", "status")
TIMES = {"started_at", "rang_at", "answered_at", "ended_at", "created_at", "completed_at"}
NUMBERS = {"status_code", "duration", "ring_time", "file_size"}


def select_fields(row: Row, names: Sequence[str]) -> Row:
    """Return these fields of a row. Fields that the row does not have are left out."""
    return {name: row[name] for name in names if name in row}


def property_types(names: Sequence[str]) -> Mapping[str, str]:
    """Return the properties of a list and their types."""
    return {name: TIME if name in TIMES else NUMBER if name in NUMBERS else TEXT for name in names}
