"""Breaking: plugins that keep all promises but one, and what the kit says of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import isfunction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.promises import Promise
from telegraphql.gateway.conformance.simulation import run_sandbox
from telegraphql.gateway.plugin.provider import Provider
from tests.gateway.conformance.acme import Acme
from tests.gateway.conformance.ledger import Ledger
from tests.support.clock import FIXED_NOW
from tests.support.memoizing_wire import Answered, Asked, Remembering

RECORDS = 24
# Waiting takes time, and is checked by the plugin that keeps all promises.
SLOW = {"timeout"}
# What every class has.
PLAIN = {"__module__", "__doc__", "__annotations__", "__qualname__"}
# All these plugins ask the same upstream.
ANSWERS: dict[Asked, Answered] = {}


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
    with run_sandbox(plugin, folder, RECORDS, FIXED_NOW) as simulation:
        simulation.transport = Remembering(simulation.sandbox, ANSWERS)
        for promise, subject in touched(plugin):
            try:
                simulation.run(promise.keep(simulation, subject))
            except AssertionError as broken:
                found.setdefault(promise.name, str(broken))
    return found


def touched(plugin: type[Provider]) -> Iterator[tuple[Promise, Any]]:
    """What to check: where only methods are replaced, whatever uses none of them is as it is with the plugin that keeps all promises."""
    original = next(each for each in plugin.__mro__ if each in (Acme, Ledger))
    changed = {name for each in plugin.__mro__[: plugin.__mro__.index(original)] for name in vars(each)} - PLAIN
    known = {} if any(counts_for_all(name, plugin, original) for name in changed) else uses(original)
    for promise, key, subject in checks(plugin):
        used = known.get((promise.name, key))
        # What uses nothing of a provider looks at its class.
        if not used or used & changed:
            yield promise, subject


def counts_for_all(name: str, plugin: type[Provider], original: type[Provider]) -> bool:
    """Whether an attribute may matter where nobody asks an instance for it: special methods, declarations, and what is no method."""
    mine, theirs = getattr(plugin, name), getattr(original, name, None)
    if name.startswith("__") or getattr(mine, "__declares__", None) != getattr(theirs, "__declares__", None):
        return True
    return theirs is not None and not isfunction(theirs)


@cache
def uses(original: type[Provider]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Which attributes of a provider each check of a plugin asks for."""
    asked: set[str] = set()

    def ask(self: object, name: str) -> Any:
        asked.add(name)
        return object.__getattribute__(self, name)

    watched = type("Watched", (original,), {"__getattribute__": ask, "__module__": original.__module__})
    found = {}
    with TemporaryDirectory() as folder, run_sandbox(watched, Path(folder), RECORDS, FIXED_NOW) as simulation:
        simulation.transport = Remembering(simulation.sandbox, ANSWERS)
        for promise, key, subject in checks(watched):
            # What was read for another check is read again, to be seen.
            simulation.records_by_kind.clear()
            asked.clear()
            simulation.run(promise.keep(simulation, subject))
            found[promise.name, key] = frozenset(asked)
    return found


def checks(plugin: type[Provider]) -> Iterator[tuple[Promise, str, Any]]:
    """Each promise over each of its subjects, by name; the plugin itself has none."""
    for promise in PROMISES.values():
        for key, subject in promise.subjects(plugin).items():
            if key not in SLOW:
                yield promise, "" if subject is plugin else key, subject


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
