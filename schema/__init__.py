"""The schema: the types, enums and filters for plugin authors. It imports only Strawberry and the standard library."""

from telegraphql.schema.audit_entry import AuditEntry, AuditEntryFilter
from telegraphql.schema.call import Call, CallFilter, Note
from telegraphql.schema.chat import Chat, ChatFilter
from telegraphql.schema.enums import (
    AnsweredBy,
    BreakerState,
    CallDirection,
    CallStatus,
    DeletableKind,
    DictionaryKind,
    FilterSupport,
    HealthStatus,
    MessageStatus,
    PartyKind,
    ProblemCode,
    QueueOutcome,
    ReportFormat,
    ReportKind,
    ReportPartyKind,
    ReportRange,
    ReportScheduleStatus,
    ReportScheduleType,
    ReportStatus,
    TimeOrder,
    TransactionKind,
    TranscriptionStatus,
)
from telegraphql.schema.filters import DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.media_session import MediaSession, MediaSessionFilter
from telegraphql.schema.message import Attachment, Message, MessageFilter
from telegraphql.schema.node import Node
from telegraphql.schema.paging import Connection, Edge, PageInfo, Problem, ProblemRange
from telegraphql.schema.provider import Capability, CircuitBreaker, FilterCapability, ProviderHealth, ProviderNode
from telegraphql.schema.queue import Queue, QueueFilter, QueueVisit, QueueVisitFilter
from telegraphql.schema.queue_statistics import QueueFigures, QueueGroup, QueueStatistics, QueueStatisticsDimension
from telegraphql.schema.record import FileInfo, Record, TimedRecord
from telegraphql.schema.recording import Recording, RecordingFilter, Transcription
from telegraphql.schema.report import Report, ReportFilter, ReportSchedule, ReportScheduleFilter
from telegraphql.schema.report_calls import ReportCalls, ReportCallsInput, ReportParty, ReportPartyInput, SecondsRange
from telegraphql.schema.session import ResourceUsage, Session, SessionFilter
from telegraphql.schema.statistics import CallFigures, CallGroup, CallStatistics, CallStatisticsDimension, Percentiles, StatisticsQuestion
from telegraphql.schema.timeline_entry import TimelineEntry
from telegraphql.schema.tracking_number import TrackingNumber, TrackingNumberFilter
from telegraphql.schema.transaction import Transaction, TransactionFilter
from telegraphql.schema.values import Media, Money, Party, QueueEvent, Visitor
from telegraphql.schema.voicemessage import Voicemessage, VoicemessageFilter

# Every kind of record, in the order in which the schema lists them.
RECORD_KINDS: tuple[type[Record], ...] = (
    Call,
    Session,
    Queue,
    QueueVisit,
    Recording,
    Voicemessage,
    Message,
    Chat,
    Transaction,
    MediaSession,
    AuditEntry,
    TrackingNumber,
    Report,
    ReportSchedule,
    Note,
    ResourceUsage,
    Attachment,
)

__all__ = [
    "RECORD_KINDS",
    "AnsweredBy",
    "Attachment",
    "AuditEntry",
    "AuditEntryFilter",
    "BreakerState",
    "Call",
    "CallDirection",
    "CallFigures",
    "CallFilter",
    "CallGroup",
    "CallStatistics",
    "CallStatisticsDimension",
    "CallStatus",
    "Capability",
    "Chat",
    "ChatFilter",
    "CircuitBreaker",
    "Connection",
    "DecimalRange",
    "DeletableKind",
    "DictionaryKind",
    "Edge",
    "FileInfo",
    "FilterCapability",
    "FilterSupport",
    "HealthStatus",
    "IntRange",
    "Media",
    "MediaSession",
    "MediaSessionFilter",
    "Message",
    "MessageFilter",
    "MessageStatus",
    "Money",
    "Node",
    "Note",
    "NumberFilter",
    "PageInfo",
    "Party",
    "PartyKind",
    "Percentiles",
    "Problem",
    "ProblemCode",
    "ProblemRange",
    "ProviderHealth",
    "ProviderNode",
    "Queue",
    "QueueEvent",
    "QueueFigures",
    "QueueFilter",
    "QueueGroup",
    "QueueOutcome",
    "QueueStatistics",
    "QueueStatisticsDimension",
    "QueueVisit",
    "QueueVisitFilter",
    "Record",
    "Recording",
    "RecordingFilter",
    "Report",
    "ReportCalls",
    "ReportCallsInput",
    "ReportFilter",
    "ReportFormat",
    "ReportKind",
    "ReportParty",
    "ReportPartyInput",
    "ReportPartyKind",
    "ReportRange",
    "ReportSchedule",
    "ReportScheduleFilter",
    "ReportScheduleStatus",
    "ReportScheduleType",
    "ReportStatus",
    "ResourceUsage",
    "SecondsRange",
    "Session",
    "SessionFilter",
    "StatisticsQuestion",
    "TextFilter",
    "TimeOrder",
    "TimeRange",
    "TimedRecord",
    "TimelineEntry",
    "TrackingNumber",
    "TrackingNumberFilter",
    "Transaction",
    "TransactionFilter",
    "TransactionKind",
    "Transcription",
    "TranscriptionStatus",
    "Visitor",
    "Voicemessage",
    "VoicemessageFilter",
]
