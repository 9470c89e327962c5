"""Harness: a configured provider at its sandbox, what it asks there, and how the sandbox misbehaves."""

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
from telegraphql.gateway.plugin.sandbox import Fault, Row

DAY = timedelta(days=1)
SHORTEST_SECRET = 6


@dataclass(frozen=True, slots=True)
class Bare(BoundProvider):
    """A provider as it is served, but whatever comes out of the plugin is let out, for the kit to see."""

    async def answer(self, method: str, asked: Any) -> Any:
        """What a method of the plugin answers or raises."""
        return await getattr(self.provider, method)(asked)

    def derive(self, method: str) -> Any:
        """What the plugin makes of a group of records."""
        return getattr(self.provider, method)


class Harness:
    """What one test of a plugin works with. When entered the sandbox is healthy, and its journal and the wire's counts are empty."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.plugin = simulation.plugin
        self.sandbox = simulation.sandbox
        self.wire = simulation.wire
        self.provider = simulation.provider

    async def __aenter__(self) -> Self:
        self.heal()
        self.sandbox.journal.clear()
        self.wire.sent = self.wire.open = 0
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.heal()

    @property
    def declared(self) -> Declared:
        """What the plugin declares."""
        return declared(self.plugin)

    @property
    def serving(self) -> BoundProvider:
        """The provider and what it declares."""
        return Bare.of(self.provider)

    def reconnect(self) -> None:
        """Go on with a provider of one's own: for tests that may spoil it."""
        self.provider = self.simulation.connected()

    def fault(self, given: Mapping[str, Any], patience: float | None = None) -> None:
        """Let the sandbox misbehave, and wait for it no longer than told."""
        self.sandbox.fault = Fault.parse(dict(given))
        self.wire.patience = patience

    def heal(self) -> None:
        """Let the sandbox be well again."""
        self.sandbox.fault = Fault()
        self.wire.patience = None

    @contextmanager
    def noted(self) -> Iterator[list[Row]]:
        """What the sandbox is asked meanwhile; to be read afterwards."""
        start = len(self.sandbox.journal)
        rows: list[Row] = []
        yield rows
        rows += self.sandbox.journal[start:]

    @property
    def secrets(self) -> list[str]:
        """The configured secrets: those of the settings, and what stands in the key files they name."""
        given = self.provider.settings
        found = [text for name in type(given).model_fields for text in _secrets(name, getattr(given, name))]
        return [text for text in dict.fromkeys(found) if len(text) >= SHORTEST_SECRET]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """A day up to the moment the sandbox was made."""
        return self.sandbox.now - DAY, self.sandbox.now

    def hides(self, text: str) -> bool:
        """Whether no secret stands in a text."""
        return not any(secret in text for secret in self.secrets)


def _secrets(name: str, value: Any) -> list[str]:
    if isinstance(value, SecretStr):
        return value.get_secret_value().splitlines()
    if isinstance(value, Mapping):
        return [text for key, each in value.items() for text in _secrets(str(key), each)]
    if name.endswith("_file") and name != "ca_file" and isinstance(value, str | Path):
        return [line.strip() for line in Path(value).read_text("utf-8").splitlines()]
    return []
