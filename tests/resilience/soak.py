"""Soak: a gateway process under load and random faults for minutes; what grows, what is left behind and what is said is measured.

python -m tests.resilience.soak --minutes 10"""

import argparse
import asyncio
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime
from tests.endtoend.world import simulate
from tests.resilience.instrumented_process import MARK
from tests.resilience.load_clients import Client, Heard
from tests.resilience.processes import PATIENCE, Gateway, serving, until
from tests.resilience.secret_scan import Ears, noted
from tests.resilience.simulated_gateway import NAMES

CLIENTS, RECORDS = 8, 300
PROGRAM = (sys.executable, "-m", "tests.resilience.instrumented_process")
ENVIRONMENT = {
    "TELEGRAPHQL_LIMITS__DEADLINE": "3s",
    "TELEGRAPHQL_SERVER__DRAIN_DELAY": "0s",
    "TELEGRAPHQL_SUBSCRIPTIONS__POLL_INTERVAL": "500ms",
}
MODES = ("status", "drop", "html", "truncate", "rate_limit", "unauthorized", "timeout")
# Idle connections to upstreams end after 5 seconds; what is left then is left for good.
REST = 6.0
WARM_UP = 0.25


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may grow by how much."""

    slope: float = 2.0
    tasks: int = 1
    files: int = 3


@dataclass(frozen=True, slots=True)
class Idle:
    """What a gateway has when nobody asks."""

    tasks: int
    connections: int
    files: int
    megabytes: float


@dataclass(slots=True)
class Report:
    """What a soak has found."""

    seconds: float
    heard: Heard
    before: Idle
    after: Idle
    memory: list[tuple[float, float]] = field(default_factory=list)
    accidents: list[str] = field(default_factory=list)
    code: int | None = None

    @property
    def slope(self) -> float:
        """MiB a minute by least squares, after the warm-up."""
        return slope([(at / 60, size) for at, size in self.memory if at >= WARM_UP * self.seconds])

    def complaints(self, bounds: Bounds) -> list[str]:
        """What must not be."""
        before, after = self.before, self.after
        found = {
            f"memory grows by {self.slope:.2f} MiB a minute": self.slope > bounds.slope,
            f"{after.tasks - before.tasks} tasks are left": after.tasks > before.tasks + bounds.tasks,
            f"{after.files - before.files} files are left": after.files > before.files + bounds.files,
            f"{after.connections} connections are left": after.connections > before.connections,
            f"secrets were said: {self.heard.ears.leaks[:3]}": bool(self.heard.ears.leaks),
            f"the log holds accidents: {self.accidents[:5]}": bool(self.accidents),
            f"errors without a code we know: {dict(self.heard.errors)}": bool({"NO_CODE", "INTERNAL"} & self.heard.errors.keys()),
            f"statuses of accidents: {dict(self.heard.statuses)}": 500 in self.heard.statuses,
            f"the process ended with {self.code}": self.code != 0,
        }
        return [words for words, is_so in found.items() if is_so]

    def lines(self) -> Iterator[str]:
        """For people."""
        heard, before, after = self.heard, self.before, self.after
        cuts = quantiles(heard.seconds, n=100) if len(heard.seconds) > 1 else [0.0] * 99
        rate, longest = heard.requests / self.seconds, max(heard.seconds, default=0)
        yield f"requests     {heard.requests} in {self.seconds:.0f} s, {rate:.1f} a second, {heard.bytes} bytes of files"
        yield f"answers      p50 {1000 * cuts[49]:.0f} ms, p99 {1000 * cuts[98]:.0f} ms, longest {1000 * longest:.0f} ms"
        yield f"statuses     {dict(sorted(heard.statuses.items()))}"
        yield f"problems     {dict(heard.problems.most_common())}"
        yield f"errors       {dict(heard.errors.most_common())}"
        yield f"memory       {before.megabytes:.0f} MiB before, {after.megabytes:.0f} MiB after, {self.slope:+.2f} MiB a minute"
        yield f"samples      {' '.join(f'{at:.0f}s:{size:.0f}' for at, size in self.memory[:: max(1, len(self.memory) // 12)])}"
        yield f"tasks        {before.tasks} before, {after.tasks} after"
        yield f"files        {before.files} before, {after.files} after"
        yield f"connections  {before.connections} before, {after.connections} after"
        yield f"secrets      {len(heard.ears.secrets)} known, {heard.ears.heard} texts heard, {len(heard.ears.leaks)} leaks"


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By least squares; 0 where there are too few."""
    if len(points) < 3:
        return 0.0
    x, y = (sum(each) / len(points) for each in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


async def soaked(gateway: Gateway, made: Mapping[str, Sandbox], heard: Heard, seconds: float) -> Report:
    """A gateway under load for so long, between two rests."""
    chance = random.Random(20261122)
    report = Report(seconds, heard, await idle(gateway, made, heard), Idle(0, 0, 0, 0))
    began = time.monotonic()
    load = [Client(gateway.url, heard, random.Random(number)).run(began + seconds) for number in range(CLIENTS)]
    weather = asyncio.create_task(bad_weather(made, chance))
    watching = asyncio.create_task(watched(gateway, report.memory, seconds / 120))
    try:
        await asyncio.gather(*load)
    finally:
        weather.cancel()
        watching.cancel()
    report.after = await idle(gateway, made, heard)
    return report


async def bad_weather(made: Mapping[str, Sandbox], chance: random.Random) -> None:
    """Upstreams come and go; new records come in."""
    while True:
        for sandbox in made.values():
            sandbox.fault = Fault()
            sandbox.journal.clear()
        for name in chance.sample(NAMES, chance.choice((0, 1, 1, 2))):
            rate = chance.choice((0.1, 0.5, 1.0))
            made[name].fault = Fault(latency_ms=chance.choice((0, 0, 100)), rate=rate, mode=chance.choice(MODES))
        await asyncio.sleep(chance.uniform(0.5, 3))


async def watched(gateway: Gateway, memory: list[tuple[float, float]], pause: float) -> None:
    """Its memory, again and again."""
    began = time.monotonic()
    while True:
        memory.append((time.monotonic() - began, gateway.megabytes))
        await asyncio.sleep(pause)


async def idle(gateway: Gateway, made: Mapping[str, Sandbox], heard: Heard) -> Idle:
    """What it has once everybody has left, all upstreams are well, and idle connections are closed."""
    for sandbox in made.values():
        sandbox.fault = Fault()
    await asyncio.sleep(REST)
    client = Client(gateway.url, heard, random.Random(0))
    async with client._client:
        for _ in range(200):
            page = (await client.ask("{ calls(first: 4) { nodes { id } problems { code } } }")).get("calls")
            if page and not page["problems"]:
                break
            await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    tasks, connections = await asyncio.to_thread(counted, gateway)
    return Idle(tasks, connections, gateway.files, gateway.megabytes)


def counted(gateway: Gateway) -> tuple[int, int]:
    """Its tasks and its clients' connections, as it says itself."""
    seen = len(COUNT.findall(gateway.log.read_text()))
    gateway.process.send_signal(signal.SIGUSR1)
    until(lambda: len(COUNT.findall(gateway.log.read_text())) > seen)
    tasks, connections = COUNT.findall(gateway.log.read_text())[-1]
    return int(tasks), int(connections)


COUNT = re.compile(rf"{MARK} tasks=(\d+) connections=(\d+)")
ACCIDENT = re.compile(r".*(?:Traceback|unexpected|never retrieved|never awaited|Unclosed|failed with|Exception in).*")


@contextmanager
def scene(folder: Path) -> Iterator[tuple[Gateway, dict[str, Sandbox], Ears]]:
    """The process over four upstreams, and who knows their secrets."""
    made, ears = simulate(records=RECORDS), Ears()
    noted(made, ears)
    with sandbox_servers.run_sandboxes(list(made.values()), 0):
        config = folder / "telegraphql.toml"
        sandbox_servers.write_sandbox_config(list(made.values()), config)
        ears.secrets |= Ears.over(Runtime.build(read_config(config))).secrets
        with serving(config, PROGRAM, **ENVIRONMENT) as gateway:
            yield gateway, made, ears


def soak(seconds: float, folder: Path) -> Report:
    """All of it: the load, the end of the process, and its log."""
    with scene(folder) as (gateway, made, ears):
        report = asyncio.run(soaked(gateway, made, Heard(ears), seconds))
        gateway.terminate()
        report.code = gateway.process.wait(PATIENCE)
    for line in gateway.log.read_text().splitlines():
        ears.hear(line)
    report.accidents = ACCIDENT.findall(gateway.log.read_text())
    return report


def main() -> int:
    """From the command line; 1 where something must not be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    with tempfile.TemporaryDirectory() as folder:
        report = soak(60 * parser.parse_args().minutes, Path(folder))
    complaints = report.complaints(Bounds())
    sys.stdout.write("\n".join([*report.lines(), *(f"WRONG        {each}" for each in complaints)]) + "\n")
    return int(bool(complaints))


if __name__ == "__main__":
    raise SystemExit(main())
