"""Two gateways over one upstream and one store: what one does the other knows, and neither waits for a store that hangs."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import tomli_w
from aiolimiter import AsyncLimiter
from typer.testing import CliRunner

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.cli import main
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.http.reload import reload_config
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.subscriptions.poller import PollerFactory
from telegraphql.gateway.upstream.cache_store import Store
from tests.gateway.cluster.redis_server import SECRET, House, eventually, house

CALLS = '{ calls(filter: {startedAt: {since: "2020-01-01T00:00:00Z", until: "2026-06-01T00:00:00Z"}}) { nodes { id } } }'


@pytest.fixture(scope="module")
def upstream() -> Any:
    """One simulated provider, which counts."""
    made = [each for each in sandbox_servers.create_sandboxes(30, 1) if each.plugin == "voipstudio"]
    with sandbox_servers.run_sandboxes(made, 0):
        yield made


def configuration(upstream: list[Sandbox], folder: Path, made: House, **shared: Any) -> dict[str, Any]:
    given = sandbox_servers.sandbox_config(upstream, folder)
    given["cache"] = {"present_ttl": "60s", "stale_if_error": "60s"}
    given["server"] = {"startup_check": False}
    given["cluster"] = {"redis_url": made.url, "secret": SECRET, "reconnect_delay": "50ms", "timeout": "500ms", **shared}
    return given


@asynccontextmanager
async def gateway(given: dict[str, Any], folder: Path) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    """One that is served, without a socket of its own."""
    engine = Runtime.build(build_config(given, folder))
    served = app.create_app(engine)
    transport = httpx.ASGITransport(served)
    async with served.router.lifespan_context(served), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield engine, client


async def ask(client: httpx.AsyncClient, query: str = CALLS) -> Any:
    answer = (await client.post("/graphql", json={"query": query})).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def asked(upstream: list[Sandbox]) -> int:
    async with httpx.AsyncClient() as client:
        origin = httpx.URL(upstream[0].base_url).copy_with(path="/_sandbox/requests")
        found = (await client.get(origin)).json()
    return len([each for each in (found if isinstance(found, list) else found["requests"]) if "login" not in each["path"]])


async def test_what_one_asked_the_other_knows_and_what_one_changes_the_other_sees(
    upstream: list[Sandbox], redis: House, prefix: str, tmp_path: Path
) -> None:
    given = configuration(upstream, tmp_path, redis, key_prefix=prefix)
    async with gateway(given, tmp_path) as (_, one), gateway(given, tmp_path) as (_, other):
        recordings = "{ recordings(first: 3) { nodes { id } } }"
        before = await ask(one, recordings)
        spent = await asked(upstream)
        assert await ask(other, recordings) == before
        assert await asked(upstream) == spent
        gone = before["recordings"]["nodes"][0]
        told = await ask(one, f'mutation {{ deleteRecordings(input: {{ids: ["{gone["id"]}"]}}) {{ succeededIds }} }}')
        assert told == {"deleteRecordings": {"succeededIds": [gone["id"]]}}
        assert gone not in (await ask(other, recordings))["recordings"]["nodes"]
        ready = (await other.get("/readyz")).json()
        assert (ready["status"], ready["shared"]) == ("ready", "up")


async def test_one_that_hangs_slows_nobody_and_is_used_again_when_it_goes_on(
    upstream: list[Sandbox], prefix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with house() as made:
        given = configuration(upstream, tmp_path, made, key_prefix=prefix)
        async with gateway(given, tmp_path) as (engine, client):
            expected = await ask(client)
            made.hang()
            assert await ask(client) == expected
            await eventually(lambda: any("does not answer" in each for each in caplog.messages))
            began = time.perf_counter()
            for _ in range(20):
                assert await ask(client) == expected
            assert time.perf_counter() - began < 20 * 0.5, "less than if each had waited once"
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["shared"]) == (200, "down")
            assert "telegraphql_redis_up 0.0" in (await client.get("/metrics")).text
            made.go_on()
            assert engine.shared_state is not None
            await eventually(lambda: engine.shared_state is not None and engine.shared_state.redis.is_up)
            assert await ask(client) == expected
            assert "telegraphql_redis_up 1.0" in (await client.get("/metrics")).text
    told = [each.message for each in caplog.records if each.levelno >= logging.WARNING and each.message.startswith("Redis")]
    assert [each for each in told if "keys and tokens" not in each] == [
        "Redis does not answer (TimeoutError): this replica works alone until it does",
        "Redis is back",
    ]


async def test_one_that_is_not_there_hinders_no_start(upstream: list[Sandbox], prefix: str, tmp_path: Path) -> None:
    with house() as made:
        made.kill()
        given = configuration(upstream, tmp_path, made, key_prefix=prefix)
        async with gateway(given, tmp_path) as (engine, client):
            assert (await ask(client))["calls"]["nodes"] != []
            assert (await client.get("/readyz")).json()["shared"] == "down"
            made.start()
            await eventually(lambda: engine.shared_state is not None and engine.shared_state.redis.is_up)


async def test_a_reload_goes_on_with_what_is_kept_and_with_a_new_connection(
    upstream: list[Sandbox], redis: House, prefix: str, tmp_path: Path
) -> None:
    given = configuration(upstream, tmp_path, redis, key_prefix=prefix)
    async with gateway(given, tmp_path) as (engine, client):
        expected, line = await ask(client), engine.shared_state.redis  # type: ignore[union-attr]
        spent = await asked(upstream)
        old = reload_config(engine, lambda: build_config(given, tmp_path))
        assert old is not None
        await old.aclose()
        assert engine.shared_state.redis is not line  # type: ignore[union-attr]
        assert await ask(client) == expected
        assert await asked(upstream) == spent
        old = reload_config(engine, lambda: build_config({**given, "cluster": {}}, tmp_path))
        assert old is not None
        await old.aclose()
        assert engine.shared_state is None
        assert await ask(client) == expected
        assert "shared" not in (await client.get("/readyz")).json()


async def test_who_shares_nothing_has_nothing_of_it(upstream: list[Sandbox], tmp_path: Path) -> None:
    engine = Runtime.build(build_config({**sandbox_servers.sandbox_config(upstream, tmp_path), "cluster": {"replicas": 3}}, tmp_path))
    assert engine.cache is not None
    assert (engine.shared_state, type(engine.cache.store), type(engine.subscription_hub.poller_factory)) == (None, Store, PollerFactory)
    (serving,) = engine.providers.values()
    assert type(serving.provider.upstream._resilience._rate) is AsyncLimiter
    assert engine.authentication._is_revoked is None
    await engine.aclose()


@pytest.mark.parametrize(("is_there", "state"), [(True, "ok"), (False, "UNAVAILABLE")])
def test_check_says_whether_it_can_be_reached(is_there: bool, state: str, upstream: list[Sandbox], prefix: str, tmp_path: Path) -> None:
    with house() as made:
        given = configuration(upstream, tmp_path, made, key_prefix=prefix)
        (tmp_path / "telegraphql.toml").write_text(tomli_w.dumps(given), "utf-8")
        if not is_there:
            made.kill()
        found = CliRunner(env={"COLUMNS": "200"}).invoke(main.commands, ["check", "--config", str(tmp_path / "telegraphql.toml")])
        (line,) = [each for each in found.output.splitlines() if "(redis)" in each]
        assert (state in line, found.exit_code) == (True, 0 if is_there else 1)
        words = " ".join(found.output.replace("│", " ").split())  # however wide the terminal is
        assert ("check cluster.redis_url" in words) is not is_there
