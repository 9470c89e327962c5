"""Every method: all 55 of the providers' documents are reached through GraphQL, each with what it answers or changes."""

import json
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from telegraphql.gateway.plugin.registry import plugins
from tests.endtoend.conftest import Make
from tests.endtoend.ground_truth import expected
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import keys, listed
from tests.endtoend.proofs import Proof
from tests.endtoend.world import Upstream, World
from tests.support.clock import NOW

# How many methods or endpoints each provider's document has.
DOCUMENTED = {"voximplant": 8, "voipstudio": 34, "portsip": 12, "boxis": 1}
PROOFS: dict[str, dict[str, list[Proof]]] = {plugin: import_module(f"tests.endtoend.proofs.{plugin}").PROOFS for plugin in DOCUMENTED}


def cases(changes: bool) -> Iterator[object]:
    for plugin, methods in PROOFS.items():
        for method, proofs in methods.items():
            for proof in proofs:
                if proof.changes is changes:
                    yield pytest.param(plugin, proof, id=f"{plugin}: {method} ({proof.name})")


def test_the_table_names_every_documented_method() -> None:
    assert {plugin: len(methods) for plugin, methods in PROOFS.items()} == DOCUMENTED
    assert sum(DOCUMENTED.values()) == 55
    assert [(plugin, method) for plugin, methods in PROOFS.items() for method, proofs in methods.items() if not proofs] == []


@pytest.mark.parametrize(("plugin", "proof"), list(cases(changes=False)))
def test_a_method_that_reads(shared: World, plugin: str, proof: Proof) -> None:
    proof.run(shared, shared.upstreams[plugin])


@pytest.mark.parametrize(("plugin", "proof"), list(cases(changes=True)))
def test_a_method_that_changes(make: Make, plugin: str, proof: Proof) -> None:
    world = make([plugin], records=80)
    proof.run(world, world.upstreams[plugin])


@pytest.fixture
def simulated_boxis(make: Make) -> Callable[..., tuple[World, Upstream]]:
    def simulate(clock_offset: int = 0, **table: str) -> tuple[World, Upstream]:
        sandbox = plugins().found["boxis"].sandbox()(records=40, now=NOW)
        sandbox.clock_offset = clock_offset  # type: ignore[attr-defined]
        world = make(simulated={"boxis": sandbox}, tables={"boxis": table})
        return world, world.upstreams["boxis"]

    return simulate


def test_getcdr_as_xml_is_the_same(simulated_boxis: Callable[..., tuple[World, Upstream]]) -> None:
    world, upstream = simulated_boxis(return_type="xml")
    nodes = listed(world, KINDS["Call"], fields="durationSeconds status from { number name } native")
    truths = expected(world, "Call")
    assert keys(nodes) == [truth.key for truth in truths]
    for node, truth in zip(nodes, truths, strict=True):
        assert (node["durationSeconds"], node["status"], node["from"]["name"]) == (
            truth.shown["durationSeconds"],
            truth.shown["status"],
            truth.shown["from"]["name"],
        )
        # An empty element may have been "" or null.
        assert {name: value or None for name, value in node["native"].items()} == {name: value or None for name, value in truth.row.items()}
    assert {entry["parameters"]["returntype"] for entry in upstream.journal()} == {"xml"}


@pytest.mark.parametrize("return_type", ["json", "xml"])
@pytest.mark.parametrize("seconds", [-7200, 300])
def test_getcdr_with_a_wrong_clock_is_asked_again_with_the_right_one(
    simulated_boxis: Callable[..., tuple[World, Upstream]], seconds: int, return_type: str
) -> None:
    world, upstream = simulated_boxis(seconds, return_type=return_type)
    assert keys(listed(world, KINDS["Call"])) == [truth.key for truth in expected(world, "Call")]
    first, second, *others = [entry["parameters"] for entry in upstream.journal()]
    assert first == second
    assert second not in others
    upstream.forget()
    listed(world, KINDS["Call"])
    again = [entry["parameters"] for entry in upstream.journal()]
    assert again != []
    assert [parameters for place, parameters in enumerate(again) if parameters in again[:place]] == []


@pytest.mark.parametrize("return_type", ["json", "xml"])
@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"user_key": "wrong"}, "UNAUTHORIZED"), ({"username": "x@example.com"}, "UNAUTHORIZED"), ({"tenant": "VOICE-1-1"}, "BAD_ANSWER")],
)
def test_getcdr_refused_is_told_in_our_words(
    simulated_boxis: Callable[..., tuple[World, Upstream]], wrong: dict[str, str], code: str, return_type: str
) -> None:
    world, _ = simulated_boxis(return_type=return_type, **wrong)
    (problem,) = world.ask("{ calls { problems { code provider { name } message } } }")["calls"]["problems"]
    assert (problem["code"], problem["provider"]["name"]) == (code, "boxis")
    assert "wrong" not in problem["message"]


def test_nothing_of_the_credentials_is_in_a_journal(still: World) -> None:
    still.ask("{ calls(first: 3) { nodes { id } } }")
    for upstream in still.upstreams.values():
        text = json.dumps(upstream.client.get(f"{upstream.origin}/_sandbox/requests").json()).lower()
        assert text != "[]"
        assert not [word for word in ("api_key", "authcode", "password", "bearer", "x-auth") if word in text]
