"""Accounts: several of one plugin in one list, each its own, whatever ids they share."""

import pytest

from telegraphql.gateway.plugin.registry import plugins
from tests.endtoend.conftest import Make
from tests.endtoend.ground_truth import expected
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import Walk, key, keys, listed
from tests.endtoend.test_lists import differences
from tests.endtoend.world import World
from tests.support.clock import NOW

# Two accounts of each plugin; the names put each plugin's accounts apart in the order of providers.
ACCOUNTS = {"acme-eu": ("voximplant", 1), "zeta": ("voximplant", 2), "beta": ("voipstudio", 1), "acme-uk": ("voipstudio", 2)}
ACCOUNTS |= {"pbx.one": ("portsip", 1), "PBX_two": ("portsip", 2), "ch-1": ("boxis", 1), "ch-2": ("boxis", 2)}


@pytest.fixture(scope="module")
def accounts(make: Make) -> World:
    found = plugins().found
    simulated = {name: found[plugin].sandbox()(records=40, seed=seed, now=NOW) for name, (plugin, seed) in ACCOUNTS.items()}
    return make(simulated=simulated)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_accounts_of_one_plugin_stand_in_one_list(accounts: World, kind: Kind) -> None:
    truths = expected(accounts, kind.name)
    nodes = listed(accounts, kind, fields=kind.fields)
    assert keys(nodes) == [truth.key for truth in truths]
    assert differences(nodes, truths) == []


def test_accounts_share_native_ids_and_stay_apart(accounts: World) -> None:
    """The documents' examples are at both accounts of a plugin under the same ids."""
    natives = [truth.native_id for truth in expected(accounts, "Call")]
    shared = {native for native in natives if natives.count(native) > 1}
    nodes = [node for node in listed(accounts, KINDS["Call"], fields="session { id provider { name } }") if node["nativeId"] in shared]
    assert len(nodes) >= 2 * len(shared) >= 8
    assert len({node["id"] for node in nodes}) == len(nodes)
    assert all(node["session"]["provider"] == node["provider"] for node in nodes)
    again = accounts.ask(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Record { nativeId provider { name } } } }", ids=[node["id"] for node in nodes]
    )
    assert keys(again["nodes"]) == keys(nodes)


@pytest.mark.parametrize("size", [1, 13])
def test_a_walk_over_two_accounts_of_one_plugin(accounts: World, size: int) -> None:
    names = ["acme-eu", "zeta", "ch-1", "ch-2"] if size > 1 else ["beta", "acme-uk"]
    found = keys(Walk(KINDS["Call"], size, filter={"providers": names}).all(accounts))
    assert found == [truth.key for truth in expected(accounts, "Call", providers=names)]


def test_one_account_is_asked_where_only_it_is_named(accounts: World) -> None:
    accounts.forget()
    nodes = listed(accounts, KINDS["Call"], {"providers": ["zeta"]})
    assert {key(node)[0] for node in nodes} == {"zeta"}
    assert [name for name, upstream in accounts.upstreams.items() if upstream.journal()] == ["zeta"]


def test_providers_are_told_with_their_plugins(accounts: World) -> None:
    told = accounts.ask('{ providers { name plugin health { status lastProblem { code } } } provider(name: "PBX_two") { plugin } }')
    assert [(each["name"], each["plugin"]) for each in told["providers"]] == sorted(
        (name, plugin) for name, (plugin, _) in ACCOUNTS.items()
    )
    assert all(each["health"] == {"status": "HEALTHY", "lastProblem": None} for each in told["providers"])
    assert told["provider"] == {"plugin": "portsip"}
