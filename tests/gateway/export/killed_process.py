"""Dying: exports in processes of their own that are killed at a chosen step of what they write, as by SIGKILL, and started again."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from telegraphql.gateway.cli import main
from telegraphql.gateway.export import files, job, parquet
from telegraphql.gateway.http import graphql_schema
from tests.support.graphql_client import served_schema

# What takes long to make is made, and modules are imported once, in a process without threads, from which each run is forked.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.gateway.export.warm_process"])
SMALL_PAGE = 16
PATIENCE = 60


def run(arguments: Sequence[str], dies_at: int | None = None, ends_at: int | None = None) -> int:
    """The exit code of a run that is killed at its so-manieth step to the disk, or told to end there."""
    process = CONTEXT.Process(target=_exported, args=(list(arguments), dies_at, ends_at))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode is not None
    return process.exitcode


def _exported(arguments: list[str], dies_at: int | None, ends_at: int | None) -> None:
    graphql_schema.create_schema = lambda execution=None, federation=None: served_schema()
    job.PAGE = SMALL_PAGE
    files.SAVE_INTERVAL = 0.0
    parquet.ParquetSink.__init__.__defaults__ = (3 * SMALL_PAGE,)  # type: ignore[misc]
    if dies_at is not None:
        _count(dies_at, signal.SIGKILL)
    if ends_at is not None:
        _count(ends_at, signal.SIGTERM)
    sys.argv = ["telegraphql", *arguments]
    with Path(os.devnull).open("w") as nobody, redirect_stderr(nobody), redirect_stdout(nobody):
        main.main()


def _count(steps: int, number: signal.Signals) -> None:
    """Send ourselves a signal before the so-manieth of what brings bytes to the disk or gives a file its name."""
    left = [steps]

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*given: Any, **named: Any) -> Any:
            # What has a folder named removes the parts of a file that is finished.
            left[0] -= not named
            if left[0] == 0:
                os.kill(os.getpid(), number)
            return step(*given, **named)

        return counting

    os.fsync, os.replace, os.unlink = counted(os.fsync), counted(os.replace), counted(os.unlink)
