"""Lines: a file, or standard output, that grows line by line, and is cut back to what is known to be whole."""

import fcntl
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from telegraphql.gateway.errors import SettingsError

# How much work a sudden end may cost.
SECONDS = 1.0
STDOUT = Path("-")


class Format(Protocol):
    """Rows as text."""

    @property
    def head(self) -> bytes:
        """What stands before the first row."""

    def encoded(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """Rows, each ended with a line's end."""


class Sink(Protocol):
    """Where rows go. What was saved is there after any end; what came later is not."""

    def open(self, kept: Mapping[str, int]) -> None:
        """Begin, or go on from what was kept of an earlier run."""

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take rows."""

    def due(self) -> bool:
        """Whether it is time to save."""

    def save(self) -> dict[str, int]:
        """Make all rows last; gives what is needed to go on from here."""

    def finish(self) -> None:
        """All rows are there."""

    def close(self) -> None:
        """Let go of it, finished or not."""

    def clear(self) -> None:
        """Take away what was only needed to go on."""


class Lines:
    """A file of lines."""

    def __init__(self, path: Path, format: Format, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._format, self._clock = path, format, clock
        self._saved = clock()
        self._file: IO[bytes] | None = None

    def open(self, kept: Mapping[str, int]) -> None:
        """Begin, or go on at the end of what was kept."""
        self._file = file = opened(self._path)
        there = kept.get("bytes", 0)
        if file.seek(0, os.SEEK_END) < there:
            raise SettingsError(f"{self._path} is shorter than it was; somebody changed it: begin anew with --no-resume")
        file.truncate(there)
        file.seek(there)
        if not there:
            file.write(self._format.head)

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take rows."""
        assert self._file is not None
        self._file.write(self._format.encoded(rows))

    def due(self) -> bool:
        """Whether a second has gone by."""
        return self._clock() - self._saved >= SECONDS

    def save(self) -> dict[str, int]:
        """Bring all to the disk."""
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._saved = self._clock()
        return {"bytes": self._file.tell()}

    def finish(self) -> None:
        """Nothing more to do: the file is what it should be."""

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def clear(self) -> None:
        """Nothing but the file was there."""


class OutputStream:
    """Lines to standard output, which nobody can cut back."""

    def __init__(self, format: Format) -> None:
        self._format = format
        self._out = sys.stdout.buffer

    def open(self, kept: Mapping[str, int]) -> None:
        """Begin."""
        self._out.write(self._format.head)

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Pass rows on at once."""
        self._out.write(self._format.encoded(rows))
        self._out.flush()

    def due(self) -> bool:
        """Never: there is nothing to go on from."""
        return False

    def save(self) -> dict[str, int]:
        """Nothing is kept."""
        return {}

    def finish(self) -> None:
        """Bring all out."""
        self._out.flush()

    def close(self) -> None:
        """It is not ours to close."""

    def clear(self) -> None:
        """Nothing is kept."""


def opened(path: Path) -> IO[bytes]:
    """A file to write at, made where there is none; held by one export at a time."""
    try:
        file = os.fdopen(private(str(path), os.O_RDWR | os.O_CREAT), "r+b", buffering=1 << 20)
    except OSError as error:
        raise SettingsError(f"--out {path} cannot be written ({error.strerror}); choose a file in a folder that exists") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SettingsError(f"another export is writing to {path}; wait for its end, or choose another --out") from None
    return file


def private(path: str, flags: int) -> int:
    """A file that only its owner may read: calls are personal."""
    return os.open(path, flags, 0o600)
