"""Making: FreePBX's tables in a database, and a sandbox that keeps its records there."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sql
from sqlalchemy.dialects.mysql import DATETIME

from telegraphql.plugin import Row
from telegraphql.plugins.asterisk import Asterisk
from telegraphql.plugins.asterisk.queue_log_table import DATA
from telegraphql.plugins.asterisk.sandbox import ZONE, AsteriskSandbox, queue_log
from tests.support.database_servers import PASSWORD, server_of

INTEGERS = {"duration", "billsec", "amaflags", "sequence"}
AMAFLAGS = {"DOCUMENTATION": 3}
# As FreePBX makes it: framework's SQL/cdr.sql, and what its module cdr adds.
TEXTS = dict.fromkeys(("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata"), 80)
TEXTS |= {"disposition": 45, "accountcode": 20, "uniqueid": 32, "userfield": 255, "did": 50, "recordingfile": 255, "linkedid": 32}
TEXTS |= dict.fromkeys(("cnum", "cnam", "outbound_cnum", "outbound_cnam", "dst_cnam", "peeraccount"), 80)
METADATA = sql.MetaData()
CDR = sql.Table(
    "cdr",
    METADATA,
    sql.Column("calldate", sql.DateTime, nullable=False, index=True),
    *(sql.Column(name, sql.String(length), nullable=False, default="") for name, length in TEXTS.items()),
    *(sql.Column(name, sql.Integer, nullable=False, default=0) for name in sorted(INTEGERS)),
    sql.Index("cdr_uniqueid", "uniqueid"),
    sql.Index("cdr_linkedid", "linkedid"),
)
# contrib/ast-db-manage/queue_log, with the microseconds of its last revision; an index by time is the administrator's.
QUEUE_LOG = sql.Table(
    "queue_log",
    METADATA,
    sql.Column("id", sql.BigInteger().with_variant(sql.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sql.Column("time", sql.DateTime().with_variant(DATETIME(fsp=6), "mysql"), index=True),
    *(sql.Column(name, sql.String(100), index=name == "callid") for name in ("callid", "queuename", "agent", "event", *DATA)),
)
# As FreePBX makes it: its module cel.
CEL = sql.Table(
    "cel",
    METADATA,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("eventtype", sql.String(30)),
    sql.Column("eventtime", sql.DateTime),
    *(sql.Column(name, sql.String(80)) for name in ("cid_num", "channame")),
    *(sql.Column(name, sql.String(32), index=True) for name in ("uniqueid", "linkedid")),
    sql.Column("extra", sql.String(512)),
)


def keep(engine: sql.Engine, rows: Sequence[Row]) -> None:
    """Make the table, in the place of one that is there, with these rows."""
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    insert(engine, rows)


def insert(engine: sql.Engine, rows: Sequence[Row]) -> None:
    """Add rows."""
    if rows:
        with engine.begin() as connection:
            connection.execute(CDR.insert(), [stored(row) for row in rows])


def stored(row: Row) -> dict[str, Any]:
    """A row in FreePBX's columns."""
    texts: dict[str, Any] = {name: row.get(name, "") for name in TEXTS}
    numbers = {name: row[name] if name != "amaflags" else AMAFLAGS[row[name]] for name in INTEGERS}
    return texts | numbers | {"calldate": datetime.fromisoformat(row["start"])}


def log(engine: sql.Engine, visits: Sequence[Row]) -> None:
    """Add the events of visits, at local times as Asterisk writes them."""
    if visits:
        rows = [
            queue_log.columns(event) | {"time": event[0].astimezone(ZONE).replace(tzinfo=None)} for event in queue_log.events_of(visits)
        ]
        with engine.begin() as connection:
            connection.execute(QUEUE_LOG.insert(), rows)


def tell(engine: sql.Engine, events: Sequence[Row]) -> None:
    """Add channel events."""
    if events:
        with engine.begin() as connection:
            connection.execute(CEL.insert(), [event | {"eventtime": datetime.fromisoformat(event["eventtime"])} for event in events])


class StoredSandbox(AsteriskSandbox):
    """An Asterisk that keeps its records in a database: in a SQLite file, or on the server of a scheme."""

    scheme: ClassVar[str | None] = None

    def configuration(self, folder: Path) -> Row:
        """Write the records into the database."""
        given = super().configuration(folder)
        del given["cdr_folder"], given["queue_log_file"]
        given |= {"queue_log_table": "queue_log", "cel_table": "cel"}
        server, file = server_of(self.scheme) if self.scheme else None, folder / self.plugin / "master.db"
        self._engine = server.engine() if server else sql.create_engine(f"sqlite:///{file}", poolclass=sql.NullPool)
        keep(self._engine, self.records["calls"])
        log(self._engine, self.records["queueVisits"])
        tell(self._engine, self.records["transfers"])
        if server:
            return given | {"database_url": server.url, "database_password": PASSWORD}
        return given | {"database_file": str(file)}

    def add(self, kind: str, given: Row) -> Row:
        """Add a call to the table, too."""
        row = super().add(kind, given)
        insert(self._engine, [row])
        return row


def stored_in(scheme: str | None) -> type[Asterisk]:
    """The plugin, with a sandbox in a database."""
    kept = type("KeptSandbox", (StoredSandbox,), {"scheme": scheme})
    # The module of the plugin, whose source the contract reads.
    return type("AsteriskInDatabase", (Asterisk,), {"__module__": Asterisk.__module__, "sandbox": classmethod(lambda cls: kept)})
