"""Values computed from VoIPstudio's rows: the ends of a call and references."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from telegraphql.plugin import Column, Object, mapped, party, provider, read_text, text
from telegraphql.plugins.voipstudio.codes import EXTENSION, PARTY, PENDING, QUEUE, direction
from telegraphql.plugins.voipstudio.wire import Word
from telegraphql.schema import CallDirection, PartyKind, Transcription, TranscriptionStatus

CALLER_ID = re.compile(r'\s*"?([^"<]*)"?\s*<([^>]*)>\s*')
ToE164 = Callable[[str], str | None]


def end_of_call(
    part: str,
    number: str,
    code: str | None = None,
    name: str | Column | None = None,
    user_agent: str | None = None,
    codec: str | None = None,
) -> Object:
    """Return the column of one end of a call, `part` of the record; its code says what it is, else its number."""
    given_code = code or number
    return party(
        text(number),
        name=name,
        kind=Column(party_kind, mapped(f"{part}.number"), given_code, provider("numbering.e164"), never_fails=True)
        if code
        else Column(number_kind, mapped(f"{part}.number"), provider("numbering.e164"), never_fails=True),
        native_id=Column(party_id, code, never_fails=True) if code else None,
        user_agent=text(user_agent) if user_agent else None,
        codec=text(codec) if codec else None,
    )


def party_kind(number: str | None, code: Word, e164: ToE164) -> PartyKind:
    """Return what stands behind a number: a user, contact, queue or menu by its code, else an extension or a public number."""
    kind = _meaning(str(code))[0]
    return number_kind(number, e164) if kind is PartyKind.UNKNOWN else kind


def number_kind(number: str | None, e164: ToE164) -> PartyKind:
    """Return what a number looks like: an extension, a public number, or neither for certain."""
    if not number:
        return PartyKind.UNKNOWN
    if _is_extension(number):
        return PartyKind.EXTENSION
    return PartyKind.PSTN if e164(number) else PartyKind.UNKNOWN


def party_id(code: Word) -> str | None:
    """Return the id in a code such as 12443, contact:7 or Queue3."""
    return _meaning(str(code))[1]


def called_name(name: Word, code: Word, direction: CallDirection) -> str | None:
    """Return who was called. On outgoing calls `dst_name` is the tariff's destination, such as "Spain Mobile (Local)", not a person."""
    known = _meaning(str(code))[0] is not PartyKind.UNKNOWN
    return read_text(name) if known or direction is not CallDirection.OUTBOUND else None


def caller_name(*words: Word) -> str | None:
    """Return the first name among names and caller ids such as `"Ada" <+4420…>`; a number is none."""
    for word in words:
        shown = read_text(word)
        # Most are plain names: at each of their letters the pattern would look for a number anew.
        name = (CALLER_ID.sub(r"\1", shown) if "<" in shown else shown).strip() if shown else ""
        if name and not name.lstrip("+").isdecimal():
            return name
    return None


def caller_number(clid: Word) -> str | None:
    """Return the number in a caller id such as `"Ada" <+4420…>`, or all of it."""
    shown = read_text(clid)
    found = CALLER_ID.fullmatch(shown) if shown else None
    return (found[2] or found[1] or None) if found else shown


def label_texts(labels: Any) -> list[str] | None:
    """Return the labels of a call: texts, or the names of objects."""
    if not isinstance(labels, list):
        return None
    found = [each.get("name") if isinstance(each, dict) else each for each in labels]
    return [str(each) for each in found if each not in (None, "")]


def metadata_text(metadata: Any) -> str | None:
    """Return the metadata of a call: a text, or an object as JSON."""
    if metadata is None or isinstance(metadata, str):
        return metadata or None
    return msgspec.json.encode(metadata).decode()


def recording_direction(context: Word, type_: Word) -> CallDirection:
    """Return which way a recorded call went."""
    return direction(context, None, type_)


def queue_id(code: Word) -> str | None:
    """Return the queue's id in a code such as Queue12443."""
    known = QUEUE.fullmatch(str(code))
    return known[1] if known else None


def first_text(*words: Word) -> str | None:
    """Return the first of several texts that is not empty."""
    return next((text for word in words if (text := read_text(word))), None)


def transcription_status(*words: Word) -> TranscriptionStatus | None:
    """Return COMPLETE if the vendor's AI add-on wrote something of a recording; None without it."""
    return TranscriptionStatus.COMPLETE if any(map(read_text, words)) else None


TRANSCRIPTION = Object(
    Transcription,
    unless_null="status",
    status=Column(transcription_status, "transcript", "summary", "sentiment"),
    text=text("transcript"),
    summary=text("summary"),
    sentiment=text("sentiment"),
)


def is_pending(result: Word) -> bool:
    """Return True if a movement of money is not completed."""
    return (read_text(result) or "").casefold() in PENDING


def agent_count(users: Sequence[object] | None) -> int | None:
    """Return how many users a queue has."""
    return None if users is None else len(users)


def any_text(value: Word) -> str:
    """Return a word as delivered, "" where there is none."""
    return read_text(value) or ""


@lru_cache(maxsize=4096)
def _is_extension(number: str) -> bool:
    return EXTENSION.fullmatch(number) is not None


@lru_cache(maxsize=4096)
def _meaning(code: str) -> tuple[PartyKind, str | None]:
    """Return what a code says an end of a call is, and its id; the codes of an account are few, and come again and again."""
    for pattern, meaning in PARTY:
        if known := pattern.fullmatch(code):
            return meaning, known[1]
    return PartyKind.UNKNOWN, None
