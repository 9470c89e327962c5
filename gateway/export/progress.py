"""Telling: how an export goes, for whoever waits for it - a bar on a terminal, lines elsewhere - and what came of it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from telegraphql.gateway.export.state import State

# Between two lines where there is no terminal.
SECONDS = 10.0


class ProgressReporter(Protocol):
    """Who is told how it goes."""

    def rows(self, state: State, at: datetime | None) -> None:
        """So many rows are there, up to this moment of the list."""

    def says(self, text: str) -> None:
        """Something that whoever waits should know."""

    def close(self) -> None:
        """It is over."""


class Bar:
    """A bar that fills with the time that the list covers."""

    def __init__(self, console: Console, until: datetime | None, before: int) -> None:
        self._until = until or datetime.now(UTC)
        self._since: datetime | None = None
        self._pace = Pace(before)
        layout = (TextColumn("{task.fields[done]}"), BarColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn())
        self._progress = Progress(*layout, console=console, transient=True)
        self._task = self._progress.add_task("", total=None, done="asking", rate="")
        self._progress.start()

    def rows(self, state: State, at: datetime | None) -> None:
        """Move on."""
        self._since = self._since or at
        share = {}
        if at and self._since and self._until > self._since:
            share = {"total": 1.0, "completed": min(1.0, (at - self._since) / (self._until - self._since))}
        self._progress.update(self._task, done=counted(state.rows), rate=self._pace.of(state.total), **share)  # type: ignore[arg-type]

    def says(self, text: str) -> None:
        """A line above the bar."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()


class PlainProgress:
    """A line from time to time."""

    def __init__(self, console: Console, before: int) -> None:
        self._console = console
        self._pace = Pace(before)
        self._last = time.monotonic()

    def rows(self, state: State, at: datetime | None) -> None:
        """Say so, now and then."""
        if time.monotonic() - self._last < SECONDS:
            return
        self._last = time.monotonic()
        self.says(f"{counted(state.rows)}, {self._pace.of(state.total)}" + (f", up to {at:%Y-%m-%d %H:%M}" if at else ""))

    def says(self, text: str) -> None:
        """A line."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Nothing is left behind."""


class Pace:
    """Rows per second of this run, which began with those of the runs before."""

    def __init__(self, before: int) -> None:
        self._began, self._before = time.monotonic(), before

    def of(self, total: int) -> str:
        """In words."""
        return f"{(total - self._before) / max(0.001, time.monotonic() - self._began):,.0f} rows/s"


def told(console: Console, until: datetime | None, before: int) -> ProgressReporter:
    """A bar on a terminal, lines elsewhere; `before` are the rows of earlier runs."""
    return Bar(console, until, before) if console.is_terminal else PlainProgress(console, before)


def counted(rows: Mapping[str, int]) -> str:
    """How many rows, by provider."""
    parts = ", ".join(f"{name} {count:,}" for name, count in sorted(rows.items()))
    return f"{sum(rows.values()):,} rows" + (f" ({parts})" if len(rows) > 1 else "")


def report(console: Console, state: State) -> None:
    """What came of it: rows, pace and what is missing."""
    rate = state.total / max(state.seconds, 0.001)
    _line(console, f"{counted(state.rows)} in {state.seconds:,.1f} s, {rate:,.0f} rows/s")
    if state.problems:
        table = Table("provider", "code", "count", "first message")
        for each in state.problems:
            table.add_row(each.provider, each.code, f"{each.count:,}", each.first)
        console.print(table)
    for name, skipped in sorted(state.skipped.items()):
        since = f" from {skipped.since} on" if skipped.since else ""
        again = f"export it by itself: --provider {name}" + (f" --from {skipped.since}" if skipped.since else "")
        _line(console, f"missing: all of {name}{since} ({skipped.code}: {skipped.message}); {again} and another --out")
    if lost := state.kept.get("lost"):
        _line(console, f"{lost:,} amounts have more digits than Parquet holds and are null; jsonl has them")


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
