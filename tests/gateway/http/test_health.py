"""How the gateway is: alive, ready, and its numbers - each to those who may know."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from telegraphql import __version__
from telegraphql.gateway.auth.caller import NOBODY, Caller
from telegraphql.gateway.auth.caller import Scope as May
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http.health import health_routes
from telegraphql.gateway.http.loop_clock import LoopClock
from telegraphql.gateway.http.metrics_server import metrics_server
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from tests.gateway.telemetry.in_process_gateway import Asking, engine

HALF = Caller("half", frozenset({May.ADMIN}), frozenset({"a"}))
READER = Caller("reader", frozenset({May.READ}))


class As:
    """Every request is this caller's."""

    def __init__(self, app: ASGIApp, caller: Caller | None) -> None:
        self.app, self.caller = app, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["caller"] = self.caller
        await self.app(scope, receive, send)


async def get(made: Runtime, path: str, *callers: Caller | None) -> httpx.Response:
    """The answer to somebody, or to anybody where nobody is asked."""
    made.start_telemetry()
    app = Starlette(routes=health_routes(made, LoopClock()), middleware=[Middleware(As, caller) for caller in callers])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        return await client.get(path)


async def test_alive_is_alive() -> None:
    answer = await get(engine()[0], "/healthz", NOBODY)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": __version__})


@pytest.mark.parametrize(
    ("callers", "told"),
    [((), "ab"), ((HALF,), "a"), ((NOBODY,), ""), ((None,), "")],
    ids=["open", "half", "nobody", "none"],
)
async def test_who_is_ready_is_told_to_those_for_whom_it_exists(callers: tuple[Caller | None, ...], told: str) -> None:
    answer = await get(engine()[0], "/readyz", *callers)
    states = {name: each["state"] for name, each in answer.json()["providers"].items()}
    assert (answer.status_code, answer.json()["status"], states) == (200, "ready", dict.fromkeys(told, "CLOSED"))


async def test_a_loop_that_was_late_is_not_ready() -> None:
    clock = LoopClock()
    clock.last = 2.5
    app = Starlette(routes=health_routes(engine()[0], clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["loopLagSeconds"]) == (503, "busy", 2.5)


async def test_a_gateway_whose_providers_are_all_broken_is_not_ready() -> None:
    broken = Runtime.build(build_config({"providers": {"x": {"plugin": "lost"}}}, Path()), Plugins({}, {"lost": "ImportError"}))
    answer = await get(broken, "/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["providers"]["x"]["state"]) == (503, "broken", "BROKEN")
    empty = Runtime.build(build_config({}, Path()), Plugins({"asking": Asking}, {}))
    assert (await get(empty, "/readyz")).status_code == 200


@pytest.mark.parametrize(
    ("callers", "status", "seen"),
    [((), 200, "ab"), ((HALF,), 200, "a"), ((READER,), 403, ""), ((NOBODY,), 403, ""), ((None,), 403, "")],
    ids=["open", "half", "reader", "nobody", "none"],
)
async def test_metrics_need_admin_and_tell_ones_own_providers(callers: tuple[Caller | None, ...], status: int, seen: str) -> None:
    answer = await get(engine()[0], "/metrics", *callers)
    assert (answer.status_code, "".join(name for name in "ab" if f'provider="{name}"' in answer.text)) == (status, seen)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4" if status == 200 else "application/json")


async def test_metrics_may_have_a_port_of_their_own() -> None:
    made, _ = engine(metrics={"port": 0})
    assert (await get(made, "/metrics")).status_code == 404
    async with metrics_server(made) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        answer = await client.get("/metrics")
        assert (answer.status_code, 'telegraphql_circuit_breaker_state{provider="b"} 0.0' in answer.text) == (200, True)
        assert (await client.get("/graphql")).status_code == 404
