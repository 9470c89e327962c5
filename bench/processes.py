"""Processes: a contestant on a core of its own, and what it has used of it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench import ports
from bench.contestants import Contestant

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A started contestant: the id of its process and the seconds until its first answer."""

    pid: int
    cold: float

    def cpu(self) -> float:
        """Seconds of processor time of the process and all under it, so far."""
        return sum(_cpu(pid) for pid in _family(self.pid))

    def memory(self) -> float:
        """Resident MiB of the process and all under it."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _family(self.pid))
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@asynccontextmanager
async def running(contestant: Contestant, body: bytes, path: str) -> AsyncIterator[Running]:
    """A contestant on the first core, from its first good answer until the block ends."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **contestant.environment}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *("taskset", "-c", "0"), *contestant.command, env=environment, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await _first(contestant, body, path, process)
        yield Running(process.pid, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _first(contestant: Contestant, body: bytes, path: str, process: asyncio.subprocess.Process) -> None:
    until = time.perf_counter() + PATIENCE
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports.CONTESTANT}", timeout=30) as client:
        while time.perf_counter() < until:
            if process.returncode is not None:
                raise RuntimeError(f"{contestant.name} ended with {process.returncode} before its first answer")
            try:
                answer = await client.post(path, content=body, headers={"content-type": "application/json", **contestant.headers})
                if answer.status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.02)
    raise RuntimeError(f"{contestant.name} gave no answer within {PATIENCE:.0f} s")


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _cpu(pid: int) -> float:
    """By the scheduler's own count, in nanoseconds: the ticks of `stat` are too coarse for a short run."""
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
