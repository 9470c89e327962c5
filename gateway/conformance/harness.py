"""The harness of a test: a provider configured for its sandbox, the requests it sends, and the faults of the sandbox."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from telegraphql.gateway.conformance.simulation import Simulation
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.capabilities import Declared, declared
from telegraphql.gateway.plugin.fault_modes import Fault
from telegraphql.gateway.plugin.sandbox import Row

DAY = timedelta(days=1)
MIN_SECRET = 6


@dataclass(frozen=True, slots=True)
class UnguardedProvider(BoundProvider):
    """A bound provider that passes on every exception of the plugin, for the kit to check."""

    async def answer(self, method: str, request: Any) -> Any:
        """Return what a method of the plugin returns."""
        return await getattr(self.provider, method)(request)

    def derive(self, method: str) -> Any:
        """Return the plugin's own function for derived records."""
        return getattr(self.provider, method)


class Harness:
    """The tools of one test. On entering, the sandbox has no fault, its journal is empty, and counts are zero."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.plugin = simulation.plugin
        self.sandbox = simulation.sandbox
        self.transport = simulation.transport
        self.provider = simulation.provider

    async def __aenter__(self) -> Self:
        self.clear_fault()
        self.sandbox.journal.clear()
        self.transport.sent = self.transport.open = 0
        if self.transport.watch:
            self.transport.watch.mistakes.clear()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear_fault()

    @property
    def declared(self) -> Declared:
        """Return the plugin's declarations."""
        return declared(self.plugin)

    @property
    def serving(self) -> BoundProvider:
        """Return the provider with its declarations."""
        return UnguardedProvider.of(self.provider)

    def reconnect(self) -> None:
        """Use a new provider, for tests that may leave it in a bad state."""
        self.provider = self.simulation.connect()

    def fault(self, fields: Mapping[str, Any], timeout: float | None = None) -> None:
        """Inject a fault, and wait at most `timeout` seconds for a response."""
        self.sandbox.fault = Fault.parse(dict(fields))
        self.transport.timeout = timeout

    def clear_fault(self) -> None:
        """Remove the fault."""
        self.sandbox.fault = Fault()
        self.transport.timeout = None

    @contextmanager
    def recorded_requests(self) -> Iterator[list[Row]]:
        """Yield a list that holds, after the block, the requests that the sandbox received during it."""
        start = len(self.sandbox.journal)
        rows: list[Row] = []
        yield rows
        rows += self.sandbox.journal[start:]

    @property
    def secrets(self) -> list[str]:
        """Return the secrets of the settings, including the lines of key files."""
        settings = self.provider.settings
        texts = [text for name in type(settings).model_fields for text in _secrets(name, getattr(settings, name))]
        return [text for text in dict.fromkeys(texts) if len(text) >= MIN_SECRET]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Return the last day before the sandbox's current time."""
        return self.sandbox.now - DAY, self.sandbox.now

    def require_as_documented(self) -> None:
        """Raise AssertionError if what was requested and answered meanwhile is not as the vendor's OpenAPI document says."""
        found = self.transport.watch.mistakes if self.transport.watch else []
        assert not found, f"{found[0]} ({len(found)} such): change the plugin or its sandbox, or the document if it is wrong"

    def is_free_of_secrets(self, text: str) -> bool:
        """Return True if the text contains no secret."""
        return not any(secret in text for secret in self.secrets)


def _secrets(name: str, value: Any) -> list[str]:
    if isinstance(value, SecretStr):
        return value.get_secret_value().splitlines()
    if isinstance(value, Mapping):
        return [text for key, each in value.items() for text in _secrets(str(key), each)]
    if name.endswith("_file") and name != "ca_file" and isinstance(value, str | Path):
        data = Path(value).read_bytes()
        # A database is no key.
        return [] if b"\0" in data else [line.strip() for line in data.decode().splitlines()]
    return []
