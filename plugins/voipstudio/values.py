"""Values computed from VoIPstudio's rows: the ends of a call and references."""

from collections.abc import Callable
from functools import lru_cache

from telegraphql.plugin import Column, Object, mapped, party, provider, read_text, text
from telegraphql.plugins.voipstudio.codes import EXTENSION, PARTY, QUEUE
from telegraphql.plugins.voipstudio.wire import Word
from telegraphql.schema import CallDirection, PartyKind

ToE164 = Callable[[str], str | None]


def end_of_call(part: str, number: str, code: str | None = None, name: str | Column | None = None) -> Object:
    """Return the column of one end of a call, `part` of the record; its code says what it is, else its number."""
    given_code = code or number
    return party(
        text(number),
        name=name,
        kind=Column(party_kind, mapped(f"{part}.number"), given_code, provider("numbering.e164"))
        if code
        else Column(number_kind, mapped(f"{part}.number"), provider("numbering.e164")),
        native_id=Column(party_id, code, never_fails=True) if code else None,
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


def caller_name(callerid: Word) -> str | None:
    """Return the name that a voicemail shows of its caller; a number is none."""
    shown = read_text(callerid)
    return shown if shown and not shown.lstrip("+").isdecimal() else None


def queue_id(code: Word) -> str | None:
    """Return the queue's id in a code such as Queue12443."""
    known = QUEUE.fullmatch(str(code))
    return known[1] if known else None


def first_text(*words: Word) -> str | None:
    """Return the first of several texts that is not empty."""
    return next((text for word in words if (text := read_text(word))), None)


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
