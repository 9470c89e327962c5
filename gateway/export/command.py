"""The command `telegraphql export`: options in, exit code out."""

import asyncio
import errno
import gc
import os
import signal
import sys
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.duration import parse_duration
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export.export import ProvidersFailed
from telegraphql.gateway.export.files import STDOUT
from telegraphql.gateway.export.job import ExportJob, ExportOptions
from telegraphql.schema.scalars import read_moment


class FileFormat(Enum):
    """The file formats of an export."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    VCON = "vcon"


STOPPED, INCOMPLETE = 1, 3
# The errors of a place that takes no more for now.
RUNS_OUT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
ENDED_BY = {signal.SIGINT: 130, signal.SIGTERM: 143}
err = Console(stderr=True)


def export(
    kind: Annotated[str, typer.Option(help="The list to export: calls, sessions, recordings or another list of the schema.")],
    out: Annotated[Path, typer.Option(help="The file to write. Use - for standard output.")],
    format: Annotated[FileFormat, typer.Option(help="The file format.")] = FileFormat.JSONL,
    since: Annotated[str | None, typer.Option("--from", help="Earliest time, inclusive, such as 2026-11-01T00:00:00Z.")] = None,
    to: Annotated[str | None, typer.Option(help="Latest time, exclusive.")] = None,
    provider: Annotated[list[str] | None, typer.Option(help="Export only this provider. Repeat the option for several.")] = None,
    fields: Annotated[
        str | None, typer.Option(help="Fields to export, such as id,from.number. Default: all that need no further request.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="The configuration file. Default: telegraphql.toml.")] = None,
    resume: Annotated[bool, typer.Option(help="Continue an export that the same command started.")] = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    skip_failing: Annotated[
        bool, typer.Option("--skip-failing", help="Continue without failing providers; report what is missing.")
    ] = False,
    retry_timeout: Annotated[str, typer.Option(help="How long to retry a failing provider, such as 30s or 5m.")] = "5m",
) -> None:
    """Write a whole list into a file: the records of all providers, oldest first, each once. Run the same command again to resume."""
    options = ExportOptions(
        kind=kind,
        out=out,
        format=format.value,
        since=_parse_time("--from", since),
        to=_parse_time("--to", to),
        providers=tuple(provider or ()),
        fields=fields,
        resume=resume,
        overwrite=overwrite,
        skip_failing=skip_failing,
        retry_timeout=_seconds("--retry-timeout", retry_timeout),
    )
    code = run(ExportJob(read_config(config), options, err))
    if code:
        raise typer.Exit(code)


def run(job: ExportJob) -> int:
    """Run an export and return the exit code: 0 if the file is complete.

    Raises:
        SettingsError: The file cannot be written.
    """
    received_signals: list[signal.Signals] = []
    # Objects that exist now live until the end: the garbage collector need not scan them while rows are created and freed.
    gc.freeze()
    try:
        asyncio.run(_interruptible(job, received_signals))
        job.remove_progress()
    except asyncio.CancelledError:
        job.console.print(
            _stop_message(job, f"stopped by {received_signals[0].name}"), style="yellow", markup=False, highlight=False, soft_wrap=True
        )
        return ENDED_BY[received_signals[0]]
    except ProvidersFailed as error:
        job.console.print(_stop_message(job, str(error)), style="red", markup=False, highlight=False, soft_wrap=True)
        return STOPPED
    except BrokenPipeError:
        # The pipe's reader has closed it. Without SystemExit the interpreter would print a second error at shutdown.
        raise SystemExit(STOPPED) from None
    except OSError as error:
        if error.errno in RUNS_OUT:
            job.console.print(
                _stop_message(job, f"{job.options.out} cannot be written ({error.strerror})"), style="red", markup=False, soft_wrap=True
            )
            if job.options.out == STDOUT:
                _drop_rest_of_stdout()
            return STOPPED
        raise SettingsError(
            f"--out {job.options.out} cannot be written ({error.strerror}): fix that and run the same command again"
        ) from None
    return 0 if job.state.is_complete else INCOMPLETE


def _drop_rest_of_stdout() -> None:
    """Let what is still buffered go nowhere: the interpreter would fail on it once more at its end, with an exit code of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


async def _interruptible(job: ExportJob, received_signals: list[signal.Signals]) -> None:
    """Run the job until it ends or a signal cancels it."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(job.run())

    def cancel(signal_number: signal.Signals) -> None:
        received_signals.append(signal_number)
        task.cancel()

    for signal_number in ENDED_BY:
        loop.add_signal_handler(signal_number, cancel, signal_number)
    await task


def _stop_message(job: ExportJob, reason: str) -> str:
    """Return why the export stopped and how to continue."""
    if job.options.out == STDOUT:
        written = f"{job.state.total:,} rows were written"
        return f"telegraphql: {reason}. {written}. An export to standard output cannot be resumed: set --out to a file"
    skip = "" if reason.startswith("stopped by") else ", or with --skip-failing to continue without these providers"
    return (
        f"telegraphql: {reason}. Run the same command again{skip}. "
        f"It continues after the {job.state.total:,} rows that {job.options.out} already holds"
    )


def _parse_time(name: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else read_moment(text)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None


def _seconds(name: str, text: str) -> float:
    try:
        return parse_duration(text).total_seconds()
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None
