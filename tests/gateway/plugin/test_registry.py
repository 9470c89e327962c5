"""Plugins found through entry points: a broken one is named and does not stop the others."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.registry import GROUP, Plugins, load
from tests.support.memory_provider import Memory, Small


class Bare(Provider):
    """Serves nothing."""

    plugin = "bare"


class Newer(Small):
    """Is written for a later contract."""

    plugin = "newer"
    contract_version = 2


class Older(Small):
    """Is written for an earlier contract."""

    plugin = "older"
    contract_version = 0


@pytest.fixture(autouse=True)
def _module(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("fake_plugins")
    vars(module).update(Memory=Memory, Small=Small, Bare=Bare, Newer=Newer, Older=Older, text="x")
    vars(module).update(Other=type("Other", (), {"plugin": "other"}))
    monkeypatch.setitem(sys.modules, "fake_plugins", module)


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, f"fake_plugins:{value}" if ":" not in value else value, GROUP)


GOOD = point("memory", "Memory")
BROKEN = {
    "no module": (point("x", "no_such_module:X"), "ModuleNotFoundError: No module named 'no_such_module'"),
    "no class": (point("x", "Nothing"), "AttributeError: module 'fake_plugins' has no attribute 'Nothing'"),
    "no type": (
        point("x", "text"),
        "SettingsError: the entry point 'x' must name a class derived from telegraphql.plugin.Provider",
    ),
    "no provider": (
        point("other", "Other"),
        "SettingsError: the entry point 'other' must name a class derived from telegraphql.plugin.Provider",
    ),
    "another name": (
        point("x", "Small"),
        "SettingsError: the class Small has plugin = 'small', but its entry point is 'x': use one name for both",
    ),
    "no version": (point("bare", "Bare"), "SettingsError: the class Bare has no contract_version: write contract_version = 1"),
    "a later contract": (
        point("newer", "Newer"),
        "SettingsError: it is written for version 2 of the plugin contract, and this gateway has version 1: install a newer gateway",
    ),
    "an earlier contract": (
        point("older", "Older"),
        "SettingsError: it is written for version 0 of the plugin contract, and this gateway has version 1: "
        "install a newer release of the plugin",
    ),
}


@pytest.mark.parametrize(("broken", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_named_and_the_others_stay(broken: EntryPoint, words: str, caplog: pytest.LogCaptureFixture) -> None:
    found = load([broken, GOOD])
    assert (dict(found.found), dict(found.broken)) == ({"memory": Memory}, {broken.name: words})
    assert [record.getMessage() for record in caplog.records] == [f"the plugin {broken.name} is broken and disabled: {words}"]
    with pytest.raises(SettingsError) as refused:
        found.named(broken.name)
    assert str(refused.value) == f"its plugin {broken.name} is broken: {words}"
    assert found.named("memory") is Memory


def test_two_plugins_of_one_name_are_not_guessed_between() -> None:
    found = load([GOOD, point("small", "Small"), GOOD])
    assert set(found.found) >= {"small"}
    with pytest.raises(SettingsError, match="two distributions define a plugin of this name: uninstall one"):
        found.named("memory")


def test_a_plugin_that_is_not_there_is_named_with_those_that_are() -> None:
    found = load([point("small", "Small"), GOOD])
    with pytest.raises(SettingsError, match="no plugin 'large' is installed; installed: memory, small"):
        found.named("large")
    with pytest.raises(SettingsError, match="no plugin 'large' is installed; installed: none"):
        Plugins({}, {}).named("large")
