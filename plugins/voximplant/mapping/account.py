"""Account: queues and their visits, movements of money, changes and reports, one flat function each."""

from datetime import UTC, datetime, timedelta

from telegraphql.plugin import Provider
from telegraphql.plugins.voximplant.mapping.codes import REPORT, TRANSACTION
from telegraphql.plugins.voximplant.mapping.values import currency, moment, moment_or_none, reference, unpacked
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


def queue(row: AcdQueue, of: Provider) -> Queue:
    """A queue of the older kind (ACD v1)."""
    return Queue(
        provider_name=of.name,
        native_id=str(row.acd_queue_id),
        refs={"visits": str(row.acd_queue_id)},
        name=row.acd_queue_name,
        max_wait_seconds=row.max_waiting_time * 60 if row.max_waiting_time else None,
        service_level_seconds=row.sl_thresholds or None,
        agent_count=row.operatorcount,
        created_at=moment_or_none(row.created),
        modified_at=moment_or_none(row.modified),
    )


def smart_queue(row: SmartQueue, of: Provider) -> Queue:
    """A queue of the newer kind; its id is marked, because both kinds count from 1."""
    minutes = row.call_max_waiting_time
    return Queue(
        provider_name=of.name,
        native_id=f"sq-{row.sq_queue_id}",
        name=row.sq_queue_name,
        strategy=row.agent_selection or None,
        max_wait_seconds=row.call_max_waiting_time_in_seconds or (minutes * 60 if minutes else None),
        agent_count=row.agentcount,
        created_at=moment_or_none(row.created),
        modified_at=moment_or_none(row.modified),
    )


def queue_visit(row: AcdSession, of: Provider) -> QueueVisit:
    """One caller in one queue."""
    return QueueVisit(
        provider_name=of.name,
        native_id=str(row.acd_session_history_id),
        refs={"queue": reference(row.acd_queue_id)},
        entered_at=moment(row.begin_time),
        wait_seconds=row.waiting_duration,
        service_seconds=row.in_service_duration,
        wrap_up_seconds=row.after_service_duration,
        priority=row.priority,
        outcome=outcome(row),
        was_hung_up_by_agent=row.operator_hangup,
        user_id=reference(row.user_id),
        request_id=row.acd_request_id or None,
        events=None if row.events is None else [queue_event(each) for each in row.events],
    )


def queue_event(row: AcdEvent) -> QueueEvent:
    """Something that happened meanwhile."""
    return QueueEvent(at=moment(row.time), type=row.type, user_id=reference(row.user_id), custom_data=row.custom_data or None)


def outcome(row: AcdSession) -> QueueOutcome:
    """How a visit ended: by its flags, which current answers may leave out."""
    if row.rejected:
        return QueueOutcome.REJECTED
    if row.unserviced:
        return QueueOutcome.ABANDONED
    if row.unserviced is False or row.in_service_duration:
        return QueueOutcome.SERVICED
    return QueueOutcome.UNKNOWN


def transaction(row: TransactionInfo, is_pending: bool, of: Provider) -> Transaction:
    """A movement of money; the row does not say whether it is only held, the listing does."""
    return Transaction(
        provider_name=of.name,
        native_id=str(row.transaction_id),
        performed_at=moment(row.performed_at),
        amount=Money(amount=row.amount, currency=currency(row.currency, of)),
        kind=TRANSACTION.get(row.transaction_type, TransactionKind.OTHER),
        type=row.transaction_type,
        description=row.transaction_description or None,
        is_pending=is_pending,
        account_id=reference(row.account_id),
        user_id=reference(row.user_id),
    )


def audit_entry(row: AuditLog, of: Provider) -> AuditEntry:
    """A change of the account."""
    return AuditEntry(
        provider_name=of.name,
        native_id=str(row.audit_log_id),
        performed_at=moment(row.requested),
        actor=row.subuser_name or reference(row.subuser_id),
        ip=row.ip or None,
        command=row.cmd_name,
        arguments=unpacked(row.cmd_args),
        result=unpacked(row.cmd_result),
    )


def report(row: HistoryReport, of: Provider) -> Report:
    """A history report."""
    state = report_status(row)
    return Report(
        provider_name=of.name,
        native_id=str(row.history_report_id),
        files={"media": FileInfo("text/csv", None, row.file_name)} if state is ReportStatus.DONE else {},
        kind=REPORT.get(row.history_type or "", ReportKind.OTHER),
        status=state,
        format=row.format or None,
        created_at=moment(row.created),
        completed_at=moment_or_none(row.completed),
        expires_at=moment_or_none(row.store_until),
        file_name=row.file_name or None,
        size_bytes=row.download_size if row.download_size is not None else row.file_size,
        error=row.error.msg or f"code {row.error.code}" if row.error else None,
        summary=unpacked(row.calculated_data),
    )


def report_status(row: HistoryReport) -> ReportStatus:
    """How far a report is; its last day counts as a whole."""
    if row.error:
        return ReportStatus.FAILED
    until = moment_or_none(row.store_until)
    if until and until + timedelta(days=1) <= datetime.now(UTC):
        return ReportStatus.EXPIRED
    return ReportStatus.DONE if row.completed or until else ReportStatus.RUNNING
