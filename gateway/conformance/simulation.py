"""A running sandbox on a loopback socket, with the configuration that reaches it."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.conformance.local_io import RecordingLocal
from telegraphql.gateway.conformance.openapi import DocumentWatch, OpenApiDocument
from telegraphql.gateway.conformance.transport import RecordingTransport
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.provider import LocalSettings, Provider, Settings
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import connect
from telegraphql.gateway.sandbox_servers import run_sandboxes
from telegraphql.gateway.upstream.client import Upstream
from telegraphql.gateway.upstream.httpx_internals import Client
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

# Different from the plugin's name, since a provider may have any name.
# The name differs from the id, so that a plugin which mistakes one for the other is found out.
ACCOUNT, ACCOUNT_ID = "the-account", "the-id"
RECORDS = 120


@dataclass
class Simulation:
    """A running sandbox, and what the tests of a plugin share: event loop, transport, provider, and what was read so far."""

    plugin: type[Provider]
    sandbox: Sandbox
    table: dict[str, Any]
    runner: asyncio.Runner
    folder: Path = Path()
    transport: RecordingTransport = field(default_factory=RecordingTransport)
    records_by_kind: dict[type[Record], list[Record]] = field(default_factory=dict)
    problems_by_kind: dict[type[Record], list[Problem]] = field(default_factory=dict)
    connected: list[Provider] = field(default_factory=list, init=False)

    @cached_property
    def provider(self) -> Provider:
        """Return the provider shared by tests that leave it intact."""
        return self.connect()

    @cached_property
    def settings(self) -> LocalSettings:
        """Return the settings that reach the sandbox."""
        return self.plugin.settings_type(**self.table)

    def connect(self) -> Provider:
        """Return a new provider."""
        settings = self.settings
        client = Client(self.transport)
        local = RecordingLocal(self.sandbox, self.transport)
        if isinstance(settings, Settings):
            upstream = Upstream(client, settings.base_url, settings.file_hosts, local=local, other_urls=settings.other_urls)
        else:
            upstream = Upstream(client, "", local=local)
        provider = connect(self.plugin, ACCOUNT, settings, upstream)
        self.connected.append(provider)
        return provider

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the event loop of this simulation, and close the providers of its own."""
        try:
            self.runner.run(work)
        finally:
            self.runner.run(self.close(keep=self.__dict__.get("provider")))

    async def close(self, keep: Provider | None = None) -> None:
        """Close all providers but one."""
        for provider in self.connected:
            if provider is not keep:
                await provider.upstream.aclose()
        self.connected = [provider for provider in self.connected if provider is keep]


@contextmanager
def run_sandbox(
    plugin: type[Provider], folder: Path, records: int = RECORDS, now: datetime | None = None, document: Path | None = None
) -> Iterator[Simulation]:
    """Yield the plugin's running sandbox. Key files of its configuration are written into the folder.

    With an OpenAPI document, what is requested and answered is compared with it.
    """
    sandbox = plugin.sandbox()(records=records, now=now)
    with run_sandboxes([sandbox], 0), asyncio.Runner() as runner:
        simulation = Simulation(plugin, sandbox, _table(sandbox, folder), runner, folder)
        if document:
            simulation.transport.watch = DocumentWatch(OpenApiDocument(document), sandbox)
        yield simulation
        runner.run(simulation.close())
        runner.run(simulation.transport.close())


def _table(sandbox: Sandbox, folder: Path) -> dict[str, Any]:
    configuration = sandbox.configuration(folder)
    try:
        table = build_config({"providers": {ACCOUNT: configuration}}, folder).providers[ACCOUNT]
    except SettingsError as error:
        raise AssertionError(f"the sandbox's configuration() is not a valid table of telegraphql.toml: {error}") from None
    return {name: value for name, value in table.items() if name != "plugin"} | {"id": ACCOUNT_ID}
