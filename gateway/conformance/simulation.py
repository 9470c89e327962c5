"""Simulation: a plugin's sandbox on a loopback socket, and the configuration that reaches it."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from telegraphql.gateway.config import build_config
from telegraphql.gateway.conformance.disk import Disk
from telegraphql.gateway.conformance.wire import Wire
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import LocalSettings, Provider, Settings
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.sandbox_servers import run_sandboxes
from telegraphql.gateway.upstream.client import Upstream
from telegraphql.schema.record import Record

# Not the plugin's name: an account may be called anything.
ACCOUNT = "the-account"
RECORDS = 120
SECONDS = 10.0


@dataclass
class Simulation:
    """A running sandbox, and what the tests of a plugin share: an event loop, a transport, a provider, and what has been read so far."""

    plugin: type[Provider]
    sandbox: Sandbox
    table: dict[str, Any]
    runner: asyncio.Runner
    folder: Path = Path()
    wire: Wire = field(default_factory=Wire)
    walked: dict[type[Record], list[Record]] = field(default_factory=dict)

    @cached_property
    def provider(self) -> Provider:
        """The provider of those tests that do it no harm."""
        return self.connected()

    @cached_property
    def settings(self) -> LocalSettings:
        """The settings that reach the sandbox."""
        return self.plugin.settings_type(**self.table)

    def connected(self) -> Provider:
        """A new provider."""
        settings = self.settings
        client = httpx.AsyncClient(transport=self.wire, timeout=SECONDS, trust_env=False)
        base_url, file_hosts = (settings.base_url, settings.file_hosts) if isinstance(settings, Settings) else ("", ())
        upstream = Upstream(client, base_url, file_hosts, local=Disk(self.sandbox, self.wire))
        provider = self.plugin(ACCOUNT, settings, upstream, Numbering(settings.region, self.plugin.bare_numbers_are_international))
        upstream.provider = provider
        return provider

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work in the loop of this simulation."""
        self.runner.run(work)


@contextmanager
def simulated(plugin: type[Provider], folder: Path, records: int = RECORDS, now: datetime | None = None) -> Iterator[Simulation]:
    """A plugin's sandbox, running; key files of its configuration are written into the folder."""
    sandbox = plugin.sandbox()(records=records, now=now)
    with run_sandboxes([sandbox], 0), asyncio.Runner() as runner:
        simulation = Simulation(plugin, sandbox, _table(sandbox, folder), runner, folder)
        yield simulation
        simulation.run(simulation.wire.close())


def _table(sandbox: Sandbox, folder: Path) -> dict[str, Any]:
    given = sandbox.configuration(folder)
    try:
        table = build_config({"providers": {ACCOUNT: given}}, folder).providers[ACCOUNT]
    except SettingsError as error:
        raise AssertionError(f"what the sandbox's configuration() gives is no table for telegraphql.toml: {error}") from None
    return {name: value for name, value in table.items() if name != "plugin"}
