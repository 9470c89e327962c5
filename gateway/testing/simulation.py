"""Simulation: a plugin's sandbox on a loopback socket, and the configuration that reaches it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import SettingsError
from gateway.provider import Provider
from gateway.sandbox import Sandbox
from gateway.sandboxes import running
from gateway.settings import build
from schema.record import Record

# Not the plugin's name: an account may be called anything.
ACCOUNT = "the-account"
RECORDS = 120
# Soon after the clocks of Europe and America were set back, so that a month of records holds both changes.
NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Simulation:
    """A running sandbox. `walked` holds what has been read of it, so that the tests of a plugin read everything once."""

    plugin: type[Provider]
    sandbox: Sandbox
    table: dict[str, Any]
    walked: dict[type[Record], list[Record]] = field(default_factory=dict)


@contextmanager
def simulated(plugin: type[Provider], folder: Path, records: int = RECORDS, now: datetime = NOW) -> Iterator[Simulation]:
    """A plugin's sandbox, running; key files of its configuration are written into the folder."""
    sandbox = plugin.sandbox()(records=records, now=now)
    with running([sandbox], 0):
        yield Simulation(plugin, sandbox, _table(sandbox, folder))


def _table(sandbox: Sandbox, folder: Path) -> dict[str, Any]:
    given = sandbox.configuration(folder)
    try:
        table = build({"providers": {ACCOUNT: given}}, folder).providers[ACCOUNT]
    except SettingsError as error:
        raise AssertionError(f"what the sandbox's configuration() gives is no table for telegraphql.toml: {error}") from None
    return {name: value for name, value in table.items() if name != "plugin"}
