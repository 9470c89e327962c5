"""Load: wrk on the second core, and what it measured."""

import asyncio
import math
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx

from bench import ports
from bench.contestants import Contestant
from bench.processes import Running
from bench.queries import Cell
from bench.runs import Questions, Run

SCRIPT = """
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
{headers}
local first, middle, last, number = {first}, {middle}, {last}, 0
function request()
  number = number + 1
  local to = os.date("!%Y-%m-%dT%H:%M:%SZ", 1900000000 + ({moments} and number or 0))
  return wrk.format(nil, nil, nil, first .. ({texts} and number or 0) .. middle .. to .. last)
end
"""
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
# Questions before any is counted, so that documents are known and hot code is compiled.
WARMING, AT_ONCE = 40, 8
# What is under way at the end of a run is not counted, so that a run lasts until many times as much was answered, within bounds.
TIMES, AT_MOST = 6, 4.0
ENDLESS = "1h"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: milliseconds unless told otherwise."""

    per_second: float
    cpu: float
    p50: float
    p99: float
    upstream: float
    memory: float
    errors: int


class Told(NamedTuple):
    """What wrk tells of a run."""

    requests: int
    per_second: float
    p50: float
    p99: float
    errors: int


@dataclass(frozen=True, slots=True)
class Load:
    """wrk, for so many seconds a run at least; its scripts are written into the folder."""

    folder: Path
    seconds: float

    async def measured(self, contestant: Contestant, running: Running, run: Run) -> Measured:
        """What a run costs, once it is warm."""
        path = self.folder / "wrk.lua"
        path.write_text(script(contestant, run))
        taken = await _warmed(contestant, run.cell)
        cpu, asked = running.cpu(), await _asked()
        told = told_of(await self._wrk(path, contestant, run, max(self.seconds, min(TIMES * run.connections * taken, AT_MOST))))
        cpu, asked = running.cpu() - cpu, await _asked() - asked
        each = 1 / told.requests if told.requests else math.inf
        return Measured(told.per_second, cpu * each * 1000, told.p50, told.p99, asked * each, running.memory(), told.errors)

    async def _wrk(self, path: Path, contestant: Contestant, run: Run, seconds: float) -> str:
        url = f"http://127.0.0.1:{ports.CONTESTANT}{address(contestant, run.cell)}"
        options = ("-t1", f"-c{run.connections}", f"-d{ENDLESS}", "--latency", "--timeout", "20s", "-s", str(path))
        process = await asyncio.create_subprocess_exec("taskset", "-c", "1", "wrk", *options, url, stdout=asyncio.subprocess.PIPE)
        await asyncio.sleep(seconds)
        # wrk takes whole seconds only, but stops and tells when it is interrupted.
        process.send_signal(signal.SIGINT)
        told, _ = await process.communicate()
        return told.decode()


def address(contestant: Contestant, cell: Cell) -> str:
    """The path at which a contestant answers a cell."""
    return contestant.path + cell.name if contestant.by_name else contestant.path


def script(contestant: Contestant, run: Run) -> str:
    """What wrk asks, in its own language."""
    text = run.cell.body("WHEN", "Q1234567", plain=contestant.plain).decode()
    first, rest = text.split("1234567")
    middle, last = rest.split("WHEN")
    headers = "\n".join(f"wrk.headers[ {_lua(name)} ] = {_lua(value)}" for name, value in contestant.headers.items())
    moments, texts = (str(each).lower() for each in (run.questions is not Questions.SAME, run.questions is Questions.TEXTS))
    return SCRIPT.format(headers=headers, first=_lua(first), middle=_lua(middle), last=_lua(last), moments=moments, texts=texts)


def _lua(text: str) -> str:
    return "[==[" + text + "]==]"


async def _warmed(contestant: Contestant, cell: Cell) -> float:
    """Seconds that one question took."""
    headers = {"content-type": "application/json", **contestant.headers}
    bodies = iter([cell.body(f"2029-01-01T00:00:{number:02}Z", plain=contestant.plain) for number in range(WARMING)])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports.CONTESTANT}", headers=headers, timeout=30) as client:

        async def asking() -> None:
            for body in bodies:
                (await client.post(address(contestant, cell), content=body)).raise_for_status()

        began = time.perf_counter()
        await asyncio.gather(*(asking() for _ in range(AT_ONCE)))
        return (time.perf_counter() - began) / WARMING


def told_of(text: str) -> Told:
    """What wrk's report says; RuntimeError where it says nothing."""
    errors = sum(int(each) for line in re.findall(r"Socket errors:.*", text) for each in re.findall(r"\d+", line))
    return Told(
        requests=int(_found(r"(\d+) requests in", text)),
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        p50=_time(r"50%\s+([\d.]+)(\w+)", text),
        p99=_time(r"99%\s+([\d.]+)(\w+)", text),
        errors=errors + int(_found(r"Non-2xx or 3xx responses: (\d+)", text, "0")),
    )


async def _asked() -> int:
    """How many requests the upstream has answered, this one not counted."""
    async with httpx.AsyncClient() as client:
        status = (await client.get(f"http://127.0.0.1:{ports.UPSTREAM}/count")).text
    return int(status.splitlines()[2].split()[2]) - 1


def _found(pattern: str, text: str, default: str | None = None) -> str:
    match = re.search(pattern, text)
    if match is None and default is None:
        raise RuntimeError(f"wrk did not tell {pattern!r}:\n{text}")
    return match.group(1) if match else str(default)


def _time(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    return float(match.group(1)) * UNITS[match.group(2)] if match else float("nan")
