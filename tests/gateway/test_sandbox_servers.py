"""The simulated upstreams of all plugins: made, served on their ports, and configured."""

import socket
import stat
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.auth.caller import Caller, Scope
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime
from tests.gateway.plugin.test_sandbox import LocalToy, Toy
from tests.support.clock import FIXED_NOW
from tests.support.memory_provider import Memory


class Second(Toy):
    """Another one, on a port before the first."""

    plugin = "second"
    port_offset = 0


class Simulated(Memory):
    """Has a simulated upstream."""

    plugin = "toy"

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        """The toy."""
        return Toy


class Also(Memory):
    """Has one too."""

    plugin = "second"

    @classmethod
    def sandbox(cls) -> type[Sandbox]:
        """The second."""
        return Second


INSTALLED = Plugins({"toy": Simulated, "memory": Memory, "second": Also}, {})


def made() -> list[Sandbox]:
    return sandbox_servers.create_sandboxes(4, 1, FIXED_NOW, INSTALLED)


def test_each_plugin_that_has_one_gets_its_sandbox_in_the_order_of_the_ports() -> None:
    assert [(each.plugin, each.count, each.now) for each in made()] == [("second", 4, FIXED_NOW), ("toy", 4, FIXED_NOW)]


def test_they_are_served_on_free_ports_and_stop_with_the_block() -> None:
    both = made()
    with sandbox_servers.run_sandboxes(both, 0):
        urls = [each.base_url for each in both]
        assert [url.endswith("/api") for url in urls] == [True, True]
        for url in urls:
            with urllib.request.urlopen(f"{url}/calls", timeout=5) as answer:
                assert answer.status == 200
    for url in urls:
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(f"{url}/calls", timeout=5)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = rf"port {port} for the sandbox toy \(.*\); choose another port base"
        with pytest.raises(SettingsError, match=words), sandbox_servers.run_sandboxes(made(), port - 1):
            raise AssertionError("it runs")


async def test_the_written_configuration_reaches_them_and_is_its_owners_only(tmp_path: Path) -> None:
    both, path = made(), tmp_path / "new" / "telegraphql.toml"
    for number, each in enumerate(both):
        each.base_url = f"http://127.0.0.1:{number + 1}/api"
    path.parent.mkdir()
    path.write_text("old")
    sandbox_servers.write_sandbox_config(both, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(tomllib.loads(path.read_text())["providers"]) == {"toy", "second"}
    engine = Runtime.build(read_config(path), INSTALLED)
    assert [serving.provider.settings.base_url for serving in engine.providers.values()] == [
        "http://127.0.0.1:1/api",
        "http://127.0.0.1:2/api",
    ]
    await engine.aclose()


async def test_the_console_breaks_a_simulated_provider_and_mends_it() -> None:
    both = made()
    transport = httpx.ASGITransport(Starlette(routes=sandbox_servers.sandbox_routes([*both, LocalToy()])))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        assert (await client.get("/console/sandbox")).json() == {"broken": {"second": False, "toy": False}}
        assert (await client.put("/console/sandbox/toy")).status_code == 204
        assert (await client.get("/console/sandbox")).json() == {"broken": {"second": False, "toy": True}}
        assert [each.fault.mode for each in both] == [None, "status"]
        assert (await client.put("/console/sandbox/nobody")).status_code == 404
        assert (await client.put("/console/sandbox/local-toy")).status_code == 404
        assert (await client.delete("/console/sandbox/toy")).status_code == 204
        assert (await client.get("/console/sandbox")).json() == {"broken": {"second": False, "toy": False}}


async def test_only_administrators_break_simulated_providers() -> None:
    both = made()

    async def as_reader(scope: Any, receive: Any, send: Any) -> None:
        scope["caller"] = Caller("reader", frozenset({Scope.READ}))
        await Starlette(routes=sandbox_servers.sandbox_routes(both))(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(as_reader), base_url="http://gateway") as client:
        assert (await client.put("/console/sandbox/toy")).status_code == 403
        assert (await client.get("/console/sandbox")).status_code == 403
    assert [each.fault.mode for each in both] == [None, None]
