"""The promises as pytest tests of one plugin."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.promises import Promise
from telegraphql.gateway.conformance.simulation import RECORDS, Simulation, run_sandbox
from telegraphql.gateway.plugin.provider import Provider

OPTION = "--openapi"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with the vendor's document."""
    words = "the vendor's OpenAPI document, with which the contract tests compare requests and the sandbox's answers"
    parser.addoption(OPTION, metavar="FILE", help=words)


class Contract:
    """The tests of a plugin.

    Attributes:
        plugin: The provider class.
        settings: Settings to use instead of those in the sandbox's configuration. None removes a setting.
        records: The number of calls in the sandbox.
        now: The sandbox's current time. None for the real one.
        openapi: The vendor's OpenAPI document, in JSON or YAML. What the plugin requests, and what the sandbox answers, has to be as
            it says. `pytest --openapi=FILE` sets it for one run. It needs openapi-core.
    """

    plugin: ClassVar[type[Provider]]
    settings: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    records: ClassVar[int] = RECORDS
    now: ClassVar[datetime | None] = None
    openapi: ClassVar[str | Path | None] = None

    def __init_subclass__(cls) -> None:
        overridden = [name for name in vars(cls) if name.removeprefix("test_") in PROMISES]
        if overridden:
            raise TypeError(f"{cls.__name__} overrides {overridden[0]}: a plugin cannot opt out of a promise")

    @pytest.fixture(scope="class")
    @classmethod
    def simulation(cls, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Simulation]:
        """Yield the plugin's running sandbox."""
        named = pytestconfig.getoption(OPTION, None) or cls.openapi
        document = Path(named) if named else None
        with run_sandbox(cls.plugin, tmp_path_factory.mktemp("contract"), cls.records, cls.now, document) as running:
            changed = {**running.table, **cls.settings}
            running.table = {name: value for name, value in changed.items() if value is not None}
            yield running

    @classmethod
    def pytest_generate_tests(cls, metafunc: pytest.Metafunc) -> None:
        """Generate one test for each subject of a promise."""
        promise = PROMISES.get(metafunc.function.__name__.removeprefix("test_"))
        if promise:
            subjects = promise.subjects(cls.plugin)
            skipped = pytest.param(
                None, id="nothing", marks=pytest.mark.skip(f"{cls.plugin.__name__} declares nothing that `{promise.name}` applies to")
            )
            metafunc.parametrize("subject", [pytest.param(each, id=name) for name, each in subjects.items()] or [skipped])


def _test(promise: Promise) -> Callable[..., None]:
    def test(self: Contract, simulation: Simulation, subject: Any) -> None:
        try:
            simulation.run(promise.keep(simulation, subject))
        except AssertionError as failure:
            if failure.__cause__ is not None:
                raise
            raise pytest.fail.Exception(str(failure), pytrace=False) from None

    test.__name__, test.__doc__ = f"test_{promise.name}", promise.sentence
    return test


for _name, _promise in PROMISES.items():
    setattr(Contract, f"test_{_name}", _test(_promise))
