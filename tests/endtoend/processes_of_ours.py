"""Processes of ours: commands of the gateway in processes of their own, and what these hold in memory."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

TELEGRAPHQL = Path(sys.executable).with_name("telegraphql")
# What is kept of the closed past would fill its room in twenty pages.
ENVIRONMENT = os.environ | {"TELEGRAPHQL_CACHE__MAX_BYTES": str(4 * 2**20)}


@contextmanager
def running(*arguments: str, log: Path) -> Iterator[int]:
    """A process of ours, ended by its id."""
    with log.open("wb") as out, subprocess.Popen([TELEGRAPHQL, *arguments], env=ENVIRONMENT, stdout=out, stderr=out) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


@contextmanager
def gateway(folder: Path, records: int, settings: str = "") -> Iterator[tuple[str, int]]:
    """A gateway in a process of its own, over sandboxes in another; its address and its process id. `settings` are more than the usual."""
    config, port = folder / "telegraphql.toml", free_port()
    with ExitStack() as stack:
        made = ("sandbox", "--records", str(records), "--port-base", "0", "--write-config", str(config))
        stack.enter_context(running(*made, log=folder / "sandbox.log"))
        until(lambda: config.exists() and config.stat().st_size, 240, folder / "sandbox.log")
        time.sleep(0.2)
        config.write_text(config.read_text() + settings)
        pid = stack.enter_context(running("serve", "--config", str(config), "--port", str(port), log=folder / "gateway.log"))
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(url), 60, folder / "gateway.log")
        yield url, pid


def until(ready: object, seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while not ready():  # type: ignore[operator]
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def megabytes(pid: int) -> float:
    """What a process holds in memory."""
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return resident * os.sysconf("SC_PAGE_SIZE") / 2**20


def status(pid: int, name: str) -> float:
    """A value of a process in MB, such as the most memory that it has held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (value,) = (line.split()[1] for line in lines if line.startswith(f"{name}:"))
    return int(value) / 1024
