"""The cursor of a subscription: for each provider the time before which every ended call has been sent."""

from collections.abc import Mapping
from enum import Enum

import msgspec

from telegraphql.gateway.errors import BadCursor
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, read_cursor, write_cursor
from telegraphql.schema.call import Call

Watermarks = Mapping[str, int]
DECODER = msgspec.json.Decoder(dict[str, int])


class SubscriptionOrder(Enum):
    """An order name of its own, so that cursors of lists are not accepted as cursors of subscriptions."""

    AS_ENDED = "AS_ENDED"


def write_watermarks(watermarks: Watermarks, subscription_fingerprint: str, seal: Seal = OPEN) -> str:
    """Return the cursor for these times, in microseconds since 1970, bound to a subscription's fingerprint."""
    lowest = min(watermarks.values())
    offsets = {name: watermarks[name] - lowest for name in sorted(watermarks)}
    return write_cursor(Position(lowest, "", msgspec.json.encode(offsets).decode()), subscription_fingerprint, seal)


def read_watermarks(text: str, subscription_fingerprint: str, seal: Seal = OPEN) -> dict[str, int]:
    """Return the times in a cursor, in microseconds since 1970.

    Raises:
        BadCursor: The cursor belongs to another subscription, or is none.
    """
    cursor = read_cursor(text, subscription_fingerprint, Call, seal)
    try:
        offsets = DECODER.decode(cursor.id)
    except msgspec.DecodeError:
        raise BadCursor("not a cursor of a subscription: use the one in the extensions of an event") from None
    if not isinstance(cursor.place, int) or not offsets:
        raise BadCursor("not a cursor of a subscription: use the one in the extensions of an event")
    return {name: cursor.place + offset for name, offset in offsets.items()}
