"""Position: a place in the total order of a list, and its text, the cursor. It holds no upstream state."""

import base64
import binascii
import hashlib
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

import msgspec
from strawberry import UNSET

from gateway.errors import BadCursor
from schema.record import Record

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
VERSION = 1


class Position(NamedTuple):
    """Microseconds since 1970 (or a name, for kinds without a time), provider, id within it."""

    place: int | str
    provider: str
    id: str


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // TICK


def moment(place: int) -> datetime:
    """The moment that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=place)


def stands(record: Record) -> datetime:
    """The moment at which a record stands in its list; ValueError where it has none."""
    found = record.stands_at or (getattr(record, record.time_field) if record.time_field else None)
    if not isinstance(found, datetime):
        raise ValueError("a record without a time")
    return found


def position(record: Record) -> Position:
    """Where a record stands."""
    place = str(getattr(record, record.name_field)) if record.name_field else micros(stands(record))
    return Position(place, record.provider_name, record.sort_id or record.native_id)


def fingerprint(kind: type[Record], order: Enum, given: dict[str, Any]) -> str:
    """What a cursor is bound to: the kind, the order and the filter."""
    text = msgspec.json.encode([kind.__name__, order.name, sorted(given.items())], enc_hook=_plain)
    return hashlib.blake2s(text, digest_size=6).hexdigest()


def write_cursor(place: Position, mark: str) -> str:
    """The cursor of a position in a list with this fingerprint."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode((VERSION, mark, *place))).decode().rstrip("=")


def read_cursor(text: str, mark: str, kind: type[Record]) -> Position:
    """The position of a cursor; BadCursor where it is of another list or none at all."""
    try:
        body = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        version, marked, place, provider, native = msgspec.msgpack.decode(body, type=tuple[int, str, int | str, str, str])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise BadCursor("this is not a cursor of this gateway; take one from pageInfo or an edge") from None
    found = Position(place, provider, native)
    if version != VERSION or isinstance(place, str) is not (kind.name_field is not None) or write_cursor(found, marked) != text:
        raise BadCursor("this is not a cursor of this gateway; take one from pageInfo or an edge")
    if marked != mark:
        raise BadCursor("this cursor belongs to another list, filter or order; start again without it")
    if isinstance(place, int) and not -62_135_596_800_000_000 <= place <= 253_402_300_799_999_999:
        raise BadCursor("this is not a cursor of this gateway; take one from pageInfo or an edge")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if value is UNSET:
        return None
    raise TypeError(type(value).__name__)
