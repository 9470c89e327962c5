"""Output files that grow row by row and are cut back to the last saved position on resume."""

import fcntl
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from telegraphql.gateway.errors import SettingsError

# Seconds between two saves: the most work that a crash may cost.
SAVE_INTERVAL = 1.0
STDOUT = Path("-")


class RowFormat(Protocol):
    """Encoding of rows as bytes."""

    @property
    def header(self) -> bytes:
        """Return the bytes before the first row."""

    def encode(self, rows: Sequence[dict[str, Any]]) -> bytes:
        """Return the rows as bytes, each terminated by a line end."""


class Sink(Protocol):
    """Destination of rows. Rows saved by `save` survive a crash; later rows may not."""

    def open(self, checkpoint: Mapping[str, int]) -> None:
        """Start, or continue from the checkpoint of an earlier run."""

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Accept rows."""

    def due(self) -> bool:
        """Return True if it is time to save."""

    def save(self) -> dict[str, int]:
        """Make all rows durable and return the checkpoint needed to continue after them."""

    def finish(self) -> None:
        """Complete the output: all rows have been written."""

    def close(self) -> None:
        """Release the output, finished or not."""

    def clear(self) -> None:
        """Delete what was only needed to resume."""


class FileSink:
    """A file of lines."""

    def __init__(self, path: Path, format: RowFormat, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._format, self._clock = path, format, clock
        self._saved = clock()
        self._file: IO[bytes] | None = None

    def open(self, checkpoint: Mapping[str, int]) -> None:
        """Start, or continue at the end of the checkpoint.

        Raises:
            SettingsError: The file is shorter than the checkpoint says, or cannot be opened.
        """
        self._file = file = open_locked(self._path)
        saved_length = checkpoint.get("bytes", 0)
        if file.seek(0, os.SEEK_END) < saved_length:
            raise SettingsError(f"{self._path} is shorter than its progress file says; it was changed: start over with --no-resume")
        file.truncate(saved_length)
        file.seek(saved_length)
        if not saved_length:
            file.write(self._format.header)

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows."""
        assert self._file is not None
        self._file.write(self._format.encode(rows))

    def due(self) -> bool:
        """Return True if `SAVE_INTERVAL` has passed since the last save."""
        return self._clock() - self._saved >= SAVE_INTERVAL

    def save(self) -> dict[str, int]:
        """Flush the file to disk and return its length."""
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._saved = self._clock()
        return {"bytes": self._file.tell()}

    def finish(self) -> None:
        """Do nothing: the file is complete as it is."""

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def clear(self) -> None:
        """Do nothing: there are no other files."""


class StdoutSink:
    """Lines to standard output, which cannot be resumed."""

    def __init__(self, format: RowFormat) -> None:
        self._format = format
        self._out = sys.stdout.buffer

    def open(self, checkpoint: Mapping[str, int]) -> None:
        """Write the header."""
        self._out.write(self._format.header)

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows and flush."""
        self._out.write(self._format.encode(rows))
        self._out.flush()

    def due(self) -> bool:
        """Return False: there is nothing to resume from."""
        return False

    def save(self) -> dict[str, int]:
        """Return an empty checkpoint."""
        return {}

    def finish(self) -> None:
        """Flush standard output."""
        self._out.flush()

    def close(self) -> None:
        """Do nothing: standard output stays open."""

    def clear(self) -> None:
        """Do nothing: there are no other files."""


def open_locked(path: Path) -> IO[bytes]:
    """Open a file for writing, create it if necessary, and lock it against other exports.

    Raises:
        SettingsError: The file cannot be written, or another export writes it.
    """
    try:
        file = os.fdopen(open_private(str(path), os.O_RDWR | os.O_CREAT), "r+b", buffering=1 << 20)
    except OSError as error:
        raise SettingsError(f"--out {path} cannot be written ({error.strerror}); choose a file in a folder that exists") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SettingsError(f"another export is writing {path}: wait until it ends, or choose another --out") from None
    return file


def open_private(path: str, flags: int) -> int:
    """Open a file that only its owner may read: calls are personal data. Use it as an `opener`."""
    return os.open(path, flags, 0o600)
