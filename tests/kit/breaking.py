"""Breaking: plugins that keep all promises but one, and what the kit says of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.provider import Provider
from gateway.testing.kit import PROMISES
from gateway.testing.simulation import simulated
from tests.remembering import Answered, Remembering

RECORDS, NOW = 24, datetime(2026, 11, 22, 12, tzinfo=UTC)
# Waiting takes time, and is checked by the plugin that keeps all promises.
SLOW = {"timeout"}
# All these plugins ask the same upstream.
ANSWERS: dict[tuple[bytes, str], Answered] = {}


@dataclass(frozen=True)
class Broken:
    """A plugin, the promise it breaks, words of the advice, and the promises that cannot be kept without the first."""

    plugin: type[Provider]
    promise: str
    advice: str
    also: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.plugin.__name__


def failures(plugin: type[Provider], folder: Path) -> dict[str, str]:
    """The promises a plugin breaks, and what the kit says first about each."""
    found: dict[str, str] = {}
    with simulated(plugin, folder, RECORDS, NOW) as simulation:
        simulation.wire = Remembering(simulation.sandbox, ANSWERS)
        for name, promise in PROMISES.items():
            for subject in (each for key, each in promise.over(plugin).items() if key not in SLOW):
                try:
                    simulation.run(promise.keep(simulation, subject))
                except AssertionError as broken:
                    found.setdefault(name, str(broken))
    return found


def same_as(original: Any) -> Callable[[Any], Any]:
    """Mark a method with what another one declares."""

    def mark(method: Any) -> Any:
        method.__declares__ = original.__declares__
        return method

    return mark


def judge(broken: Broken, folder: Path) -> None:
    """Exactly the broken promise is found, and the message says what to do."""
    found = failures(broken.plugin, folder)
    assert found.keys() == {broken.promise, *broken.also}, found
    assert broken.advice in found[broken.promise], found
