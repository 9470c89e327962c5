"""Channel events: the table of Asterisk's CEL, which tells of transfers, where the call records have only the legs before and after."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sql

from telegraphql.plugins.asterisk import local_time
from telegraphql.plugins.asterisk.legs import PlacedCdr, Transfer
from telegraphql.plugins.asterisk.table_walk import Connections, plain, rows_of
from telegraphql.plugins.asterisk.time_column import TimeColumn, types_of
from telegraphql.plugins.asterisk.wire import peer

TRANSFERS = ("BLINDTRANSFER", "ATTENDEDTRANSFER")
# The leg after a transfer begins with it, give or take the time that writing takes.
NEAR = timedelta(seconds=5)


class Extra(msgspec.Struct):
    """The part of `extra` of a transfer that is needed, as cel.c writes it."""

    transferee_channel_uniqueid: str = ""


class ChannelEvents:
    """The events in a table, which needs an index on `linkedid`. Its methods read it: they are for `Upstream.run`."""

    def __init__(self, connections: Connections, table: str, zone: ZoneInfo) -> None:
        self._connections, self._table, self._zone = connections, table, zone
        self._time: TimeColumn | None = None

    def check(self) -> None:
        """Read a row."""
        with self._connections.opened(self._table) as connection:
            connection.execute(rows_of(self._table).limit(1)).all()

    def told(self, legs: Sequence[PlacedCdr]) -> list[PlacedCdr]:
        """Return the legs, with the transfers by which they came to be."""
        linked = sorted({leg.cdr.linkedid for leg in legs if leg.cdr.linkedid})
        if not linked:
            return list(legs)
        transfers = self._transfers(linked)
        return [msgspec.structs.replace(leg, transfer=_transfer_of(leg, transfers.get(leg.cdr.uniqueid, ()), self._zone)) for leg in legs]

    def _transfers(self, linked: Sequence[str]) -> dict[str, list[tuple[str, Transfer]]]:
        """Return the times of transfers, and what they were, by the channels that went on."""
        with self._connections.opened(self._table) as connection:
            if self._time is None:
                self._time = TimeColumn.of(types_of(connection, self._table), ("eventtime",), self._table, self._zone)
            query = rows_of(self._table).where(sql.column("linkedid").in_(linked), sql.column("eventtype").in_(TRANSFERS))
            found: dict[str, list[tuple[str, Transfer]]] = {}
            for row in connection.execute(query).mappings():
                told = {name: str(plain(value) or "") for name, value in row.items()}
                found.setdefault(_transferee(told), []).append((self._time.written(row["eventtime"]), _transfer(told)))
            return found


def _transferee(told: Mapping[str, str]) -> str:
    try:
        return msgspec.json.decode(told.get("extra", ""), type=Extra).transferee_channel_uniqueid
    except msgspec.DecodeError:
        return ""


def _transfer(told: Mapping[str, str]) -> Transfer:
    return Transfer(told.get("eventtype", ""), told.get("cid_num") or peer(told.get("channame", "")))


def _transfer_of(leg: PlacedCdr, transfers: Sequence[tuple[str, Transfer]], zone: ZoneInfo) -> Transfer | None:
    """Return the transfer with which a leg began."""
    near = [(abs(at - leg.at), transfer) for text, transfer in transfers if (at := _moment(text, leg.at, zone))]
    distance, transfer = min(near, key=lambda each: each[0], default=(NEAR * 2, None))
    return transfer if distance <= NEAR else None


def _moment(text: str, near: datetime, zone: ZoneInfo) -> datetime | None:
    try:
        return local_time.moment(text, zone, near)
    except ValueError:
        return None
