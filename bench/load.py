"""Load: wrk on the second core, and what it measured."""

import asyncio
import re
import signal
from dataclasses import dataclass
from pathlib import Path

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
LONGEST = 3600


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


@dataclass(frozen=True, slots=True)
class Load:
    """wrk, for so many seconds a run; its scripts are written into the folder."""

    folder: Path
    seconds: float

    async def measured(self, contestant: Contestant, running: Running, run: Run) -> Measured:
        """What a run costs, once it is warm."""
        script = self.folder / "wrk.lua"
        script.write_text(_script(contestant, run))
        await _warmed(contestant, run.cell)
        cpu, asked = running.cpu(), await _asked()
        told = await self._wrk(script, contestant, run)
        cpu, asked = running.cpu() - cpu, await _asked() - asked
        requests = int(_found(r"(\d+) requests in", told))
        errors = sum(int(each) for line in re.findall(r"Socket errors:.*", told) for each in re.findall(r"\d+", line))
        errors += int(_found(r"Non-2xx or 3xx responses: (\d+)", told, "0"))
        return Measured(
            per_second=float(_found(r"Requests/sec:\s+([\d.]+)", told)),
            cpu=cpu / requests * 1000 if requests else float("inf"),
            p50=_time(r"50%\s+([\d.]+)(\w+)", told),
            p99=_time(r"99%\s+([\d.]+)(\w+)", told),
            upstream=asked / requests if requests else 0.0,
            memory=running.memory(),
            errors=errors,
        )

    async def _wrk(self, script: Path, contestant: Contestant, run: Run) -> str:
        url = f"http://127.0.0.1:{ports.CONTESTANT}{address(contestant, run.cell)}"
        options = ("-t1", f"-c{run.connections}", f"-d{LONGEST}s", "--latency", "--timeout", "20s", "-s", str(script))
        process = await asyncio.create_subprocess_exec("taskset", "-c", "1", "wrk", *options, url, stdout=asyncio.subprocess.PIPE)
        await asyncio.sleep(self.seconds)
        # wrk takes whole seconds only, but stops and tells when it is interrupted.
        process.send_signal(signal.SIGINT)
        told, _ = await process.communicate()
        return told.decode()


def address(contestant: Contestant, cell: Cell) -> str:
    """The path at which a contestant answers a cell."""
    return contestant.path + cell.name if contestant.by_name else contestant.path


def _script(contestant: Contestant, run: Run) -> str:
    text = run.cell.body("WHEN", "Q1234567", plain=contestant.plain).decode()
    first, rest = text.split("1234567")
    middle, last = rest.split("WHEN")
    headers = "\n".join(f"wrk.headers[ {_lua(name)} ] = {_lua(value)}" for name, value in contestant.headers.items())
    moments, texts = (str(each).lower() for each in (run.questions is not Questions.SAME, run.questions is Questions.TEXTS))
    return SCRIPT.format(headers=headers, first=_lua(first), middle=_lua(middle), last=_lua(last), moments=moments, texts=texts)


def _lua(text: str) -> str:
    return "[==[" + text + "]==]"


async def _warmed(contestant: Contestant, cell: Cell) -> None:
    headers = {"content-type": "application/json", **contestant.headers}
    bodies = iter([cell.body(f"2029-01-01T00:00:{number:02}Z", plain=contestant.plain) for number in range(WARMING)])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports.CONTESTANT}", headers=headers, timeout=30) as client:

        async def asking() -> None:
            for body in bodies:
                (await client.post(address(contestant, cell), content=body)).raise_for_status()

        await asyncio.gather(*(asking() for _ in range(AT_ONCE)))


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
