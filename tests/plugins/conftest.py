"""Fixtures: a plugin's sandbox on a real loopback socket, and a provider that talks to it.

The plugin is that of the folder. A test module says how many calls its sandbox holds where the default is not right:

    @pytest.fixture(scope="module")
    def records() -> int:
        return 10

Then it asks for `served` (the sandbox: `served.truth("calls")`, `served.journal()`, `served.fault(mode="status")`) and for
`provider` (configured for it). More than one of either: `serve(Plugin, records=10)` and `connect(served, currency="EUR")`."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway import runtime, sandbox_servers
from telegraphql.gateway.conformance import Contract
from telegraphql.gateway.conformance.transport import TRUST
from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.plugin.sandbox import Row, Sandbox
from telegraphql.gateway.upstream.client import Upstream
from tests.support.clock import FIXED_NOW

RECORDS = 200


# What shows that a further configuration of a plugin works; the rest of the kit it keeps in the long tests.
SHOWN = {
    "logs_in_once",
    "matches_the_field_types",
    "loses_nothing_between_bounds",
    "finds_all_children",
    "gets_what_is_listed",
    "streams_files",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark most of the kit as slow for the second and further configurations of a plugin."""
    classes: dict[Path, type] = {}
    for item in items:
        if isinstance(item, pytest.Function) and item.cls is not None and issubclass(item.cls, Contract):
            is_first = classes.setdefault(item.path, item.cls) is item.cls
            if not is_first and item.originalname.removeprefix("test_") not in SHOWN:
                item.add_marker("slow")


@dataclass(frozen=True, slots=True)
class Served:
    plugin: type[Provider]
    sandbox: Sandbox
    folder: Path

    @property
    def url(self) -> str:
        return self.sandbox.base_url

    def truth(self, kind: str) -> list[Row]:
        return self.sandbox.records[kind]

    def journal(self, operation: str | None = None) -> list[Row]:
        return [row for row in self.sandbox.journal if operation in (None, row["operation"])]

    def forget(self) -> None:
        self.sandbox.journal.clear()

    def fault(self, **given: Any) -> None:
        self.sandbox.fault = Fault.parse(given)

    def heal(self) -> None:
        self.sandbox.fault = Fault()

    def table(self) -> Row:
        return {name: value for name, value in self.sandbox.configuration(self.folder).items() if name != "plugin"}


@pytest.fixture(scope="module")
def plugin(request: pytest.FixtureRequest) -> type[Provider]:
    return plugins().named(request.path.parent.name)


@pytest.fixture(scope="module")
def records() -> int:
    return RECORDS


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    with ExitStack() as running:

        def start(plugin: type[Provider], *, records: int = RECORDS, seed: int = 1, now: datetime = FIXED_NOW) -> Served:
            sandbox = plugin.sandbox()(records=records, seed=seed, now=now)
            running.enter_context(sandbox_servers.run_sandboxes([sandbox], 0))
            return Served(plugin, sandbox, tmp_path_factory.mktemp(plugin.plugin))

        yield start


@pytest.fixture(scope="module")
def module_served(serve: Callable[..., Served], plugin: type[Provider], records: int) -> Served:
    return serve(plugin, records=records)


@pytest.fixture
def served(module_served: Served) -> Iterator[Served]:
    module_served.forget()
    yield module_served
    module_served.heal()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Provider]]:
    async with AsyncExitStack() as opened:

        def make(served: Served, *, name: str | None = None, **settings: Any) -> Provider:
            plugin = served.plugin
            read = plugin.settings_type(**{**served.table(), **settings})
            upstream = Upstream(httpx.AsyncClient(timeout=10, verify=TRUST), read.base_url, read.file_hosts)
            opened.push_async_callback(upstream.aclose)
            return runtime.connect(plugin, name or plugin.plugin, read, upstream)

        yield make


@pytest.fixture
def provider(served: Served, connect: Callable[..., Provider]) -> Provider:
    return connect(served)


@pytest.fixture
def fetch() -> Callable[..., Any]:
    """The bytes behind a `Download`, read as the gateway reads them; with a range where one is given."""

    async def read(provider: Provider, download: Any, byte_range: str | None = None) -> tuple[int, bytes, httpx.Headers]:
        headers = {**download.request.headers, **({"Range": byte_range} if byte_range else {})}
        async with provider.upstream.stream(replace(download.request, headers=headers)) as response:
            return response.status_code, await response.aread(), response.headers

    return read
