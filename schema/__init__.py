"""The schema: every GraphQL type, enum and filter. Imports only strawberry and the standard library."""

from telegraphql.schema.audit_entry import AuditEntry
from telegraphql.schema.call import Call, Note
from telegraphql.schema.chat import Chat
from telegraphql.schema.enums import (
    BreakerState,
    CallDirection,
    CallStatus,
    DeletableKind,
    DictionaryKind,
    FilterSupport,
    PartyKind,
    ProblemCode,
    QueueOutcome,
    ReportKind,
    ReportStatus,
    TimeOrder,
    TransactionKind,
    TranscriptionStatus,
)
from telegraphql.schema.filters import (
    AuditEntryFilter,
    CallFilter,
    ChatFilter,
    IntRange,
    MediaSessionFilter,
    NumberFilter,
    QueueFilter,
    QueueVisitFilter,
    RecordingFilter,
    ReportFilter,
    ReportScheduleFilter,
    SessionFilter,
    TextFilter,
    TimeRange,
    TrackingNumberFilter,
    TransactionFilter,
    VoicemessageFilter,
)
from telegraphql.schema.media_session import MediaSession
from telegraphql.schema.paging import Connection, Edge, PageInfo, Problem
from telegraphql.schema.provider import Capability, FilterCapability, ProviderHealth, ProviderNode
from telegraphql.schema.queue import Queue, QueueVisit
from telegraphql.schema.record import FileInfo, Node, Record
from telegraphql.schema.recording import Recording, Transcription
from telegraphql.schema.report import Report, ReportSchedule
from telegraphql.schema.session import ResourceUsage, Session
from telegraphql.schema.statistics import CallFigures, CallGroup, CallStatistics, CallStatisticsDimension, Percentiles, StatisticsQuestion
from telegraphql.schema.timeline import TimelineKind, TimelineQuestion
from telegraphql.schema.tracking_number import TrackingNumber
from telegraphql.schema.transaction import Transaction
from telegraphql.schema.values import Media, Money, Party, QueueEvent, Visitor
from telegraphql.schema.voicemessage import Voicemessage

__all__ = [
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
    "Connection",
    "DeletableKind",
    "DictionaryKind",
    "Edge",
    "FileInfo",
    "FilterCapability",
    "FilterSupport",
    "IntRange",
    "Media",
    "MediaSession",
    "MediaSessionFilter",
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
    "ProviderHealth",
    "ProviderNode",
    "Queue",
    "QueueEvent",
    "QueueFilter",
    "QueueOutcome",
    "QueueVisit",
    "QueueVisitFilter",
    "Record",
    "Recording",
    "RecordingFilter",
    "Report",
    "ReportFilter",
    "ReportKind",
    "ReportSchedule",
    "ReportScheduleFilter",
    "ReportStatus",
    "ResourceUsage",
    "Session",
    "SessionFilter",
    "StatisticsQuestion",
    "TextFilter",
    "TimeOrder",
    "TimeRange",
    "TimelineKind",
    "TimelineQuestion",
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
