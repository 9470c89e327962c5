"""Export: `python -m bench.export` exports a million calls of four simulated providers, is killed twice, and counts what arrived."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TELEGRAPHQL = Path(sys.executable).with_name("telegraphql")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 600.0
TENTHS = 10


@dataclass
class Watched:
    """What was seen of all runs: seconds, and the most MiB by tenths of the rows."""

    total: int
    seconds: float = 0.0
    peaks: dict[int, float] = field(default_factory=dict)
    kills: list[int] = field(default_factory=list)

    def see(self, rows: int, memory: float) -> None:
        """Note the memory at this many rows."""
        tenth = min(TENTHS, rows * TENTHS // self.total + 1)
        self.peaks[tenth] = max(memory, self.peaks.get(tenth, 0.0))


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(prog="python -m bench.export", description=__doc__)
    parser.add_argument("--records", type=int, default=250_000, help="calls of each provider")
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--format", default="jsonl", choices=["jsonl", "csv", "parquet", "vcon"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="telegraphql-export-") as name:
        folder = Path(name)
        with _sandbox(folder, options.records) as sandbox:
            print(f"sandboxes: {_memory(sandbox):,.0f} MiB", flush=True)
            providers = 4
            watched = Watched(providers * options.records)
            out = folder / f"calls.{options.format}"
            for number in range(options.kills + 1):
                until = watched.total * (number + 1) // (options.kills + 1) if number < options.kills else None
                if _is_done(out, options.format, watched, until):
                    break
        _tell(watched, out)
        if options.format == "jsonl":
            _check(out, options.records, providers)


@contextmanager
def _sandbox(folder: Path, records: int) -> Iterator[int]:
    """The simulated providers in a process of their own."""
    config = folder / "telegraphql.toml"
    command = [TELEGRAPHQL, "sandbox", "--records", str(records), "--port-base", "0", "--write-config", config]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(5)]
            if not all(lines):
                raise RuntimeError("the simulated providers did not start")
            print(f"{4 * records:,} calls made in {time.monotonic() - began:,.0f} s", flush=True)
            yield process.pid
        finally:
            process.terminate()


def _is_done(out: Path, format: str, watched: Watched, until: int | None) -> bool:
    """One run of the export, killed at this many rows; whether it came to its end."""
    config = out.with_name("telegraphql.toml")
    command = [TELEGRAPHQL, "export", "--kind", "calls", "--config", config, "--format", format, "--out", out]
    progress, began = out.with_name(out.name + ".progress"), time.monotonic()
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            rows = _rows(progress)
            watched.see(rows, _memory(process.pid))
            if until is not None and rows >= until:
                process.kill()
                watched.kills.append(rows)
                print(f"killed at {rows:,} rows", flush=True)
                break
            if time.monotonic() - began > PATIENCE:
                process.kill()
                raise RuntimeError(f"not done after {PATIENCE:,.0f} s")
            time.sleep(0.2)
    watched.seconds += time.monotonic() - began
    if process.returncode > 0:
        raise RuntimeError(f"the export ended with {process.returncode}")
    return process.returncode == 0


def _rows(progress: Path) -> int:
    try:
        return sum(json.loads(progress.read_bytes())["rows"].values())
    except FileNotFoundError:
        return 0


def _memory(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 2**20
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0.0


def _tell(watched: Watched, out: Path) -> None:
    rate = watched.total / watched.seconds
    print(f"{watched.total:,} rows in {watched.seconds:,.0f} s: {rate:,.0f} rows/s, {out.stat().st_size / 2**20:,.0f} MiB")
    told = ", ".join(f"{tenth * 10} %: {peak:,.0f}" for tenth, peak in sorted(watched.peaks.items()))
    print(f"most memory in MiB up to {told}")


def _check(out: Path, records: int, providers: int) -> None:
    """Fails unless each call is there once."""
    ids: set[str] = set()
    counts: Counter[str] = Counter()
    with out.open("rb") as lines:
        for line in lines:
            row = json.loads(line)
            ids.add(row["id"])
            counts[row["provider"]["name"]] += 1
    if len(ids) != records * providers or set(counts.values()) != {records} or len(counts) != providers:
        raise SystemExit(f"WRONG: {len(ids):,} different ids; rows by provider: {dict(counts)}")
    print(f"each of {len(ids):,} calls is there once")


if __name__ == "__main__":
    main()
