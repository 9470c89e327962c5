"""vCon: calls as conversation containers, as draft-ietf-vcon-vcon-core defines them, syntax 0.4.0."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from telegraphql.gateway.export.jsonl import LINES

SYNTAX = "0.4.0"
EXTENSION = "telegraphql"
FIELDS = """id,nativeId,provider.name,startedAt,answeredAt,endedAt,durationSeconds,direction,status,hangupCause,
from.number,from.e164,from.name,from.uri,to.number,to.e164,to.name,to.uri,
recordings.id,recordings.startedAt,recordings.durationSeconds,recordings.fileName,recordings.media.mimeType,
recordings.transcription.text,recordings.transcription.summary,recordings.transcription.sentiment,
voicemessages.id,voicemessages.receivedAt,voicemessages.durationSeconds,voicemessages.transcript,voicemessages.media.mimeType"""
# Call statuses without a conversation.
DISPOSITIONS = {"NO_ANSWER": "no-answer", "BUSY": "busy", "FAILED": "failed", "CONGESTION": "congestion", "CANCELED": "hung-up"}
JsonObject = dict[str, Any]


class VconFormat:
    """One vCon per line for each call."""

    header = b""

    def encode(self, rows: Sequence[JsonObject]) -> bytes:
        """Return one line per call."""
        return b"".join([orjson.dumps(vcon(row), option=LINES) for row in rows])


def vcon(call: JsonObject) -> JsonObject:
    """Return the vCon of a call. Exporting a call again yields the same vCon, so that a store keeps it once."""
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
        EXTENSION: _without_nulls(
            {"id": call["id"], "provider": call["provider"]["name"], "native_id": call["nativeId"], "hangup_cause": call["hangupCause"]}
        ),
    }


def identity(call: str, started: datetime) -> UUID:
    """Return a version 8 UUID for a call: its start in milliseconds, as in version 7, and a digest of its id."""
    milliseconds = int(started.timestamp() * 1000)
    digest = int.from_bytes(hashlib.sha1(call.encode(), usedforsecurity=False).digest()[:10])
    number = (max(0, milliseconds) & (1 << 48) - 1) << 80 | digest & (1 << 80) - 1
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 2 << 62)


def _party(party: JsonObject) -> JsonObject:
    tel = party["e164"] or party["number"]
    # Names come from the telephone network and are not verified.
    return _without_nulls({"tel": tel, "sip": party["uri"], "name": party["name"], "validation": "none" if party["name"] else None})


def _conversation(call: JsonObject) -> tuple[list[JsonObject], list[JsonObject]]:
    """Return the dialogs of a call and their analyses. Files are named by id, since links to them expire."""
    dialog: list[JsonObject] = []
    analysis: list[JsonObject] = []
    for recording in call["recordings"] or ():
        analysis += _analyses(recording["transcription"], len(dialog))
        dialog.append(_recording(recording, recording["startedAt"]) | _without_nulls({"filename": recording["fileName"]}))
    for message in call["voicemessages"] or ():
        analysis += _analyses({"text": message["transcript"]}, len(dialog))
        dialog.append(_recording(message, message["receivedAt"]) | {"parties": 0})
    return dialog or [_unrecorded(call)], analysis


def _recording(audio: JsonObject, start: str) -> JsonObject:
    kind = (audio["media"] or {}).get("mimeType")
    dialog = {"type": "recording", "start": start, "duration": audio["durationSeconds"], "parties": [0, 1], "mediatype": kind}
    return _without_nulls(dialog) | {EXTENSION: {"id": audio["id"]}}


def _unrecorded(call: JsonObject) -> JsonObject:
    """Return the dialog of a call without a recording."""
    disposition = DISPOSITIONS.get(call["status"])
    dialog = {"type": "incomplete" if disposition else "recording", "start": call["startedAt"], "duration": call["durationSeconds"]}
    return _without_nulls(dialog | {"parties": [0, 1], "disposition": disposition})


def _analyses(texts: JsonObject | None, dialog: int) -> Iterator[JsonObject]:
    """Yield the texts made of a recording: transcript, summary and sentiment."""
    for name, kind in (("text", "transcript"), ("summary", "summary"), ("sentiment", "sentiment")):
        if texts and texts.get(name):
            analysis = {"type": kind, "dialog": dialog, "vendor": EXTENSION, "mediatype": "text/plain"}
            yield analysis | {"body": texts[name], "encoding": "none"}


def _without_nulls(fields: JsonObject) -> JsonObject:
    return {name: each for name, each in fields.items() if each is not None}
