"""State: how far an export has come, in a small file beside what it writes, so that the same command goes on there."""

import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2s
from pathlib import Path

import msgspec

from telegraphql.gateway.errors import BadCursor, SettingsError
from telegraphql.gateway.export.files import private
from telegraphql.gateway.export.roots import Root
from telegraphql.gateway.pagination.cursor import Position, fingerprint, moment, read_cursor, write_cursor
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.paging import Problem
from telegraphql.schema.scalars import write_moment

VERSION = 1
# More problems than these are counted, but may be counted twice where rows are read again.
MOST_TOLD = 1000


class ProblemCount(msgspec.Struct):
    """Problems of one provider and one code."""

    provider: str
    code: str
    count: int
    first: str


class Skipped(msgspec.Struct):
    """A provider that is left out, since which moment of the list and why."""

    code: str
    message: str
    since: str | None


class State(msgspec.Struct):
    """All that an export knows. `kept` is what the file's own part needs to go on; `told` are marks of the problems that are counted;
    `finished` is noted before all else is cleared away, lest an end in between leave a file that nobody knows to be whole."""

    options: dict[str, str]
    version: int = VERSION
    cursor: str | None = None
    kept: dict[str, int] = msgspec.field(default_factory=dict)
    rows: dict[str, int] = msgspec.field(default_factory=dict)
    problems: list[ProblemCount] = msgspec.field(default_factory=list)
    skipped: dict[str, Skipped] = msgspec.field(default_factory=dict)
    told: list[str] = msgspec.field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(self.rows.values())

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.skipped and not self.problems

    def mark(self, root: Root) -> str:
        """What its cursor is bound to: the options."""
        return fingerprint(root.kind, TimeOrder.OLDEST_FIRST, {"export": sorted(self.options.items())})

    def place(self, root: Root) -> Position | None:
        """The place after which it goes on; SettingsError where somebody changed the cursor."""
        try:
            return read_cursor(self.cursor, self.mark(root), root.kind) if self.cursor else None
        except BadCursor:
            raise SettingsError("the progress file was changed by somebody; begin anew with --no-resume") from None

    def reach(self, root: Root, place: Position) -> None:
        """All up to a place has been written."""
        self.cursor = write_cursor(place, self.mark(root))

    def reached(self, root: Root) -> datetime | None:
        """The time up to which all has been written; None where nothing has, or the list has no time."""
        place = self.place(root)
        return moment(place.place) if place and isinstance(place.place, int) else None

    def tell(self, problem: Problem) -> None:
        """Count a problem, once even if its row is read again."""
        digest = blake2s(f"{problem.provider}\0{problem.code.name}\0{problem.message}".encode(), digest_size=6).hexdigest()
        if digest in self.told:
            return
        if len(self.told) < MOST_TOLD:
            self.told.append(digest)
        for known in self.problems:
            if (known.provider, known.code) == (problem.provider, problem.code.name):
                known.count += 1
                return
        self.problems.append(ProblemCount(problem.provider, problem.code.name, 1, problem.message))

    def skip(self, problem: Problem, since: datetime | None) -> None:
        """Leave a provider out from here on."""
        self.skipped[problem.provider] = Skipped(problem.code.name, problem.message, write_moment(since) if since else None)

    def write(self, path: Path) -> None:
        """Put this state in the place of the one before; there is always a whole one."""
        new = path.with_name(path.name + ".new")
        with open(new, "wb", opener=private) as file:
            file.write(msgspec.json.format(msgspec.json.encode(self), indent=1))
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)


def read(path: Path) -> State | None:
    """The state of an export that is not finished; None where there is none."""
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError):
        raise SettingsError(f"{path} cannot be read as the progress of an export; begin anew with --no-resume") from None
    if state.version != VERSION:
        raise SettingsError(f"{path} was written by another version; begin anew with --no-resume")
    return state


def differing(state: State, options: Mapping[str, str]) -> list[str]:
    """The options that another command has otherwise."""
    return sorted(name for name in {*state.options, *options} if state.options.get(name) != options.get(name))
