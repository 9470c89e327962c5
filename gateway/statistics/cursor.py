"""The cursor of a partial count: how far the scan of each provider has come."""

from collections.abc import Mapping
from enum import Enum

import msgspec

from telegraphql.gateway.errors import BadCursor
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, read_cursor, write_cursor
from telegraphql.schema.record import Record

# For each provider the position of the last counted record, or None if all are counted. Absent: not started.
ScanPositions = Mapping[str, Position | None]
DECODER = msgspec.json.Decoder(dict[str, tuple[int, str, str] | None])


class StatisticsOrder(Enum):
    """An order name of its own, so that cursors of lists are not accepted as cursors of counts."""

    COUNTED = "COUNTED"


def write_scan_positions(positions: ScanPositions, query_fingerprint: str, seal: Seal = OPEN) -> str:
    """Return the cursor for these positions, bound to a query's fingerprint."""
    return write_cursor(Position(0, "", msgspec.json.encode(dict(sorted(positions.items()))).decode()), query_fingerprint, seal)


def read_scan_positions(text: str, kind: type[Record], query_fingerprint: str, seal: Seal = OPEN) -> dict[str, Position | None]:
    """Return the positions in a cursor.

    Raises:
        BadCursor: The cursor belongs to another query, or is none.
    """
    cursor = read_cursor(text, query_fingerprint, kind, seal)
    try:
        positions = DECODER.decode(cursor.id)
    except msgspec.DecodeError:
        raise BadCursor("not a cursor of statistics: use the `endCursor` of the same statistics with the same filter") from None
    return {name: Position(*reached) if reached else None for name, reached in positions.items()}
