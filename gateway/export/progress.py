"""Progress of an export on the terminal: a bar, or lines where there is no terminal, and a final report."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from telegraphql.gateway.export.state import ExportState

# Seconds between two lines without a terminal.
LINE_INTERVAL = 10.0


class ProgressReporter(Protocol):
    """Receiver of an export's progress."""

    def rows(self, state: ExportState, at: datetime | None) -> None:
        """Report the number of rows, and the time of the list they have reached."""

    def message(self, text: str) -> None:
        """Show a message."""

    def close(self) -> None:
        """End the reporting."""


class ProgressBar:
    """A bar that fills with the time range of the list."""

    def __init__(self, console: Console, until: datetime | None, earlier_rows: int, names: Mapping[str, str]) -> None:
        self._names = names
        self._until = until or datetime.now(UTC)
        self._since: datetime | None = None
        self._pace = RowRate(earlier_rows)
        layout = (TextColumn("{task.fields[done]}"), BarColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn())
        self._progress = Progress(*layout, console=console, transient=True)
        self._task = self._progress.add_task("", total=None, done="reading", rate="")
        self._progress.start()

    def rows(self, state: ExportState, at: datetime | None) -> None:
        """Advance the bar."""
        self._since = self._since or at
        share = {}
        if at and self._since and self._until > self._since:
            share = {"total": 1.0, "completed": min(1.0, (at - self._since) / (self._until - self._since))}
        self._progress.update(self._task, done=row_counts(state.rows, self._names), rate=self._pace.text(state.total), **share)  # type: ignore[arg-type]

    def message(self, text: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Remove the bar."""
        self._progress.stop()


class ProgressLines:
    """One line every `LINE_INTERVAL` seconds."""

    def __init__(self, console: Console, earlier_rows: int, names: Mapping[str, str]) -> None:
        self._console, self._names = console, names
        self._pace = RowRate(earlier_rows)
        self._last = time.monotonic()

    def rows(self, state: ExportState, at: datetime | None) -> None:
        """Print a line if the last one is old enough."""
        if time.monotonic() - self._last < LINE_INTERVAL:
            return
        self._last = time.monotonic()
        reached = f", up to {at:%Y-%m-%d %H:%M}" if at else ""
        self.message(f"{row_counts(state.rows, self._names)}, {self._pace.text(state.total)}{reached}")

    def message(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Do nothing: there is nothing to clean up."""


class RowRate:
    """Rows per second of this run, without the rows of earlier runs."""

    def __init__(self, earlier_rows: int) -> None:
        self._started, self._earlier_rows = time.monotonic(), earlier_rows

    def text(self, total: int) -> str:
        """Return the rate as text."""
        return f"{(total - self._earlier_rows) / max(0.001, time.monotonic() - self._started):,.0f} rows/s"


def progress_reporter(console: Console, until: datetime | None, earlier_rows: int, names: Mapping[str, str]) -> ProgressReporter:
    """Return a progress bar on a terminal, lines elsewhere.

    `earlier_rows` counts the rows of earlier runs; `names` are those of the providers, by id.
    """
    return ProgressBar(console, until, earlier_rows, names) if console.is_terminal else ProgressLines(console, earlier_rows, names)


def row_counts(rows: Mapping[str, int], names: Mapping[str, str]) -> str:
    """Return the number of rows as text, in total and per provider."""
    parts = ", ".join(f"{names.get(id, id)} {count:,}" for id, count in sorted(rows.items()))
    return f"{sum(rows.values()):,} rows" + (f" ({parts})" if len(rows) > 1 else "")


def report(console: Console, state: ExportState, names: Mapping[str, str]) -> None:
    """Print the result: rows, rate and what is missing."""
    rate = state.total / max(state.seconds, 0.001)
    _print(console, f"{row_counts(state.rows, names)} in {state.seconds:,.1f} s, {rate:,.0f} rows/s")
    if state.problems:
        table = Table("provider", "code", "count", "first message")
        for entry in state.problems:
            table.add_row(names.get(entry.provider, entry.provider), entry.code, f"{entry.count:,}", entry.first)
        console.print(table)
    for id, skipped in sorted(state.skipped.items()):
        name = names.get(id, id)
        since = f" from {skipped.since} on" if skipped.since else ""
        advice = f"export it by itself: --provider {name}" + (f" --from {skipped.since}" if skipped.since else "")
        _print(console, f"missing: all of {name}{since} ({skipped.code}: {skipped.message}); {advice} and another --out")
    if lost_decimals := state.checkpoint.get("lost"):
        _print(console, f"{lost_decimals:,} amounts have more digits than Parquet holds and are null; jsonl has them")


def _print(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
