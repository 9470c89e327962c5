"""The health server answers while the event loop is busy, and tells how late it is."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.http import health, health_server
from telegraphql.gateway.http.loop_clock import LoopClock
from telegraphql.gateway.http.thread_server import bind_socket
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime

BUSY = 0.3


@asynccontextmanager
async def serving(**server: Any) -> AsyncIterator[tuple[Runtime, int | None]]:
    runtime = Runtime.build(build_config({"server": {"health_port": 0, **server}}, Path()), Plugins({}, {}))
    clock = LoopClock()
    async with clock.running(), health_server.health_server(runtime, clock) as port:
        yield runtime, port
    await runtime.aclose()


def asked(port: int | None, path: str, host: str = "127.0.0.1") -> tuple[int, Any]:
    answer = httpx.get(f"http://{host}:{port}{path}", timeout=5)
    return answer.status_code, answer.json()


async def test_it_answers_while_the_loop_is_blocked() -> None:
    async with serving() as (_, port):
        await asyncio.sleep(0.01)
        began = time.monotonic()
        with ThreadPoolExecutor(1) as client:
            # The loop waits here for the answer, and runs nothing meanwhile.
            _, (status, body) = client.submit(lambda: (time.sleep(BUSY), asked(port, "/healthz"))).result()
        lasted = time.monotonic() - began
    assert (status, body["status"]) == (200, "ok")
    assert 0 < body["loopLagSeconds"] < lasted


async def test_a_loop_that_is_late_is_not_ready_and_one_that_is_stuck_is_not_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as (runtime, port):
        assert (await asyncio.to_thread(asked, port, "/readyz"))[0] == 200
        monkeypatch.setattr(health, "MAX_READY_LAG", 0.0)
        assert (await asyncio.to_thread(asked, port, "/readyz"))[1]["status"] == "busy"
        assert (await asyncio.to_thread(asked, port, "/healthz"))[0] == 200
        monkeypatch.setattr(health_server, "MAX_LAG", 0.0)
        status, body = await asyncio.to_thread(asked, port, "/healthz")
        assert (status, body["status"]) == (503, "stuck")
        runtime.broken["x"] = "ImportError"
        assert (await asyncio.to_thread(asked, port, "/readyz"))[1]["status"] == "broken"
        runtime.shutdown.draining = True
        status, body = await asyncio.to_thread(asked, port, "/readyz")
        assert (status, body["status"]) == (503, "draining")


async def test_it_listens_on_ipv6_too_and_asks_dns_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "getfqdn")
    async with serving(host="::1") as (_, port):
        assert (await asyncio.to_thread(asked, port, "/healthz", "[::1]"))[0] == 200


async def test_nothing_else_is_served() -> None:
    async with serving() as (_, port):
        answer = await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{port}/graphql")
    assert answer.status_code == 404


async def test_a_port_in_use_is_told() -> None:
    with bind_socket("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(SettingsError, match=r"server\.health_port: cannot listen on 127\.0\.0\.1:\d+; choose another port"):
            async with serving(health_port=taken.getsockname()[1]):
                pass


async def test_without_the_setting_there_is_none() -> None:
    async with serving(health_port=None) as (_, port):
        assert port is None
