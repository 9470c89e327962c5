"""Replicas: gateways of one configuration behind the nginx that is deployed; each can be killed, drained and started again."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import tomli_w

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.plugin.sandbox import Sandbox
from tests.endtoend.world import Upstream
from tests.resilience.processes import PATIENCE, TELEGRAPHQL, Gate, gated, until
from tests.support.programs import require_program
from tests.support.repository import ROOT

LISTEN = "listen 8080;"
SECRET = "the same at all replicas"
# One that is killed is asked again as soon as it is back.
REPLICA = "server 127.0.0.1:{port} max_fails=2 fail_timeout=1s;\n"
SETTINGS: dict[str, Any] = {
    "server": {"drain_delay": "300ms", "shutdown_timeout": "15s", "startup_check": False},
    "media": {"secret": SECRET},
    "subscriptions": {"poll_interval": "300ms"},
    "logs": {"access": False},
}


@dataclass(slots=True)
class Replica:
    """A gateway on a port of its own."""

    config: Path
    port: int
    process: "subprocess.Popen[bytes]" = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.config.with_name(f"replica-{self.port}.log")

    @property
    def followers(self) -> int:
        """How many follow calls over it."""
        told = httpx.get(f"{self.url}/metrics").text
        (found,) = re.findall(r"^telegraphql_active_subscriptions (\d+)", told, re.MULTILINE)
        return int(found)

    def start(self) -> None:
        """Start it; it need not answer yet."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [TELEGRAPHQL, "serve", "--config", self.config, "--port", str(self.port)], stdout=out, stderr=out
            )

    def wait(self) -> None:
        """Wait until it answers."""
        until(lambda: self.process.poll() is not None or answers(self.url))
        assert self.process.poll() is None, self.log.read_text()

    def stop(self) -> None:
        """End the last that was started, if it has not ended."""
        self.process.kill()
        self.process.wait()

    def end(self, number: int) -> int:
        """Tell it to end, and wait until it has; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@dataclass(frozen=True, slots=True)
class Scene:
    """Replicas over simulated upstreams that can be held up, and the one address that clients know."""

    url: str
    replicas: Sequence[Replica]
    gates: dict[str, Gate]
    upstreams: dict[str, Upstream]
    folder: Path

    def said(self) -> str:
        """All that nginx and the replicas have written down."""
        return "".join(file.read_text() for file in sorted(self.folder.glob("*.log")))


@contextmanager
def replicated(made: dict[str, Sandbox], folder: Path, number: int = 3, **more: Any) -> Iterator[Scene]:
    """So many replicas behind nginx, all of which answer; `more` tables of their configuration."""
    gates = gated(made)
    with sandbox_servers.run_sandboxes(list(made.values()), 0), ExitStack() as stack, httpx.Client(timeout=PATIENCE) as client:
        config = folder / "telegraphql.toml"
        config.write_text(tomli_w.dumps(sandbox_servers.sandbox_config(list(made.values()), folder) | SETTINGS | more))
        *ports, entrance = free_ports(number + 1)
        replicas = [Replica(config, port) for port in ports]
        for replica in replicas:
            replica.start()
            stack.callback(replica.stop)
        stack.enter_context(nginx(folder, entrance, "".join(REPLICA.format(port=port) for port in ports)))
        for replica in replicas:
            replica.wait()
        upstreams = {name: Upstream(name, client, each) for name, each in made.items()}
        yield Scene(f"http://127.0.0.1:{entrance}", replicas, gates, upstreams, folder)
        for gate in gates.values():
            gate.is_open.set()


@contextmanager
def nginx(folder: Path, port: int, replicas: str) -> Iterator[None]:
    """The nginx of deploy/, on another port and before other replicas."""
    lay_out(folder, f"listen 127.0.0.1:{port};", replicas)
    with (folder / "nginx.log").open("wb") as out, subprocess.Popen(program(folder), stdout=out, stderr=out) as process:
        try:
            until(lambda: process.poll() is not None or _listens(port))
            assert process.poll() is None, (folder / "nginx.log").read_text()
            yield
        finally:
            process.terminate()


def lay_out(folder: Path, listen: str, replicas: str) -> None:
    """Its configuration, of which only this is changed."""
    given = (ROOT / "deploy/nginx.conf").read_text()
    assert given.count(LISTEN) == 1
    (folder / "nginx.conf").write_text(given.replace(LISTEN, listen))
    (folder / "replicas.conf").write_text(replicas)


def program(folder: Path, *arguments: str) -> list[str]:
    """How it is started, as the comment at its head says."""
    # Where root starts it, its workers could not enter a folder that is only root's.
    main = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    return [require_program("nginx"), "-p", f"{folder}/", "-c", str(folder / "nginx.conf"), "-g", main, *arguments]


def answers(url: str) -> bool:
    """Whether a gateway takes clients."""
    try:
        return httpx.get(f"{url}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free_ports(number: int) -> list[int]:
    """Ports on which nobody listens now."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [listener.getsockname()[1] for listener in listeners]


KILL, DRAIN = signal.SIGKILL, signal.SIGTERM
