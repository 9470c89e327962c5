"""Telling: whoever waits sees how it goes, on a terminal as a bar, elsewhere as lines, and at the end what is missing."""

import io
from datetime import timedelta
from unittest.mock import patch

import pytest
from rich.console import Console

from telegraphql.gateway.export import progress
from telegraphql.gateway.export.state import ExportState, ProblemCount, SkippedProvider
from tests.support.records import START


def console(terminal: bool) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=terminal, width=100, color_system=None), text


def test_a_terminal_gets_a_bar_that_is_taken_away() -> None:
    screen, text = console(True)
    told = progress.progress_reporter(screen, START + timedelta(hours=1), 0, {})
    told.rows(ExportState({}, rows={"a": 1000, "b": 234}), START)
    told.rows(ExportState({}, rows={"a": 2000, "b": 234}), START + timedelta(minutes=30))
    told.message("waits 1.0 s for a")
    told.close()
    assert isinstance(told, progress.ProgressBar)
    assert told._progress.tasks[0].percentage == 50
    assert "2,234 rows (a 2,000, b 234)" in text.getvalue()
    assert "waits 1.0 s for a" in text.getvalue()


def test_elsewhere_a_line_comes_from_time_to_time() -> None:
    screen, text = console(False)
    told = progress.progress_reporter(screen, None, 2, {})
    told.rows(ExportState({}, rows={"a": 1}), START)
    assert text.getvalue() == ""
    with patch.object(progress, "LINE_INTERVAL", 0.0):
        told.rows(ExportState({}, rows={"a": 2}), START)
    told.close()
    assert text.getvalue() == "2 rows, 0 rows/s, up to 2024-03-01 12:00\n"


@pytest.mark.parametrize("since", [None, "2024-03-01T12:00:00Z"])
def test_the_report_says_what_is_missing_and_how_to_get_it(since: str | None) -> None:
    screen, text = console(False)
    state = ExportState(
        {},
        rows={"a": 10, "b": 5},
        seconds=2.0,
        checkpoint={"lost": 3},
        problems=[ProblemCount("a", "MALFORMED_RECORD", 1200, "the record 7 cannot be read")],
        skipped={"b": SkippedProvider("UNAVAILABLE", "is down", since)},
    )
    progress.report(screen, state, {})
    found = text.getvalue()
    assert "15 rows (a 10, b 5) in 2.0 s, 8 rows/s" in found
    assert "1,200" in found
    assert "the record 7 cannot be read" in found
    some = "missing: all of b (UNAVAILABLE: is down); export it by itself: --provider b and another --out"
    late = f"missing: all of b from {since} on (UNAVAILABLE: is down); export it by itself: --provider b --from {since} and another --out"
    assert (late if since else some) in found
    assert "3 amounts have more digits than Parquet holds and are null; jsonl has them" in found
