"""The kit: every promise has a plugin that breaks it, and no plugin can leave one out unseen."""

import pytest

from telegraphql.gateway.conformance import Contract
from telegraphql.gateway.conformance.kit import PROMISES
from tests.gateway.conformance import (
    test_commands,
    test_declaring,
    test_faults,
    test_filtering,
    test_getting,
    test_linking,
    test_listing,
    test_local_io,
    test_malformed_rows,
    test_mapping,
    test_side_effects,
    test_source_rules,
    test_time_zones,
    test_wrong_answers,
)
from tests.gateway.conformance.acme import Acme
from tests.gateway.conformance.promise_list import PROMISED

MODULES = (test_side_effects, test_declaring, test_local_io, test_faults, test_filtering, test_getting, test_linking, test_listing)
MODULES += (test_mapping, test_malformed_rows, test_commands, test_source_rules, test_time_zones, test_wrong_answers)
BROKEN = [each for module in MODULES for each in module.BROKEN]


def test_every_promise_has_a_plugin_that_breaks_it() -> None:
    assert {broken.promise for broken in BROKEN} == PROMISES.keys()


def test_the_table_of_promises_is_complete() -> None:
    table = [(name, set(plugins.split())) for promises in PROMISED.values() for name, plugins in promises.items()]
    assert sorted(name for name, _ in table) == sorted(PROMISES)
    broken = {name: {str(each) for each in BROKEN if each.promise == name} for name in PROMISES}
    assert dict(table) == broken


@pytest.mark.parametrize("name", PROMISES)
def test_a_promise_is_one_sentence(name: str) -> None:
    sentence = PROMISES[name].sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_complete_plugin_leaves_no_promise_out() -> None:
    assert [name for name, promise in PROMISES.items() if not promise.subjects(Acme)] == []


def test_no_plugin_may_opt_out_of_a_promise() -> None:
    with pytest.raises(TypeError, match="Lazy overrides test_counts_exactly: a plugin cannot opt out of a promise"):
        type("Lazy", (Contract,), {"plugin": Acme, "test_counts_exactly": None})
