"""Fixtures: simulated providers that no test changes, a configuration that reaches them, and exports over them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import tomli_w
from click.testing import Result
from typer.testing import CliRunner

from telegraphql.gateway.cli import main
from tests.endtoend.world import HURRY, World, simulate, world
from tests.support.clock import NOW
from tests.support.graphql_client import served_schema

RECORDS = 60
# A provider that fails is not left alone for longer than a test waits.
LIMITS = HURRY | {"max_attempts": 1, "breaker_failures": 1000}


@dataclass(frozen=True, slots=True)
class House:
    """Simulated providers, and the configuration that reaches them."""

    world: World
    config: Path

    def arguments(self, *more: object) -> list[str]:
        return ["export", "--config", str(self.config), *map(str, more)]

    def export(self, *more: object) -> Result:
        """A run of the command in this process."""
        return CliRunner().invoke(main.commands, self.arguments(*more))

    def good(self, *more: object) -> Result:
        """The same, which must succeed."""
        result = self.export(*more)
        assert result.exit_code == 0, (result.output, result.exception)
        return result


@pytest.fixture(autouse=True)
def made_once() -> Iterator[None]:
    """Exports in this process share what takes long to make, and never changes."""
    with patch("telegraphql.gateway.export.job.graphql_schema.create_schema", lambda execution: served_schema()):
        yield


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    simulated = simulate(records=RECORDS, now=NOW)
    with world(simulated, folder, unchanging=True) as made:
        providers = {name: each.configuration(folder) | {"limits": LIMITS} for name, each in simulated.items()}
        config = folder / "telegraphql.toml"
        config.write_text(tomli_w.dumps({"providers": providers}))
        yield House(made, config)


@pytest.fixture
def rows(tmp_path: Path, house: House) -> Callable[..., list[dict[str, Any]]]:
    """What an export to JSON lines writes."""

    def exported(*more: object) -> list[dict[str, Any]]:
        out = tmp_path / "rows.jsonl"
        house.good("--out", out, *more)
        return read(out)

    return exported


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
