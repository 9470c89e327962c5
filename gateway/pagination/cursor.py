"""Position: a place in the total order of a list, and its text, the cursor. It holds no upstream state, and is sealed."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from hmac import compare_digest
from typing import Any, NamedTuple

import msgspec
from strawberry import UNSET

from telegraphql.gateway.errors import BadCursor
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.schema.record import Record

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
VERSION = 3
SEAL_BYTES = 8
CALLER_BYTES = 6
# Without a secret a seal only tells damage; the cursors are as good after a restart, and at another replica.
NO_SECRET = b"telegraphql"
FOREIGN = "this is not a cursor of this gateway; take one from pageInfo or an edge"


class Position(NamedTuple):
    """Microseconds since 1970 (or a name, for kinds without a time), the provider's id, the record's id there."""

    place: int | str
    provider: str
    id: str


class Seal:
    """The signature under cursors, and the mark of the caller they are for. Keyed BLAKE2 is a MAC by itself (RFC 7693)."""

    __slots__ = ("_begun", "caller")

    def __init__(self, key: bytes = NO_SECRET, caller: str = "") -> None:
        self._begun = hashlib.blake2s(key=key, digest_size=SEAL_BYTES, person=b"cursor")
        self.caller = hashlib.blake2s(caller.encode(), key=key, digest_size=CALLER_BYTES, person=b"caller").digest()

    @staticmethod
    def key(secret: str) -> bytes:
        """Return the key that a secret stands for; it opens nothing else that is made from the secret."""
        return hashlib.blake2s(secret.encode(), person=b"cursors").digest()

    def of(self, body: bytes) -> bytes:
        """Return the seal under some bytes."""
        sealed = self._begun.copy()
        sealed.update(body)
        return sealed.digest()


OPEN = Seal()
# Those of callers who come again and again.
seal_of = lru_cache(maxsize=1024)(Seal)
READ = msgspec.msgpack.Decoder(tuple[int, bytes, str, int | str, str, str])


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // TICK


def moment(place: int) -> datetime:
    """Return the moment that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=place)


def time_of(record: Record | RowView) -> datetime:
    """Return the moment at which a record stands in its list; ValueError where it has none."""
    if type(record) is RowView:
        found: Any = record.time
    else:
        found = record.position_time or (getattr(record, record.time_field) if record.time_field else None)
    if not isinstance(found, datetime):
        raise ValueError("a record without a time")
    return found


def times_of(records: Sequence[Any]) -> list[datetime]:
    """Return the moments at which records stand in their list; ValueError where one has none."""
    times: list[Any] = [record.time if type(record) is RowView else time_of(record) for record in records]
    if None in times:
        raise ValueError("a record without a time")
    return times


def position(record: Record | RowView) -> Position:
    """Return where a record stands in its list."""
    # As `Position(...)`, in half its time; every record of every page is placed.
    if type(record) is RowView and record.time is not None:
        place = (record.time - EPOCH) // TICK
        return tuple.__new__(Position, (place, record.reader.provider_name, record.sort_id or record.native_id))
    named = str(getattr(record, record.name_field)) if record.name_field else micros(time_of(record))
    return tuple.__new__(Position, (named, record.provider_name, record.sort_id or record.native_id))


def fingerprint(kind: type[Record], order: Enum, given: dict[str, Any]) -> str:
    """Return what a cursor is bound to: the kind, the order and the filter."""
    text = msgspec.json.encode([kind.__name__, order.name, sorted(given.items())], enc_hook=_plain)
    return hashlib.blake2s(text, digest_size=6).hexdigest()


def write_cursor(place: Position, mark: str, seal: Seal = OPEN) -> str:
    """Return the cursor of a position in a list with this fingerprint."""
    body = msgspec.msgpack.encode((VERSION, seal.caller, mark, *place))
    return base64.urlsafe_b64encode(body + seal.of(body)).decode().rstrip("=")


def read_cursor(text: str, mark: str, kind: type[Record], seal: Seal = OPEN) -> Position:
    """Return the position of a cursor; BadCursor where it is of another list or caller, was changed, or is none at all."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        body = sealed[:-SEAL_BYTES]
        written = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
        if not compare_digest(seal.of(body), sealed[-SEAL_BYTES:]) or written != text:
            raise BadCursor(FOREIGN)
        version, caller, marked, place, provider, native = READ.decode(body)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise BadCursor(FOREIGN) from None
    if version != VERSION or isinstance(place, str) is not (kind.name_field is not None):
        raise BadCursor(FOREIGN)
    if caller != seal.caller:
        raise BadCursor("this cursor was made for another caller; start again without it")
    if marked != mark:
        raise BadCursor("this cursor belongs to another list, filter or order; start again without it")
    if isinstance(place, int) and not -62_135_596_800_000_000 <= place <= 253_402_300_799_999_999:
        raise BadCursor(FOREIGN)
    return Position(place, provider, native)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if value is UNSET:
        return None
    raise TypeError(type(value).__name__)


def edge(frontier: datetime, descending: bool) -> Position:
    """Return the position between what a frontier has delivered and what it has not."""
    return Position((frontier - EPOCH) // TICK + (1 if descending else 0), "", "")
