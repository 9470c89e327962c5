"""Load: wrk on the second core, and what it measured."""

import asyncio
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx

from bench import ports
from bench.contestants import Contestant
from bench.processes import Running
from bench.requests import WRK, address, ask, beginning
from bench.runs import Questions, Run

SCRIPT = """
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
{headers}
local first, middle, last, number = {first}, {middle}, {last}, 0
function request()
  number = number + 1
  local to = os.date("!%Y-%m-%dT%H:%M:%SZ", {since} + ({moments} and number or 0))
  return wrk.format(nil, nil, nil, first .. ({texts} and number or 0) .. middle .. to .. last)
end
"""
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
# Questions before any is counted, so that documents are known and hot code is compiled.
WARMING = 40
# What is under way when wrk ends is not counted as answered, which matters where little was answered at all: such processor time
# is counted anew over questions that are all answered.
MANY, AGAIN, MOST_COUNTED = 10, 4, 1000
ENDLESS = "1h"
# One connection to an upstream that takes its time asks seldom: as many times longer.
LATE = 3


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
    """wrk, for so many seconds a run; its scripts are written into the folder."""

    folder: Path
    seconds: float

    async def measured(self, contestant: Contestant, running: Running, run: Run) -> Measured:
        """What a run costs, once it is warm."""
        path = self.folder / "wrk.lua"
        path.write_text(script(contestant, run))
        await ask(contestant, run, range(WARMING), min(run.connections, WARMING))
        cpu, asked = running.cpu(), await _asked()
        told = told_of(await self._wrk(path, contestant, run))
        # Those under way have asked the upstream already.
        upstream = (await _asked() - asked) / (told.requests + run.connections)
        each = (running.cpu() - cpu) * 1000 / max(told.requests, 1)
        if told.requests < MANY * run.connections <= MOST_COUNTED:
            each, upstream = await _counted(contestant, running, run)
        return Measured(told.per_second, each, told.p50, told.p99, upstream, running.memory(), told.errors)

    async def _wrk(self, path: Path, contestant: Contestant, run: Run) -> str:
        url = f"http://127.0.0.1:{ports.CONTESTANT}{address(contestant, run.cell)}"
        options = ("-t1", f"-c{run.connections}", f"-d{ENDLESS}", "--latency", "--timeout", "20s", "-s", str(path))
        process = await asyncio.create_subprocess_exec("taskset", "-c", "1", "wrk", *options, url, stdout=asyncio.subprocess.PIPE)
        await asyncio.sleep(self.seconds * (LATE if run.slow else 1))
        # wrk takes whole seconds only, but stops and tells when it is interrupted.
        process.send_signal(signal.SIGINT)
        told, _ = await process.communicate()
        return told.decode()


def script(contestant: Contestant, run: Run) -> str:
    """What wrk asks, in its own language."""
    text = run.cell.body("WHEN", "Q1234567", plain=contestant.plain).decode()
    first, rest = text.split("1234567")
    middle, last = rest.split("WHEN")
    headers = "\n".join(f"wrk.headers[ {_lua(name)} ] = {_lua(value)}" for name, value in contestant.headers.items())
    moments, texts = (str(each).lower() for each in (run.questions is not Questions.SAME, run.questions is Questions.TEXTS))
    parts = {"first": _lua(first), "middle": _lua(middle), "last": _lua(last)}
    return SCRIPT.format(headers=headers, moments=moments, texts=texts, since=beginning(run, WRK), **parts)


def _lua(text: str) -> str:
    return "[==[" + text + "]==]"


async def _counted(contestant: Contestant, running: Running, run: Run) -> tuple[float, float]:
    """Milliseconds of processor time, and upstream requests, a question."""
    number, cpu, asked = AGAIN * run.connections, running.cpu(), await _asked()
    await ask(contestant, run, range(WARMING, WARMING + number), run.connections)
    return (running.cpu() - cpu) * 1000 / number, (await _asked() - asked) / number


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
