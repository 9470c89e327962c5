"""Child: the gateway and its sandbox as a user starts them, in a process of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

START_SECONDS = 180.0
STOP_SECONDS = 30.0
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Simulated:
    """How many calls each simulated provider had, and how many all of them make a minute."""

    records: int = 300
    calls_per_minute: int = 0


def command(port: int, simulated: Simulated) -> list[str]:
    """The command a user types; the sandbox's ports are free ones where their base is 0."""
    numbers = ["--sandbox-records", str(simulated.records), "--sandbox-calls-per-minute", str(simulated.calls_per_minute)]
    sandbox = ["--sandbox", "--sandbox-port-base", "0", *numbers]
    return [sys.executable, "-m", "telegraphql.gateway.cli.main", "serve", "--port", str(port), *sandbox]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def wait_until_served(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(f"{address}/healthz").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server does not answer (exit code {server.poll()}): {log.read_text()}")


@contextmanager
def running(
    log: Path, configured: Mapping[str, str] = NOTHING, port: int | None = None, simulated: Simulated = Simulated()
) -> Iterator[str]:
    """The gateway's origin, with more of its configuration.

    Afterwards it has ended when told to, and had nothing to complain of. Without a port it takes a free one.
    """
    port = port or free_port()
    address = f"http://127.0.0.1:{port}"
    ours = {"TELEGRAPHQL_SERVER__PUBLIC_URL": address, "TELEGRAPHQL_LOGS__ACCESS": "false", "COLUMNS": "200"}
    environment = {**os.environ, **ours, **configured}
    with log.open("wb") as out, subprocess.Popen(command(port, simulated), env=environment, stdout=out, stderr=out) as server:
        try:
            wait_until_served(address, server, log)
            yield address
            server.terminate()
            server.wait(STOP_SECONDS)
        finally:
            server.kill()
    # Who changed what is always logged, and the breaker of a provider that a test broke; no complaint is.
    expected = ('"telegraphql.audit"', '"event":"the breaker of ')
    said = [line for line in log.read_text().splitlines() if not any(each in line for each in expected)]
    assert said == [f"TelegraphQL with asterisk, boxis, portsip, twilio, voipstudio, voximplant: open {address}/ in a browser"]
