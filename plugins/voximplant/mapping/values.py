"""Values computed from Voximplant's rows: files, URLs and JSON."""

from typing import Any

import msgspec

from telegraphql.plugin import is_withheld, read_text
from telegraphql.plugins.voximplant.mapping.codes import CURRENCY
from telegraphql.schema import FileInfo

MIME = {".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg", ".flv": "video/x-flv", ".mp4": "video/mp4"}


def number(value: Any) -> str | None:
    """Return a number or address as delivered; None where it is withheld."""
    found = read_text(value)
    return None if found is None or is_withheld(found) else found


def currency(word: Any, account: str | None) -> str | None:
    """Return the ISO 4217 code of an amount: of its own word, else the account's."""
    found = read_text(word)
    return CURRENCY.get(found, found) if found else account


def unpacked(value: Any) -> Any:
    """Return a JSON value, which the upstream may have wrapped into text."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value) if value else None
    except (msgspec.DecodeError, RecursionError):
        return value


def file_at(url: Any, mime_type: str | None = None, size: int | None = None) -> FileInfo | None:
    """Return what the address of a file says of it; None without an address."""
    found = read_text(url)
    if found is None:
        return None
    name = file_name(found)
    ending = f".{name.rpartition('.')[2].lower()}" if name else ""
    return FileInfo(mime_type or MIME.get(ending), size, name)


def file_name(url: str | None) -> str | None:
    """Return the last part of an address."""
    return (url or "").partition("?")[0].rpartition("/")[2] or None
