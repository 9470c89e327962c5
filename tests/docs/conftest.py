"""Fixtures: one world for all examples, which the changing ones change at last."""

from collections.abc import Iterator

import pytest

from tests.endtoend.world import World, simulate, world
from tests.support.clock import FIXED_NOW


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All providers under their plugins' names, around the days of which the examples speak."""
    with world(simulate(records=200, now=FIXED_NOW), tmp_path_factory.mktemp("docs")) as made:
        yield made
