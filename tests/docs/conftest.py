"""Fixtures: one world for all examples, which the changing ones change at last."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.endtoend.world import World, simulate, world

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All providers under their plugins' names, around the days of which the examples speak."""
    with world(simulate(records=200, now=NOW), tmp_path_factory.mktemp("docs")) as made:
        yield made
