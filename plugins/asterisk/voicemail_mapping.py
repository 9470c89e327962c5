"""Voicemail mapping: what the text file of a message says."""

from pathlib import Path

from telegraphql.plugin import Column, Constant, Mapping, party, plain, seconds, text
from telegraphql.plugins.asterisk.recordings import TYPES
from telegraphql.plugins.asterisk.voicemail import StoredMessage, is_heard
from telegraphql.plugins.asterisk.wire import caller_id
from telegraphql.schema import FileInfo, PartyKind, Voicemessage

NOBODY = frozenset({"", "unknown", "anonymous"})


def caller_number(told: dict[str, str]) -> str | None:
    """Return the number of `"Name" <number>`; a number alone stands where the name does."""
    number, name = caller_id(told.get("callerid", ""))
    found = number or name
    return None if found.casefold() in NOBODY else found


def caller_name(told: dict[str, str]) -> str | None:
    """Return the name of `"Name" <number>`."""
    number, name = caller_id(told.get("callerid", ""))
    return None if not number or name == number or name.casefold() in NOBODY else name


def length(told: dict[str, str]) -> str | None:
    """Return the length as it is written."""
    return told.get("duration")


def sound_file(sound: str | None, size: int | None, received_at: str) -> FileInfo | None:
    """Return what is known of a sound. Its own name, such as msg0003.wav, is another one when the message is moved."""
    if sound is None:
        return None
    suffix = Path(sound).suffix
    return FileInfo(TYPES[suffix.lower()], size, f"voicemessage-{received_at}{suffix.lower()}")


VOICEMESSAGE = Mapping(
    Voicemessage,
    StoredMessage,
    native_id=plain("id"),
    received_at=plain("at"),
    raw=plain("told"),
    refs={"call": plain("leg.id")},
    from_=party(Column(caller_number, "told"), name=Column(caller_name, "told")),
    to=party(text("mailbox"), kind=Constant(PartyKind.VOICEMAIL)),
    mailbox=text("mailbox"),
    folder=text("folder"),
    is_read=Column(is_heard, "folder"),
    duration_seconds=seconds(Column(length, "told")),
    files={"media": Column(sound_file, "sound", "size", Column(lambda id: id.partition("/")[0], "id"))},
)
