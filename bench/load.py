"""Load: wrk on the second core, and what it measured."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.contestants import PORT, Contestant
from bench.processes import Running
from bench.queries import Cell

SCRIPT = """
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
{headers}
local first, middle, last, number = {first}, {middle}, {last}, 0
function request()
  number = number + 1
  local to = os.date("!%Y-%m-%dT%H:%M:%SZ", 1900000000 + number)
  return wrk.format(nil, nil, nil, first .. ({distinct} and number or 0) .. middle .. to .. last)
end
function response(status) if status ~= 200 then wrong = (wrong or 0) + 1 end end
"""
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


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


async def measured(contestant: Contestant, running: Running, cell: Cell, seconds: float, distinct: bool, folder: Path) -> Measured:
    """What a run of this cell costs; at least a second of it is not counted, for warming up."""
    script = folder / "wrk.lua"
    script.write_text(_script(contestant, cell, distinct))
    await _wrk(script, contestant, cell, 1)
    cpu, asked = running.cpu(), await _asked()
    told = await _wrk(script, contestant, cell, seconds)
    cpu, asked = running.cpu() - cpu, await _asked() - asked
    requests = int(_found(r"(\d+) requests in", told))
    errors = sum(int(each) for each in re.findall(r"(?:connect|read|write|timeout) (\d+)", told))
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


def address(contestant: Contestant, cell: Cell) -> str:
    """The path at which a contestant answers a cell."""
    return contestant.path + cell.name if contestant.by_name else contestant.path


def _script(contestant: Contestant, cell: Cell, distinct: bool) -> str:
    text = cell.body("WHEN", "Q1234567", plain=contestant.plain).decode()
    first, rest = text.split("1234567")
    middle, last = rest.split("WHEN")
    headers = "\n".join(f"wrk.headers[ {_lua(name)} ] = {_lua(value)}" for name, value in contestant.headers.items())
    return SCRIPT.format(headers=headers, first=_lua(first), middle=_lua(middle), last=_lua(last), distinct=str(distinct).lower())


def _lua(text: str) -> str:
    return "[==[" + text + "]==]"


async def _wrk(script: Path, contestant: Contestant, cell: Cell, seconds: float) -> str:
    url = f"http://127.0.0.1:{PORT}{address(contestant, cell)}"
    options = ("-t1", f"-c{cell.connections}", f"-d{seconds:.0f}s", "--latency", "--timeout", "20s", "-s", str(script))
    process = await asyncio.create_subprocess_exec("taskset", "-c", "1", "wrk", *options, url, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    return told.decode()


async def _asked() -> int:
    """How many requests the upstream has answered, this one not counted."""
    async with httpx.AsyncClient() as client:
        status = (await client.get("http://127.0.0.1:9700/count")).text
    return int(status.splitlines()[2].split()[2]) - 1


def _found(pattern: str, text: str, default: str | None = None) -> str:
    match = re.search(pattern, text)
    if match is None and default is None:
        raise RuntimeError(f"wrk did not tell {pattern!r}:\n{text}")
    return match.group(1) if match else str(default)


def _time(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    return float(match.group(1)) * UNITS[match.group(2)] if match else float("nan")
