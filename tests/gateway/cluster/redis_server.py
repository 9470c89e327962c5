"""House: a real redis-server of the test's own, which can be stopped, killed and started again, and lines to it."""

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.redis import RedisClient
from telegraphql.gateway.cluster.settings import ClusterSettings
from tests.support.programs import require_program
from tests.support.self_signed_certificate import Certificate

SECRET = "0123456789abcdef"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class House:
    """The server. Nothing outlives it."""

    folder: str
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    more: tuple[str, ...] = ()
    # Longer than a busy machine takes; those who wait for it in vain set it lower.
    timeout: float = 3.0
    tls: "Certificate | None" = None

    @property
    def url(self) -> str:
        return f"redis{'s' if self.tls else ''}://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        options = [*self._listening, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.folder, *self.more]
        self.process = subprocess.Popen([require_program("redis-server"), *options], stdout=subprocess.DEVNULL)
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise AssertionError("redis-server did not start")

    @property
    def _listening(self) -> list[str]:
        if self.tls is None:
            return ["--port", str(self.port)]
        files = ["--tls-cert-file", str(self.tls.path), "--tls-key-file", str(self.tls.key), "--tls-ca-cert-file", str(self.tls.path)]
        return ["--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no", *files]

    def kill(self) -> None:
        """Gone, with all that was in it."""
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
            self.process.wait()
            self.process = None

    def hang(self) -> None:
        """It takes connections and commands, and answers nothing."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def settings(self, **more: Any) -> ClusterSettings:
        given = {"redis_url": self.url, "secret": SECRET, "reconnect_delay": "50ms", "timeout": f"{self.timeout}s", **more}
        return ClusterSettings(**given)

    def line(self, **more: Any) -> RedisClient:
        return RedisClient(self.settings(**more))

    def text(self) -> bytes:
        """All that stands in it, keys and values, as whoever can read it sees it."""
        assert self.process is not None
        script = (
            "local all = {} for _, k in ipairs(redis.call('KEYS', '*')) do all[#all + 1] = k "
            "all[#all + 1] = redis.call('TYPE', k).ok == 'string' and redis.call('GET', k) or '' end return all"
        )
        return subprocess.run(["redis-cli", "-p", str(self.port), "EVAL", script, "0"], capture_output=True, check=True).stdout


@contextmanager
def house(*more: str, tls: "Certificate | None" = None) -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder:
        made = House(folder, more=more, tls=tls)
        made.start()
        try:
            yield made
        finally:
            made.kill()


def encryption() -> Encryption:
    return Encryption(SECRET)


async def eventually(holds: Callable[[], bool], patience: float = 10.0) -> None:
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110  # nobody tells when
            await asyncio.sleep(0.01)
