"""Mutants of the plugins: each of them fails in the kit, which says what to do."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.simulation import Simulation, run_sandbox
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.plugins.asterisk import Asterisk
from telegraphql.plugins.boxis import Boxis
from telegraphql.plugins.portsip import Portsip
from telegraphql.plugins.twilio import Twilio
from telegraphql.plugins.voipstudio import Voipstudio
from telegraphql.plugins.voximplant import Voximplant
from telegraphql.schema import Call
from tests.gateway.conformance import plugin_mutants as faults
from tests.gateway.conformance.plugin_mutants import Mutant, getter, names
from tests.support.clock import FIXED_NOW

PLUGINS: tuple[type[Provider], ...] = (Asterisk, Boxis, Portsip, Twilio, Voipstudio, Voximplant)
EVERY_ROW = "delivers_every_row"


def of(plugin: type[Provider]) -> Iterator[Mutant]:
    """The mutants that every plugin has."""
    for fault, advice in (
        (faults.drops_rows, "drop no rows in the mapping"),
        (faults.shifts_times, "convert the time from the upstream's time zone"),
        (faults.confuses_parents, "set the reference to the key of the parent that the row names"),
        (faults.shortens_ids, "make native_id of the fields that identify the row, unchanged"),
    ):
        yield Mutant(plugin, "calls", fault, EVERY_ROW, "Call", advice)
    if plugin is not Asterisk:  # It knows no prices.
        priced = getter(plugin, Call, "id") if plugin is Portsip else "calls"
        advice = "keep the amount exact, and its sign as the schema describes it"
        yield Mutant(plugin, priced, faults.turns_signs, EVERY_ROW, "Call", advice)
    children = getter(plugin, Call, "session")
    yield Mutant(plugin, children, faults.keeps_half, "finds_all_children", "Call-by-session", "read all records of the key")


def with_pages(plugin: type[Provider], method: str, kind: str, filter_name: str) -> list[Mutant]:
    """The mutants of a plugin whose upstream has pages, totals and filters."""
    return [
        Mutant(plugin, "calls", faults.never_follows, "continues_by_offset", "Call", "count ListRequest.offset in upstream rows"),
        Mutant(plugin, method, faults.miscounts, "counts_exactly", kind, "set Page.total to that count"),
        Mutant(plugin, method, faults.loses_words, "filters_as_declared", f"{kind}.{filter_name}", "so that the upstream returns more"),
    ]


MUTANTS = [mutant for plugin in PLUGINS for mutant in of(plugin)]
MUTANTS += with_pages(Portsip, "calls", "Call", "direction")
MUTANTS += with_pages(Voipstudio, "calls", "Call", "status")
MUTANTS += with_pages(Voximplant, "transactions", "Transaction", "kind")
MUTANTS += [
    Mutant(Asterisk, "calls", faults.never_follows, "continues_by_offset", "Call", "count ListRequest.offset in upstream rows"),
    Mutant(Asterisk, "recordings", faults.never_follows, "continues_by_offset", "Recording", "count ListRequest.offset in upstream rows"),
    Mutant(Asterisk, "calls", faults.loses_words, "filters_as_declared", "Call.status", "so that the upstream returns more"),
    Mutant(Asterisk, "calls", faults.keeps_half, EVERY_ROW, "Call", "drop no rows in the mapping"),
    Mutant(Asterisk, "calls", faults.narrows_bounds, "loses_nothing_between_bounds", "Call", "rounding outwards"),
    Mutant(Boxis, "calls", faults.keeps_half, EVERY_ROW, "Call", "drop no rows in the mapping"),
    Mutant(Boxis, "calls", faults.narrows_bounds, "loses_nothing_between_bounds", "Call", "rounding outwards"),
    Mutant(Twilio, "calls", faults.drops_links, "follows_links", "Call", "set Page.next to what the upstream sends"),
    Mutant(Twilio, "calls", faults.narrows_bounds, "loses_nothing_between_bounds", "Call", "rounding outwards"),
    Mutant(Twilio, "calls", faults.loses_words, "filters_as_declared", "Call.status", "so that the upstream returns more"),
]
# Two of each plugin at once, the others in the long run.
QUICK = {"turns_signs", "keeps_half"}
MARKED = [pytest.param(each, id=str(each), marks=[] if each.fault.__name__ in QUICK else [pytest.mark.slow]) for each in MUTANTS]


@pytest.fixture(scope="module")
def simulations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[type[Provider], Simulation]]:
    """The running sandboxes of all plugins."""
    with ExitStack() as stack:
        yield {each: stack.enter_context(run_sandbox(each, folder(tmp_path_factory), now=FIXED_NOW)) for each in PLUGINS}


def folder(factory: pytest.TempPathFactory) -> Path:
    """A folder for key files."""
    return factory.mktemp("mutants")


def failure(simulations: dict[type[Provider], Simulation], mutant: Mutant, plugin: type[Provider]) -> str:
    """What the kit says of a plugin where it looks for the fault of a mutant."""
    simulation = replace(simulations[mutant.plugin], plugin=plugin, records_by_kind={}, problems_by_kind={})
    promise = PROMISES[mutant.promise]
    try:
        simulation.run(promise.keep(simulation, promise.subjects(plugin)[mutant.subject]))
    except AssertionError as found:
        return str(found)
    return ""


def test_every_plugin_has_eight_mutants() -> None:
    assert min(Counter(names(MUTANTS)).values()) >= 8


@pytest.mark.parametrize("mutant", MARKED)
def test_a_mutant_fails_in_the_kit(simulations: dict[type[Provider], Simulation], mutant: Mutant) -> None:
    assert mutant.advice in failure(simulations, mutant, mutant.made())
    assert failure(simulations, mutant, mutant.plugin) == ""
