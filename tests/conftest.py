"""Hypothesis, the same on every machine: no deadline on busy ones, the same examples each time, nothing written beside the tests.

And what is slow comes first."""

import gc
import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.support.examples import examples
from tests.support.shared_schema import share_schemas

settings.register_profile(
    "telegraphql",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=examples(60),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("telegraphql")

# httpcore looks for it on the disk, in vain, with every lock it takes.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


share_schemas()

LOGGERS = (logging.getLogger(), logging.getLogger("telegraphql"), logging.getLogger("telegraphql.audit"))


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Undo what a command that runs in this process configures."""
    before = [(logger, logger.level, [*logger.handlers]) for logger in LOGGERS]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which tests were not run, and why."""
    skipped: list[pytest.TestReport] = terminalreporter.getreports("skipped")
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped if isinstance(report.longrepr, tuple))
    if config.option.markexpr == "not slow":
        reasons["marked slow: `make test-all` runs them"] = 0
    if reasons:
        terminalreporter.section("not run", sep="-")
    for reason, number in reasons.most_common():
        terminalreporter.line(f"{number or '':>5} {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with slow tests come first, then those with many: of two workers neither is left with a long one at the end."""
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("property")
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    many = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in slow, -many[item.path]))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Leave the modules and the tests out of what the garbage collector looks through."""
    gc.disable()
    found = yield
    gc.freeze()
    gc.enable()
    return found


def _sleep(seconds: float) -> None:
    threading.Event().wait(seconds)


# libfaketime 0.9.10 refuses the call that time.sleep makes, clock_nanosleep to a moment of the monotonic clock.
if "FAKETIME" in os.environ:
    time.sleep = _sleep
