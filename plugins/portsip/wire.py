"""Rows and responses of PortSIP PBX: `/api/cdrs`, `/api/calllogs` and related resources.

Absent values come as "" (seen on a live PBX), as null (documented) or not at all; numbers of a call are text; ids are opaque
text, often 64-bit numbers that a floating point number cannot hold. Unknown fields are ignored.
"""

import msgspec

from telegraphql.plugin import ListDecoder

Id = str | int
Number = int | float | str | None
NULL = msgspec.Raw(b"null")


class ListResponse(msgspec.Struct):
    """A list, or a detail that comes as one. `count` is the number of all matching rows."""

    items: list[msgspec.Raw]
    count: int | None = None


# Thousands at once, none of which holds itself: nothing for the collector of cycles to look at.
class SessionRow(msgspec.Struct, kw_only=True, gc=False):
    """A conversation; its id is the session id. `duration` is the talk time in seconds, rounded up."""

    id: Id | None = None
    caller: str | None = None
    caller_domain: str | None = None
    caller_display_name: str | None = None
    callee: str | None = None
    callee_domain: str | None = None
    callee_display_name: str | None = None
    started_at: str | None = None
    rang_at: str | None = None
    answered_at: str | None = None
    ended_at: str | None = None
    call_id: str | None = None
    direction: str | None = None
    end_reason: str | None = None
    reroute_reason: str | None = None
    status_code: Number = None
    outbound_caller_id: str | None = None
    did_cid: str | None = None
    trunk: str | None = None
    duration: Number = None
    cost: msgspec.Raw = NULL
    service_number: str | None = None
    user_data: str | None = None


class CallLog(SessionRow, kw_only=True, gc=False):
    """A leg of a conversation."""

    session_id: Id | None = None


class RecordingRow(msgspec.Struct, kw_only=True):
    """A recording: the list has the first seven fields, the detail the rest. Names come since 22.8, `sentiment` since 22.3.

    A `file_size` of 0 does not mean an empty file.
    """

    id: Id | None = None
    caller: str | None = None
    caller_display_name: str | None = None
    callee: str | None = None
    callee_display_name: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    duration: Number = None
    file_name: str | None = None
    file_size: Number = None
    file_url: str | None = None
    sentiment: str | None = None


class QueueRow(msgspec.Struct, kw_only=True):
    """A call queue: the list has the first five fields, the detail the rest. All times are seconds; an `sla_time` of 0 is none."""

    id: Id | None = None
    name: str | None = None
    extension_number: str | None = None
    ring_time: Number = None
    polling_strategy: str | None = None
    max_waiting_time: Number = None
    sla_time: Number = None
    agents: list[msgspec.Raw] | None = None
    created_at: str | None = None


class Voicemail(msgspec.Struct, kw_only=True):
    """A voicemail. Since 22.6 `sender_name` and `sender_number` stand for `sender`; since 22.3 there may be a transcription."""

    id: Id | None = None
    sender: str | None = None
    sender_name: str | None = None
    sender_number: str | None = None
    created_at: str | None = None
    duration: Number = None
    status: str | None = None
    file_name: str | None = None
    file_size: Number = None
    file_url: str | None = None
    transcription_text: str | None = None


class CompletedReport(msgspec.Struct, kw_only=True):
    """A finished report and its file."""

    id: Id | None = None
    name: str | None = None
    type: str | None = None
    format: str | None = None
    completed_at: str | None = None
    file_name: str | None = None
    file_size: Number = None
    file_url: str | None = None


class CallReport(msgspec.Struct, kw_only=True):
    """An order for reports: the list has id, name, type, cron_expr and status, the detail the rest."""

    id: Id | None = None
    name: str | None = None
    type: str | None = None
    status: str | None = None
    cron_expr: str | None = None
    email: str | None = None
    format: str | None = None
    range: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    filter: msgspec.Raw = NULL


class Filed(msgspec.Struct, kw_only=True):
    """The file in a detail. A recording's detail comes as a list."""

    file_name: str | None = None
    file_size: Number = None
    file_url: str | None = None
    items: "list[Filed]" = []


class Created(msgspec.Struct):
    """The answer to a creation."""

    id: Id


class Token(msgspec.Struct):
    """The answer to a login; `expires_in` counts seconds. Without `access_token` a second factor is asked for."""

    access_token: str = ""
    expires_in: float = 1800
    refresh_token: str | None = None


class PbxError(msgspec.Struct):
    """One error; only its code may be quoted, the message can hold what was asked."""

    code: str = "UNKNOWN"


class Complaints(msgspec.Struct):
    """The body of a 4xx answer."""

    errors: list[PbxError]


class SingleRowDecoder:
    """Decodes a detail to its row, as it came."""

    def decode(self, body: bytes, /) -> msgspec.Raw:
        """Return the row; DecodeError for what is no object."""
        FIELDS.decode(body)
        return msgspec.Raw(body)


class ItemsDecoder:
    """Decodes a detail that comes as a list."""

    def decode(self, body: bytes, /) -> tuple[list[msgspec.Raw], msgspec.Raw]:
        """Return the items, and the whole as it came."""
        return LIST.decode(body).items, msgspec.Raw(body)


FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
ROW = SingleRowDecoder()
ITEMS = ItemsDecoder()
LIST = ListDecoder(ListResponse, "items")
FILED = msgspec.json.Decoder(Filed)
CREATED = msgspec.json.Decoder(Created)
TOKEN = msgspec.json.Decoder(Token)
COMPLAINTS = msgspec.json.Decoder(Complaints)
