"""Mappings of queues, queue visits, transactions, audit entries and reports."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from telegraphql.plugin import (
    Column,
    Mapping,
    Object,
    boolean,
    decimal,
    ident,
    mapped,
    parameter,
    plain,
    provider,
    read_ident,
    read_size,
    read_text,
    read_utc,
    read_whole,
    seconds,
    text,
    utc,
    whole,
    word,
)
from telegraphql.plugins.voximplant.mapping.codes import REPORT_KIND, TRANSACTION_KIND
from telegraphql.plugins.voximplant.mapping.values import currency, unpacked
from telegraphql.plugins.voximplant.wire import AcdEvent, AcdQueue, AcdSession, AuditLog, HistoryReport, SmartQueue, TransactionInfo
from telegraphql.schema import (
    AuditEntry,
    FileInfo,
    Money,
    Queue,
    QueueEvent,
    QueueOutcome,
    QueueVisit,
    Report,
    ReportKind,
    ReportStatus,
    Transaction,
    TransactionKind,
)


def longest_wait(minutes: Any, in_seconds: Any = None) -> int | None:
    """Return the most seconds that a caller may wait, from minutes unless seconds are given; None for 0, which is no limit."""
    return read_whole(in_seconds) or (read_whole(minutes) or 0) * 60 or None


def thresholds(found: list[int] | None) -> list[int] | None:
    """Return the seconds within which callers should be served."""
    return found or None


def smart_queue_id(number: int) -> str:
    """Return the id of a smart queue. It is marked, because both kinds of queues count from 1."""
    return f"sq-{number}"


def outcome(rejected: bool | None, unserviced: bool | None, in_service: int | None) -> QueueOutcome:
    """Return how a visit ended, by its flags, which current answers may leave out."""
    if rejected:
        return QueueOutcome.REJECTED
    if unserviced:
        return QueueOutcome.ABANDONED
    return QueueOutcome.SERVICED if unserviced is False or in_service else QueueOutcome.UNKNOWN


def queue_events(found: Sequence[AcdEvent] | None) -> list[QueueEvent] | None:
    """Return what happened during a visit."""
    return None if found is None else [_queue_event(each) for each in found]


def _queue_event(row: AcdEvent) -> QueueEvent:
    at = read_utc(row.time)
    if at is None:
        raise ValueError("an event without a time")
    return QueueEvent(at=at, type=row.type, agent_id=read_ident(row.user_id), custom_data=read_text(row.custom_data))


def has_user(user_id: str | None) -> str:
    """Return "yes" for a transaction that concerns a user, else "no"."""
    return "yes" if user_id else "no"


def actor(name: Any, user_id: Any) -> str | None:
    """Return the name of the sub-user who made a change, else the sub-user's id."""
    return read_text(name) or read_ident(user_id)


def report_status(error: Any, store_until: datetime | None, completed: datetime | None) -> ReportStatus:
    """Return how far a report is. A failed one is completed, too; the last day of one that is kept counts as a whole."""
    if error:
        return ReportStatus.FAILED
    if store_until and store_until + timedelta(days=1) <= datetime.now(UTC):
        return ReportStatus.EXPIRED
    return ReportStatus.DONE if completed or store_until else ReportStatus.RUNNING


def report_file(status: ReportStatus, file_name: str | None) -> FileInfo | None:
    """Return what is known of the file of a report that is done."""
    return FileInfo("text/csv", None, file_name) if status is ReportStatus.DONE else None


def report_error(message: str | None, code: int | None) -> str | None:
    """Return why a report failed."""
    return read_text(message) or (None if code is None else f"code {code}")


def download_size(packed: int | None, size: int | None) -> int | None:
    """Return the bytes of a download, which is packed where both sizes are known."""
    return read_size(packed if packed is not None else size)


QUEUE = Mapping(
    Queue,
    AcdQueue,
    native_id=ident("acd_queue_id"),
    refs={"visits": ident("acd_queue_id")},
    name=text("acd_queue_name"),
    max_wait_seconds=Column(longest_wait, "max_waiting_time"),
    service_level_seconds=Column(thresholds, "sl_thresholds"),
    agent_count=whole("operatorcount"),
    created_at=utc("created"),
    modified_at=utc("modified"),
)

SMART_QUEUE = Mapping(
    Queue,
    SmartQueue,
    native_id=Column(smart_queue_id, "sq_queue_id"),
    name=text("sq_queue_name"),
    strategy=text("agent_selection"),
    max_wait_seconds=Column(longest_wait, "call_max_waiting_time", "call_max_waiting_time_in_seconds"),
    agent_count=whole("agentcount"),
    created_at=utc("created"),
    modified_at=utc("modified"),
)

QUEUE_VISIT = Mapping(
    QueueVisit,
    AcdSession,
    native_id=ident("acd_session_history_id"),
    refs={"queue": ident("acd_queue_id")},
    entered_at=utc("begin_time"),
    wait_seconds=seconds("waiting_duration"),
    service_seconds=seconds("in_service_duration"),
    wrap_up_seconds=seconds("after_service_duration"),
    priority=whole("priority"),
    outcome=Column(outcome, "rejected", "unserviced", "in_service_duration"),
    was_hung_up_by_agent=boolean("operator_hangup"),
    agent_id=ident("user_id"),
    request_id=text("acd_request_id"),
    events=Column(queue_events, "events"),
)

# The row does not say whether the money is only held; the listing does.
TRANSACTION = Mapping(
    Transaction,
    TransactionInfo,
    native_id=ident("transaction_id"),
    performed_at=utc("performed_at"),
    amount=Object(
        Money,
        amount=decimal("amount"),
        currency=Column(currency, "currency", provider("settings.currency"), words="ISO 4217 code", lenient=True),
    ),
    kind=word("transaction_type", TRANSACTION_KIND, TransactionKind.OTHER),
    type=text("transaction_type"),
    description=text("transaction_description"),
    is_pending=plain(parameter("is_pending")),
    account_id=ident("account_id"),
    user_id=ident("user_id"),
    refs={"hasUser": Column(has_user, mapped("user_id"))},
)

AUDIT_ENTRY = Mapping(
    AuditEntry,
    AuditLog,
    native_id=ident("audit_log_id"),
    performed_at=utc("requested"),
    refs={"relatedTo": plain(parameter("related_to"))},
    actor=Column(actor, "subuser_name", "subuser_id", lenient=True),
    actor_id=ident("subuser_id"),
    ip=text("ip"),
    command=text("cmd_name"),
    arguments=Column(unpacked, "cmd_args", total_for=None),
    result=Column(unpacked, "cmd_result", total_for=None),
)

REPORT = Mapping(
    Report,
    HistoryReport,
    native_id=ident("history_report_id"),
    files={"media": Column(report_file, mapped("status"), mapped("file_name"))},
    kind=word("history_type", REPORT_KIND, ReportKind.OTHER),
    status=Column(report_status, "error", mapped("expires_at"), mapped("completed_at"), lenient=True),
    format=text("format"),
    created_at=utc("created"),
    completed_at=utc("completed"),
    expires_at=utc("store_until"),
    file_name=text("file_name"),
    size_bytes=Column(download_size, "download_size", "file_size"),
    download_count=whole("download_count"),
    error=Column(report_error, "error.msg", "error.code"),
    summary=Column(unpacked, "calculated_data", total_for=None),
)
