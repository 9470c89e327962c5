"""Making: FreePBX's table of call records in a database, and a sandbox that keeps its records there."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sql

from telegraphql.plugin import Row
from telegraphql.plugins.asterisk import Asterisk
from telegraphql.plugins.asterisk.sandbox import AsteriskSandbox
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


class StoredSandbox(AsteriskSandbox):
    """An Asterisk that keeps its records in a database: in a SQLite file, or on the server of a scheme."""

    scheme: ClassVar[str | None] = None

    def configuration(self, folder: Path) -> Row:
        """Write the records into the database."""
        given = super().configuration(folder)
        del given["cdr_folder"]
        server, file = server_of(self.scheme) if self.scheme else None, folder / self.plugin / "master.db"
        self._engine = server.engine() if server else sql.create_engine(f"sqlite:///{file}", poolclass=sql.NullPool)
        keep(self._engine, self.records["calls"])
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
