"""Engines: connections to the database that a provider's settings name. They only read, and a query ends when nobody waits for it."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sql
from sqlalchemy.pool import NullPool

from telegraphql.plugin import still_wanted
from telegraphql.plugins.asterisk.settings import AsteriskSettings

DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
# Steps of SQLite's machine after which it asks whether somebody still waits.
STEPS = 20_000
# Firewalls forget connections that are idle for longer.
RECYCLE_SECONDS = 600


def sqlite_engine(path: Path) -> sql.Engine:
    """Return the engine of a SQLite file, which is never created."""

    def connect() -> sqlite3.Connection:
        with path.open("rb"):
            pass  # so that a missing file is told as any other; SQLite only says that it cannot
        connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=2)
        connection.set_progress_handler(still_wanted, STEPS)  # it raises, which interrupts SQLite
        return connection

    return sql.create_engine("sqlite://", creator=connect, poolclass=NullPool)


def server_engine(settings: AsteriskSettings) -> sql.Engine:
    """Return the engine of a database server.

    Raises:
        ModuleNotFoundError: The driver is not installed.
    """
    url = sql.make_url(settings.database_url or "")
    password = settings.database_password.get_secret_value() if settings.database_password else None
    url = url.set(drivername=DRIVERS[url.drivername], password=password)
    limits = settings.limits
    arguments: dict[str, Any] = {"connect_timeout": max(1, round(limits.connect_timeout))}
    if url.get_backend_name() == "postgresql":
        arguments["options"] = f"-c default_transaction_read_only=on -c statement_timeout={round(limits.read_timeout * 1000)}"
    else:
        arguments["read_timeout"] = max(1, round(limits.read_timeout))
    engine = sql.create_engine(
        url,
        connect_args=arguments,
        isolation_level="REPEATABLE READ",
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=limits.max_concurrency,
        max_overflow=0,
        pool_timeout=limits.read_timeout,
        pool_recycle=RECYCLE_SECONDS,
    )
    if engine.dialect.name == "mysql":
        sql.event.listen(engine, "connect", lambda connection, _: _limit_mysql(connection, limits.read_timeout))
    return engine


def _limit_mysql(connection: Any, seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        (version,) = cursor.fetchone()
        # MariaDB counts seconds, MySQL milliseconds, each under a name of its own.
        name, limit = ("max_statement_time", seconds) if "MariaDB" in version else ("max_execution_time", round(seconds * 1000))
        cursor.execute(f"SET SESSION {name} = %s", (limit,))
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
