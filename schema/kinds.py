"""Kinds: which types are lists of records, by which filter, and how they hang together."""

from dataclasses import dataclass
from typing import Any

from telegraphql.schema import filters
from telegraphql.schema.audit_entry import AuditEntry
from telegraphql.schema.call import Call, Note
from telegraphql.schema.chat import Chat
from telegraphql.schema.media_session import MediaSession
from telegraphql.schema.queue import Queue, QueueVisit
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.report import Report, ReportSchedule
from telegraphql.schema.session import ResourceUsage, Session
from telegraphql.schema.tracking_number import TrackingNumber
from telegraphql.schema.transaction import Transaction
from telegraphql.schema.voicemessage import Voicemessage

FILTERS: dict[type[Record], Any] = {
    Call: filters.CallFilter,
    Session: filters.SessionFilter,
    Queue: filters.QueueFilter,
    QueueVisit: filters.QueueVisitFilter,
    Recording: filters.RecordingFilter,
    Voicemessage: filters.VoicemessageFilter,
    Chat: filters.ChatFilter,
    Transaction: filters.TransactionFilter,
    MediaSession: filters.MediaSessionFilter,
    AuditEntry: filters.AuditEntryFilter,
    TrackingNumber: filters.TrackingNumberFilter,
    Report: filters.ReportFilter,
    ReportSchedule: filters.ReportScheduleFilter,
}
KINDS: dict[str, type[Record]] = {kind.__name__: kind for kind in (*FILTERS, Note, ResourceUsage)}


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a field leads: `by` is the child's ref that equals the parent's; "id" is its native id."""

    kind: type[Record]
    many: bool
    by: str


RELATIONS: dict[tuple[type[Record], str], Relation] = {
    (Call, "session"): Relation(Session, False, "id"),
    (Call, "queue"): Relation(Queue, False, "id"),
    (Call, "recordings"): Relation(Recording, True, "call"),
    (Call, "voicemessages"): Relation(Voicemessage, True, "call"),
    (Call, "transaction"): Relation(Transaction, False, "id"),
    (Call, "notes"): Relation(Note, True, "call"),
    (Call, "parent"): Relation(Call, False, "children"),
    (Session, "calls"): Relation(Call, True, "session"),
    (Session, "recordings"): Relation(Recording, True, "session"),
    (Session, "resourceUsages"): Relation(ResourceUsage, True, "session"),
    (ResourceUsage, "call"): Relation(Call, False, "id"),
    (ResourceUsage, "transaction"): Relation(Transaction, False, "id"),
    (QueueVisit, "queue"): Relation(Queue, False, "id"),
    (Recording, "call"): Relation(Call, False, "recordings"),
    (Recording, "session"): Relation(Session, False, "id"),
    (Voicemessage, "call"): Relation(Call, False, "voicemessages"),
}
