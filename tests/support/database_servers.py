"""Database servers: a PostgreSQL and a MariaDB of their own for tests, on free ports, gone afterwards."""

import atexit
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from socket import create_connection, socket
from tempfile import mkdtemp

import sqlalchemy as sql

from tests.support.programs import require_program

USER, PASSWORD, NAME = "reader", "pa55 w/rd", "asteriskcdrdb"
PATIENCE = 60


@dataclass(frozen=True)
class DatabaseServer:
    """A running server with an empty database."""

    scheme: str
    port: int

    @property
    def url(self) -> str:
        """What a provider's settings say."""
        return f"{self.scheme}://{USER}@127.0.0.1:{self.port}/{NAME}"

    def engine(self) -> sql.Engine:
        """Who may write."""
        driver = "postgresql+psycopg" if self.scheme == "postgresql" else "mysql+pymysql"
        return sql.create_engine(sql.make_url(self.url).set(drivername=driver, password=PASSWORD), poolclass=sql.NullPool)


_running_servers = ExitStack()
atexit.register(_running_servers.close)


@cache
def server_of(scheme: str) -> DatabaseServer:
    """A server that runs until the tests end."""
    return _running_servers.enter_context({"postgresql": postgres_server, "mariadb": mariadb_server}[scheme]())


@contextmanager
def postgres_server() -> Iterator[DatabaseServer]:
    """A PostgreSQL."""
    initdb, postgres = require_program("initdb"), require_program("postgres")
    port = _free_port()
    with _home() as home:
        secret, data = home / "password", home / "data"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        _run([initdb, "-D", data, "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256", "--no-sync", "-E", "UTF8", "--locale=C"], home)
        options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_wal_size=2GB"]
        with _running([postgres, "-D", data, "-p", str(port), *(part for each in options for part in ("-c", each))], home):
            server = DatabaseServer("postgresql", port)
            until_up(port)
            maintenance = server.engine().url.set(database="postgres")
            _make_database(sql.create_engine(maintenance, isolation_level="AUTOCOMMIT", poolclass=sql.NullPool))
            yield server


@contextmanager
def mariadb_server() -> Iterator[DatabaseServer]:
    """A MariaDB."""
    install, mariadbd = require_program("mariadb-install-db"), require_program("mariadbd")
    port = _free_port()
    with _home() as home:
        data = f"--datadir={home / 'data'}"
        _run([install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"], home)
        options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home / 's'}", f"--pid-file={home / 'pid'}"]
        with _running([mariadbd, "--no-defaults", data, *options, "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"], home):
            until_up(port)
            root = sql.create_engine(f"mysql+pymysql://root@127.0.0.1:{port}", isolation_level="AUTOCOMMIT", poolclass=sql.NullPool)
            _make_database(root)
            with root.connect() as connection:
                connection.exec_driver_sql(f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
                connection.exec_driver_sql(f"GRANT ALL ON {NAME}.* TO {USER}@'127.0.0.1'")
            yield DatabaseServer("mariadb", port)


def until_up(port: int) -> None:
    """Wait until something listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.05)


def _make_database(engine: sql.Engine) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {NAME}")
            return
        except sql.exc.OperationalError:
            # It listens before it answers.
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)


@contextmanager
def _home() -> Iterator[Path]:
    """A folder of the user who runs the server; pytest's own folders are closed to others."""
    home = Path(mkdtemp(prefix="telegraphql-"))
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _as_nobody() -> dict[str, object]:
    """Neither server runs as root."""
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}


def _run(command: list[object], home: Path) -> None:
    done = subprocess.run(list(map(str, command)), cwd=home, capture_output=True, text=True, **_as_nobody())  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr


@contextmanager
def _running(command: list[object], home: Path) -> Iterator[None]:
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(list(map(str, command)), cwd=home, stdout=log, stderr=log, **_as_nobody())  # type: ignore[call-overload]
        try:
            yield
        finally:
            # PostgreSQL's fast shutdown; MariaDB's own.
            process.send_signal(2 if "postgres" in str(command[0]) else 15)
            process.wait(PATIENCE)
