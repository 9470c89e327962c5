"""The progress of an export, kept in a small file beside its output so that the same command can resume."""

import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2s
from pathlib import Path

import msgspec

from telegraphql.gateway.errors import BadCursor, SettingsError
from telegraphql.gateway.export.files import open_private
from telegraphql.gateway.export.root_fields import RootField
from telegraphql.gateway.pagination.cursor import Position, fingerprint, moment, read_cursor, write_cursor
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.paging import Problem
from telegraphql.schema.scalars import write_moment

VERSION = 1
# Beyond this number a problem may be counted twice if its row is read again.
MAX_COUNTED = 1000


class ProblemCount(msgspec.Struct):
    """The number of problems of one provider and code, with the first message."""

    provider: str
    code: str
    count: int
    first: str


class SkippedProvider(msgspec.Struct):
    """A provider that is skipped: the error, and the time in the list from which on."""

    code: str
    message: str
    since: str | None


class ExportState(msgspec.Struct):
    """The progress of an export.

    `options` identify the command. `checkpoint` is what the sink needs to continue. `counted` holds digests of the problems
    already counted. `finished` is written before the files of the run are removed, so that a crash in between is recognised.
    """

    options: dict[str, str]
    version: int = VERSION
    cursor: str | None = None
    checkpoint: dict[str, int] = msgspec.field(default_factory=dict, name="kept")
    rows: dict[str, int] = msgspec.field(default_factory=dict)
    problems: list[ProblemCount] = msgspec.field(default_factory=list)
    skipped: dict[str, SkippedProvider] = msgspec.field(default_factory=dict)
    counted: list[str] = msgspec.field(default_factory=list, name="told")
    seconds: float = 0.0
    finished: bool = False

    @property
    def total(self) -> int:
        """Return the number of rows written."""
        return sum(self.rows.values())

    @property
    def is_complete(self) -> bool:
        """Return True if nothing is missing."""
        return not self.skipped and not self.problems

    def fingerprint_of_options(self, root: RootField) -> str:
        """Return the fingerprint that binds the cursor to the command's options."""
        return fingerprint(root.kind, TimeOrder.OLDEST_FIRST, {"export": sorted(self.options.items())})

    def position(self, root: RootField) -> Position | None:
        """Return the position to continue after, or None at the start.

        Raises:
            SettingsError: The cursor in the progress file was changed.
        """
        try:
            return read_cursor(self.cursor, self.fingerprint_of_options(root), root.kind) if self.cursor else None
        except BadCursor:
            raise SettingsError("the progress file was edited: start over with --no-resume") from None

    def advance_to(self, root: RootField, position: Position) -> None:
        """Record that everything up to a position has been written."""
        self.cursor = write_cursor(position, self.fingerprint_of_options(root))

    def reached_time(self, root: RootField) -> datetime | None:
        """Return the time up to which everything has been written. None if nothing has, or if the list has no time."""
        position = self.position(root)
        return moment(position.place) if position and isinstance(position.place, int) else None

    def count_problem(self, problem: Problem) -> None:
        """Count a problem once, even if its row is read again."""
        digest = blake2s(f"{problem.provider}\0{problem.code.name}\0{problem.message}".encode(), digest_size=6).hexdigest()
        if digest in self.counted:
            return
        if len(self.counted) < MAX_COUNTED:
            self.counted.append(digest)
        for entry in self.problems:
            if (entry.provider, entry.code) == (problem.provider, problem.code.name):
                entry.count += 1
                return
        self.problems.append(ProblemCount(problem.provider, problem.code.name, 1, problem.message))

    def skip_provider(self, problem: Problem, since: datetime | None) -> None:
        """Skip a provider from here on."""
        self.skipped[problem.provider] = SkippedProvider(problem.code.name, problem.message, write_moment(since) if since else None)

    def write(self, path: Path) -> None:
        """Replace the progress file atomically."""
        new = path.with_name(path.name + ".new")
        with open(new, "wb", opener=open_private) as file:
            file.write(msgspec.json.format(msgspec.json.encode(self), indent=1))
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)


def read_state(path: Path) -> ExportState | None:
    """Return the state of an unfinished export, or None if there is none.

    Raises:
        SettingsError: The file cannot be read, or comes from another version.
    """
    try:
        state = msgspec.json.decode(path.read_bytes(), type=ExportState)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError):
        raise SettingsError(f"{path} is not a readable progress file: start over with --no-resume") from None
    if state.version != VERSION:
        raise SettingsError(f"{path} was written by another version of telegraphql: start over with --no-resume")
    return state


def differing_options(state: ExportState, options: Mapping[str, str]) -> list[str]:
    """Return the names of the options that differ from the state's."""
    return sorted(name for name in {*state.options, *options} if state.options.get(name) != options.get(name))
