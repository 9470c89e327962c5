"""Cursor: how far a subscription has come - for each provider the moment before which everything that ended has been sent."""

from collections.abc import Mapping
from enum import Enum

import msgspec

from telegraphql.gateway.errors import BadCursor
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, read_cursor, write_cursor
from telegraphql.schema.call import Call

Marks = Mapping[str, int]
OFFSETS = msgspec.json.Decoder(dict[str, int])


class SubscriptionOrder(Enum):
    """In which order records are followed; lists know other orders, so that their cursors are not taken for these."""

    AS_ENDED = "AS_ENDED"


def write_marks(marks: Marks, mark: str, seal: Seal = OPEN) -> str:
    """The cursor that stands for these moments in a subscription with this fingerprint."""
    lowest = min(marks.values())
    offsets = {name: marks[name] - lowest for name in sorted(marks)}
    return write_cursor(Position(lowest, "", msgspec.json.encode(offsets).decode()), mark, seal)


def read_marks(text: str, mark: str, seal: Seal = OPEN) -> dict[str, int]:
    """The moments of a cursor; BadCursor where it is of another subscription or none at all."""
    place = read_cursor(text, mark, Call, seal)
    try:
        offsets = OFFSETS.decode(place.id)
    except msgspec.DecodeError:
        raise BadCursor("this is not a cursor of a subscription; take one from the extensions of an event") from None
    if not isinstance(place.place, int) or not offsets:
        raise BadCursor("this is not a cursor of a subscription; take one from the extensions of an event")
    return {name: place.place + offset for name, offset in offsets.items()}
