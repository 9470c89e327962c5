"""Fixtures: one world that no test changes, and a way to make others."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.plugin.sandbox import Sandbox
from tests.endtoend.world import MERGED, World, simulate, world
from tests.support.clock import NOW

RECORDS = 200
Make = Callable[..., World]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All providers under their plugins' names. Tests only read it."""
    with world(simulate(records=RECORDS, now=NOW), tmp_path_factory.mktemp("shared"), unchanging=True) as made:
        yield made


@pytest.fixture
def still(shared: World) -> Iterator[World]:
    """The same with empty journals, and healed afterwards."""
    shared.forget()
    yield shared
    shared.behave()


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Makes worlds of their own: `make(records=40)`, `make(["voipstudio"])`, `make(simulated={"acme-eu": ...})`."""
    with ExitStack() as stack:

        def made(names: list[str] | None = None, simulated: Mapping[str, Sandbox] | None = None, **options: Any) -> World:
            ours = {name: options.pop(name) for name in ("guard", "tables", "deadline", "cache") if name in options}
            options = {"records": RECORDS, "now": NOW} | options
            folder: Path = tmp_path_factory.mktemp("world")
            return stack.enter_context(world(simulated or simulate(names or MERGED, **options), folder, **ours))

        yield made
