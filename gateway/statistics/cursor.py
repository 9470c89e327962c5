"""Cursor: how far a count has come at each provider, as a text to go on from."""

from collections.abc import Mapping
from enum import Enum

import msgspec

from telegraphql.gateway.errors import BadCursor
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, read_cursor, write_cursor
from telegraphql.schema.call import Call

# By provider the place of the last call that was counted; None where all are. A provider that is missing has not begun.
Marks = Mapping[str, Position | None]
MARKS = msgspec.json.Decoder(dict[str, tuple[int, str, str] | None])


class StatisticsOrder(Enum):
    """In which order calls are counted; lists know other orders, so that their cursors are not taken for these."""

    COUNTED = "COUNTED"


def write_marks(marks: Marks, mark: str, seal: Seal = OPEN) -> str:
    """The cursor of these places in a count with this fingerprint."""
    return write_cursor(Position(0, "", msgspec.json.encode(dict(sorted(marks.items()))).decode()), mark, seal)


def read_marks(text: str, mark: str, seal: Seal = OPEN) -> dict[str, Position | None]:
    """The places of a cursor; BadCursor where it is of another count or none at all."""
    place = read_cursor(text, mark, Call, seal)
    try:
        marks = MARKS.decode(place.id)
    except msgspec.DecodeError:
        raise BadCursor("this is not a cursor of a count; take endCursor of callStatistics under the same filter") from None
    return {name: Position(*reached) if reached else None for name, reached in marks.items()}
