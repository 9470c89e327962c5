"""The form of the answers to each operation, for faults that change rows."""

from collections.abc import Mapping
from typing import Any

from telegraphql.plugin import AnswerShape

PAGED: Mapping[str, Any] = {"id": "sid", "size": "PageSize", "next": ("next_page_uri",), "page": "^PageToken="}
LEG: Mapping[str, Any] = {"kind": "calls", "times": ("end_time",), "lengths": ("duration",), "texts": ("caller_name",)}
RECORDING: Mapping[str, Any] = {"kind": "recordings", "lengths": ("duration",)}
SINGLE: Mapping[str, Any] = {"id": "sid", "single": True}
ANSWER_SHAPES: Mapping[str, AnswerShape] = {
    "GET /Calls": AnswerShape(rows=("calls",), time="start_time", filter="^(?:To|From|Status|ParentCallSid)=", **LEG, **PAGED),
    "GET /Calls/{sid}": AnswerShape(**LEG, **SINGLE),
    "GET /Calls/{sid}/Notifications": AnswerShape(
        kind="notifications", rows=("notifications",), times=("message_date",), texts=("message_text",), **PAGED
    ),
    "GET /Recordings": AnswerShape(rows=("recordings",), time="start_time", filter="^CallSid=", **RECORDING, **PAGED),
    "GET /Recordings/{sid}": AnswerShape(**RECORDING, **SINGLE),
    "GET /Messages": AnswerShape(kind="messages", rows=("messages",), time="date_sent", texts=("body",), filter="^(?:To|From)=", **PAGED),
    "GET /Messages/{sid}": AnswerShape(kind="messages", texts=("body",), **SINGLE),
    "GET /Messages/{sid}/Media": AnswerShape(kind="media", rows=("media_list",), times=("date_created",), **PAGED),
    "GET /Queues": AnswerShape(kind="queues", rows=("queues",), times=("date_created", "date_updated"), texts=("friendly_name",), **PAGED),
    "GET /Usage/Records/Daily": AnswerShape(
        kind="usage", rows=("usage_records",), time="start_date", texts=("description",), **{**PAGED, "id": "start_date"}
    ),
}
FILE_OPERATIONS = frozenset({"GET /Messages/{sid}/Media/{sid}", "GET /Recordings/{sid}.mp3", "GET /Recordings/{sid}.wav"})
