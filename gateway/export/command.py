"""Command: `telegraphql export`, from its options to its exit code."""

import asyncio
import gc
import signal
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from telegraphql.gateway.config import read_config
from telegraphql.gateway.duration import parse_duration
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export.export import Failing
from telegraphql.gateway.export.files import STDOUT
from telegraphql.gateway.export.job import ExportOptions, Job
from telegraphql.schema.scalars import read_moment


class FileFormat(Enum):
    """How rows are written."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    VCON = "vcon"


STOPPED, INCOMPLETE = 1, 3
ENDED_BY = {signal.SIGINT: 130, signal.SIGTERM: 143}
err = Console(stderr=True)


def export(
    kind: Annotated[str, typer.Option(help="The list: calls, sessions, recordings … as in the schema.")],
    out: Annotated[Path, typer.Option(help="The file to write; - for standard output.")],
    format: Annotated[FileFormat, typer.Option(help="How rows are written.")] = FileFormat.JSONL,
    since: Annotated[str | None, typer.Option("--from", help="The first moment, such as 2026-11-01T00:00:00Z.")] = None,
    to: Annotated[str | None, typer.Option(help="The first moment that no longer belongs to it.")] = None,
    provider: Annotated[list[str] | None, typer.Option(help="Only this provider; may be given several times.")] = None,
    fields: Annotated[str | None, typer.Option(help="Such as id,from.number,session.id; all that is plain unless given.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="The configuration file; telegraphql.toml unless given.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on where an export by the same command stopped.")] = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over a file that is there.")] = False,
    skip_failing: Annotated[bool, typer.Option("--skip-failing", help="Go on without providers that fail; says what is missing.")] = False,
    retry_timeout: Annotated[str, typer.Option(help="How long a failing provider is retried, such as 30s or 5m.")] = "5m",
) -> None:
    """Write a whole list into a file: every provider's records, oldest first, each once. Run it again to go on after a stop."""
    wanted = ExportOptions(
        kind=kind,
        out=out,
        format=format.value,
        since=_moment("--from", since),
        to=_moment("--to", to),
        providers=tuple(provider or ()),
        fields=fields,
        resume=resume,
        overwrite=overwrite,
        skips=skip_failing,
        retry_timeout=_seconds("--retry-timeout", retry_timeout),
    )
    code = run(Job(read_config(config), wanted, err))
    if code:
        raise typer.Exit(code)


def run(job: Job) -> int:
    """The exit code: 0 where all is there."""
    ended: list[signal.Signals] = []
    # What is there by now stays, and need not be looked through again while rows come and go.
    gc.freeze()
    try:
        asyncio.run(_interruptible(job, ended))
        job.forget()
    except asyncio.CancelledError:
        job.console.print(_advice(job, f"stopped by {ended[0].name}"), style="yellow", markup=False, highlight=False, soft_wrap=True)
        return ENDED_BY[ended[0]]
    except Failing as error:
        job.console.print(_advice(job, str(error)), style="red", markup=False, highlight=False, soft_wrap=True)
        return STOPPED
    except BrokenPipeError:
        # Whoever read has what it wanted; the interpreter would complain once more when it closes standard output.
        raise SystemExit(STOPPED) from None
    except OSError as error:
        raise SettingsError(
            f"--out {job.wanted.out} cannot be written ({error.strerror}); mend that and run the same command again"
        ) from None
    return 0 if job.state.is_whole else INCOMPLETE


async def _interruptible(job: Job, ended: list[signal.Signals]) -> None:
    """Run until the end, or a signal."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(job.run())

    def end(number: signal.Signals) -> None:
        ended.append(number)
        task.cancel()

    for number in ENDED_BY:
        loop.add_signal_handler(number, end, number)
    await task


def _advice(job: Job, why: str) -> str:
    """Why it stopped, and how to go on."""
    if job.wanted.out == STDOUT:
        return f"telegraphql: {why}. {job.state.total:,} rows were written; what is missing comes only with a file: give --out a path"
    skip = "" if why.startswith("stopped by") else ", or with --skip-failing to go on without"
    return (
        f"telegraphql: {why}. Run the same command again{skip}: it goes on after the {job.state.total:,} rows that are in {job.wanted.out}"
    )


def _moment(name: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else read_moment(text)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None


def _seconds(name: str, text: str) -> float:
    try:
        return parse_duration(text).total_seconds()
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None
