"""Rows and responses of Voximplant's Management API.

Sources: the vendor's reference of the History methods, and its Node.js client for fields the reference leaves out. Absent fields are
omitted by the upstream; numbers and booleans sometimes come as text, so the decoders are not strict. Moments are text in UTC without
a zone, because every request asks for Etc/GMT.
"""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from telegraphql.plugin import ListDecoder

T = TypeVar("T")


class ErrorAnswer(msgspec.Struct):
    """The error of a refused request, or of a report that failed."""

    code: int | None = None
    msg: str | None = None


class Failure(msgspec.Struct):
    """The answer to a refused request, under whatever HTTP status."""

    error: ErrorAnswer | None = None


class ListAnswer(msgspec.Struct):
    """The answer to a listing. `total_count` is missing where it was switched off."""

    result: list[msgspec.Raw]
    total_count: int | None = None


class Started(msgspec.Struct):
    """The answer to a request for an asynchronous report."""

    history_report_id: int


class CommandAnswer(msgspec.Struct):
    """The answer to a command."""

    result: int | None = None


class CallSession(msgspec.Struct):
    """CallSessionInfo: a run of a scenario. Its parts are rows of their own."""

    call_session_history_id: int
    start_date: str
    duration: int | None = None
    account_id: int | str | None = None
    application_id: int | None = None
    application_name: str | None = None
    rule_name: str | None = None
    user_id: int | None = None
    initiator_address: str | None = None
    media_server_address: str | None = None
    log_file_url: str | None = None
    audio_quality: str | None = None
    finish_reason: str | None = None
    custom_data: str | None = None
    active: bool | None = None
    calls: list[msgspec.Raw] | None = None
    records: list[msgspec.Raw] | None = None
    other_resource_usage: list[msgspec.Raw] | None = None


class CallInfo(msgspec.Struct):
    """CallInfo: a leg. `direction` is the destination's geography, not a direction; `end_reason` is an object {code, details}, or text."""

    call_id: int
    start_time: str
    duration: int | None = None
    local_number: str | int | None = None
    remote_number: str | int | None = None
    remote_number_type: str | None = None
    incoming: bool | None = None
    successful: bool | None = None
    direction: str | None = None
    transaction_id: int | None = None
    record_url: str | None = None
    cost: Decimal | None = None
    diversion_number: str | int | None = None
    media_server_address: str | None = None
    custom_data: str | None = None
    end_reason: Any = None


class CallRecord(msgspec.Struct):
    """Record: a file with the sound or picture of a session. `expiration_date` is the last day that it plays."""

    record_id: int
    start_time: str
    record_name: str | None = None
    cost: Decimal | None = None
    duration: int | None = None
    record_url: str | None = None
    transaction_id: int | None = None
    file_size: int | None = None
    transcription_url: str | None = None
    transcription_status: str | None = None
    is_removed: bool | None = None
    expiration_date: str | None = None


class Usage(msgspec.Struct):
    """ResourceUsage: what a session used beside calls and records."""

    resource_usage_id: int
    resource_type: str
    used_at: str
    cost: Decimal | None = None
    description: str | None = None
    transaction_id: int | None = None
    resource_quantity: Decimal | None = None
    unit: str | None = None
    ref_call_id: int | None = None


class TransactionInfo(msgspec.Struct):
    """TransactionInfo. The account's id is a number in the reference and text in the vendor's client."""

    transaction_id: int
    performed_at: str
    amount: Decimal
    transaction_type: str
    account_id: int | str | None = None
    user_id: int | str | None = None
    currency: str | None = None
    transaction_description: str | None = None


class AcdEvent(msgspec.Struct):
    """ACDSessionEventInfo."""

    time: str
    type: str
    user_id: int | None = None
    custom_data: str | None = None


class AcdSession(msgspec.Struct):
    """ACDSessionInfo: one caller in one queue. The three flags are in the reference's examples only."""

    acd_session_history_id: int
    begin_time: str
    acd_request_id: str | None = None
    priority: int | None = None
    acd_queue_id: int | None = None
    user_id: int | None = None
    waiting_duration: int | None = None
    in_service_duration: int | None = None
    after_service_duration: int | None = None
    operator_hangup: bool | None = None
    unserviced: bool | None = None
    rejected: bool | None = None
    events: list[AcdEvent] | None = None


class AcdQueue(msgspec.Struct):
    """QueueInfo of GetQueues; `max_waiting_time` is in minutes."""

    acd_queue_id: int
    acd_queue_name: str
    max_waiting_time: int | None = None
    sl_thresholds: list[int] | None = None
    operatorcount: int | None = None
    created: str | None = None
    modified: str | None = None


class SmartQueue(msgspec.Struct):
    """SmartQueue of SQ_GetQueues; `call_max_waiting_time` is in minutes."""

    sq_queue_id: int
    sq_queue_name: str
    agent_selection: str | None = None
    call_max_waiting_time: int | None = None
    call_max_waiting_time_in_seconds: int | None = None
    agentcount: int | None = None
    created: str | None = None
    modified: str | None = None


class AuditLog(msgspec.Struct):
    """AuditLogInfo. Arguments and result are objects in the reference and text in the vendor's client."""

    audit_log_id: int
    requested: str
    cmd_name: str
    ip: str | None = None
    subuser_id: int | None = None
    subuser_name: str | None = None
    cmd_args: Any = None
    cmd_result: Any = None


class HistoryReport(msgspec.Struct):
    """HistoryReport. A failed one has an error and is completed all the same; `store_until` is a date; `download_size` is gzipped."""

    history_report_id: int
    created: str
    history_type: str | None = None
    format: str | None = None
    completed: str | None = None
    file_name: str | None = None
    file_size: int | None = None
    download_size: int | None = None
    download_count: int | None = None
    store_until: str | None = None
    calculated_data: Any = None
    error: ErrorAnswer | None = None


def lenient(kind: type[T]) -> "msgspec.json.Decoder[T]":
    """Return a decoder that accepts numbers and booleans as text."""
    return msgspec.json.Decoder(kind, strict=False)


FAILURE = lenient(Failure)
ROWS = ListDecoder(ListAnswer, "result")
STARTED = lenient(Started)
DONE = lenient(CommandAnswer)
