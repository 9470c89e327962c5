"""Processes: a gateway as people start it, and simulated upstreams that can be held up."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.plugin.sandbox import Sandbox

TELEGRAPHQL = Path(sys.executable).with_name("telegraphql")
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """A process that serves; `log` holds all it says."""

    process: "subprocess.Popen[bytes]"
    url: str
    log: Path

    def terminate(self) -> None:
        """Tell it to end."""
        self.process.send_signal(signal.SIGTERM)

    def ready(self) -> httpx.Response:
        """How it is, asked over a connection of its own."""
        return httpx.get(f"{self.url}/readyz", timeout=PATIENCE)

    @property
    def files(self) -> int:
        """Its open file handles, sockets among them."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @property
    def megabytes(self) -> float:
        """What it holds in memory."""
        resident = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return resident * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def serving(config: Path, program: Sequence[str | Path] = (TELEGRAPHQL,), **environment: str) -> Iterator[Gateway]:
    """`telegraphql serve` over a configuration, once it answers; ended at the end, if it has not yet."""
    port, log = free_port(), config.with_suffix(".log")
    program = [*program, "serve", "--config", config, "--port", str(port)]
    with log.open("wb") as out, subprocess.Popen(program, stdout=out, stderr=out, env=os.environ | environment) as process:
        found = Gateway(process, f"http://127.0.0.1:{port}", log)
        try:
            until(lambda: process.poll() is not None or _answers(found.url))
            assert process.poll() is None, log.read_text()
            yield found
        finally:
            process.terminate()


def until(happens: Callable[[], bool]) -> None:
    """Wait for it."""
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@dataclass(slots=True)
class Gate:
    """ASGI around an upstream: while it is shut, answers wait; of a sound the first half goes through before."""

    inner: ASGIApp
    is_open: threading.Event = field(default_factory=threading.Event)
    waiting: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, once it is open."""
        if scope["type"] != "http" or self.is_open.is_set():
            await self.inner(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.inner(scope, receive, keep)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        sound = any(name == b"content-type" and value.startswith(b"audio") for name, value in start["headers"])
        head = len(body) // 2 if sound else 0
        if sound:
            await send(start)
            await send({"type": "http.response.body", "body": body[:head], "more_body": True})
        await self._opened()
        if not sound:
            await send(start)
        await send({"type": "http.response.body", "body": body[head:]})

    async def _opened(self) -> None:
        self.waiting += 1
        while not self.is_open.is_set():  # noqa: ASYNC110 - it is opened by another thread
            await asyncio.sleep(0.01)


def gated(sandboxes: Mapping[str, Sandbox]) -> dict[str, Gate]:
    """An open gate before each of these sandboxes, which are not running yet."""
    found = {name: Gate(sandbox.app()) for name, sandbox in sandboxes.items()}
    for name, sandbox in sandboxes.items():
        found[name].is_open.set()
        sandbox.app = lambda gate=found[name]: gate  # type: ignore[method-assign,misc]
    return found


def graphql(document: str, **variables: Any) -> dict[str, Any]:
    """A request's body."""
    return {"query": document, "variables": variables}
