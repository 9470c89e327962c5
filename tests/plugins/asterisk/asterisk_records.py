"""Making: records, files of them, and the provider over these, for tests."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.runtime import create_provider
from telegraphql.plugin import Row
from telegraphql.plugins.asterisk import Asterisk, sandbox
from telegraphql.plugins.asterisk.local_time import FORMAT

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def cdr(seconds: float = 0, duration: int = 10, **given: Any) -> Row:
    """A record of a call that began so many seconds after the start, and was answered after two; the clock is UTC."""
    at = START + timedelta(seconds=seconds)
    times = {"start": at, "answer": at + timedelta(seconds=2), "end": at + timedelta(seconds=duration)}
    row = dict.fromkeys(sandbox.COLUMNS, "") | {name: each.strftime(FORMAT) for name, each in times.items()}
    row |= {"src": "+41445556677", "dst": "104", "dcontext": "from-trunk", "clid": '"Ada" <+41445556677>', "lastapp": "Dial"}
    row |= {"duration": duration, "billsec": max(0, duration - 2), "disposition": "ANSWERED", "amaflags": "DOCUMENTATION"}
    return row | {"uniqueid": f"{int(at.timestamp())}.{given.get('sequence', 0)}", "sequence": 0} | given


def text(rows: Iterable[Row], columns: list[str] = sandbox.COLUMNS) -> str:
    """Lines of Master.csv."""
    return "".join(sandbox.line(row, columns) for row in rows)


def write(folder: Path, given: str | Iterable[Row], name: str = "Master.csv") -> Path:
    """Append to a file of records."""
    file = folder / name
    with file.open("a", encoding="utf-8", newline="") as out:
        out.write(given if isinstance(given, str) else text(given))
    return file


def serving(folder: Path | None = None, **settings: Any) -> BoundProvider:
    """The provider over a folder, or over what the settings name."""
    where = {"cdr_folder": str(folder)} if folder else {}
    limits = {"max_attempts": 1, "requests_per_second": 10_000}
    return BoundProvider.of(create_provider("pbx", {"limits": limits, **where, **settings}, Asterisk))
