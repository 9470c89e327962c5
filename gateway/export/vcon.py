"""vCon: calls as containers of conversations, in the words of draft-ietf-vcon-vcon-core, syntax 0.4.0."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

SYNTAX = "0.4.0"
EXTENSION = "telegraphql"
FIELDS = """id,nativeId,provider.name,startedAt,answeredAt,endedAt,duration,direction,status,hangupCause,
from.number,from.e164,from.name,from.uri,to.number,to.e164,to.name,to.uri,
recordings.id,recordings.startedAt,recordings.duration,recordings.fileName,recordings.media.mimeType,
recordings.transcription.text,recordings.transcription.summary,recordings.transcription.sentiment,
voicemessages.id,voicemessages.receivedAt,voicemessages.duration,voicemessages.transcript,voicemessages.media.mimeType"""
# Why nobody talked; all else was a conversation.
DISPOSITIONS = {"NO_ANSWER": "no-answer", "BUSY": "busy", "FAILED": "failed", "CONGESTION": "congestion", "CANCELED": "hung-up"}
Row = dict[str, Any]


class Vcon:
    """One container a line for each call."""

    head = b""

    def encoded(self, rows: Sequence[Row]) -> bytes:
        """A line for each call."""
        return b"".join([orjson.dumps(vcon(row), option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z) for row in rows])


def vcon(call: Row) -> Row:
    """The container of a call. It is the same each time the call is exported, so that a store keeps it once."""
    dialog, analysis = _conversation(call)
    return {
        "vcon": SYNTAX,
        "uuid": str(identity(call["id"], call["startedAt"])),
        "extensions": [EXTENSION],
        "created_at": call["endedAt"] or call["startedAt"],
        "subject": f"{call['direction'].capitalize()} call, {call['status'].replace('_', ' ').lower()}",
        "parties": [_party(call["from"]), _party(call["to"])],
        "dialog": dialog,
        "analysis": analysis,
        EXTENSION: _given(
            {"id": call["id"], "provider": call["provider"]["name"], "native_id": call["nativeId"], "hangup_cause": call["hangupCause"]}
        ),
    }


def identity(call: str, started: datetime) -> UUID:
    """A UUID of version 8 for the id of a call: its milliseconds, as in version 7, and what its id comes to."""
    milliseconds = int(started.timestamp() * 1000)
    digest = int.from_bytes(hashlib.sha1(call.encode(), usedforsecurity=False).digest()[:10])
    number = (max(0, milliseconds) & (1 << 48) - 1) << 80 | digest & (1 << 80) - 1
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 2 << 62)


def _party(party: Row) -> Row:
    tel = party["e164"] or party["number"]
    # Who somebody is was told by the telephone network, and proved by nobody.
    return _given({"tel": tel, "sip": party["uri"], "name": party["name"], "validation": "none" if party["name"] else None})


def _conversation(call: Row) -> tuple[list[Row], list[Row]]:
    """What was recorded, left or attempted, and what was made of it. A file is named by its id, since links to it expire."""
    dialog: list[Row] = []
    analysis: list[Row] = []
    for recording in call["recordings"] or ():
        analysis += _analyses(recording["transcription"], len(dialog))
        dialog.append(_recording(recording, recording["startedAt"]) | _given({"filename": recording["fileName"]}))
    for message in call["voicemessages"] or ():
        analysis += _analyses({"text": message["transcript"]}, len(dialog))
        dialog.append(_recording(message, message["receivedAt"]) | {"parties": 0})
    return dialog or [_unrecorded(call)], analysis


def _recording(sound: Row, start: str) -> Row:
    kind = (sound["media"] or {}).get("mimeType")
    told = {"type": "recording", "start": start, "duration": sound["duration"], "parties": [0, 1], "mediatype": kind}
    return _given(told) | {EXTENSION: {"id": sound["id"]}}


def _unrecorded(call: Row) -> Row:
    """A call of which there is no sound."""
    disposition = DISPOSITIONS.get(call["status"])
    told = {"type": "incomplete" if disposition else "recording", "start": call["startedAt"], "duration": call["duration"]}
    return _given(told | {"parties": [0, 1], "disposition": disposition})


def _analyses(made: Row | None, dialog: int) -> Iterator[Row]:
    """What was made of a recording, in words."""
    for name, kind in (("text", "transcript"), ("summary", "summary"), ("sentiment", "sentiment")):
        if made and made.get(name):
            told = {"type": kind, "dialog": dialog, "vendor": EXTENSION, "mediatype": "text/plain"}
            yield told | {"body": made[name], "encoding": "none"}


def _given(fields: Row) -> Row:
    return {name: each for name, each in fields.items() if each is not None}
