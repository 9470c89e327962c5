"""Reloading: a changed configuration is taken up; a wrong one changes nothing."""

from pathlib import Path

import pytest

from telegraphql.gateway.config.settings import GatewaySettings, build_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.http.reload import NEED_RESTART, reload_config
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from tests.support.memory_provider import Memory

PLUGINS = Plugins({"memory": Memory}, {})


def settings(*names: str) -> GatewaySettings:
    return build_config({"providers": {name: {"plugin": "memory"} for name in names}}, Path())


@pytest.fixture(autouse=True)
def _only_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telegraphql.gateway.runtime.plugins", lambda: PLUGINS)


async def test_a_changed_configuration_is_taken_up_and_requests_under_way_keep_the_old_one() -> None:
    engine = Runtime.build(settings("one"))
    under_way = engine.context()
    old = reload_config(engine, lambda: settings("two"))
    assert [each.name for each in engine.context().providers()] == ["two"]
    assert [each.name for each in under_way.providers()] == ["one"]
    assert old is not None
    await old.aclose()
    await engine.aclose()


async def test_a_wrong_configuration_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    engine = Runtime.build(settings("one"))

    def wrong() -> GatewaySettings:
        raise SettingsError("telegraphql.toml is not TOML")

    assert reload_config(engine, wrong) is None
    assert [each.name for each in engine.context().providers()] == ["one"]
    assert "the configuration was not reloaded: telegraphql.toml is not TOML" in caplog.text
    await engine.aclose()


async def test_links_made_before_still_work_after() -> None:
    engine = Runtime.build(settings("one"))
    files = engine.files
    reload_config(engine, lambda: settings("two"))
    assert engine.files is files
    await engine.aclose()


async def test_changes_that_need_a_restart_are_named(caplog: pytest.LogCaptureFixture) -> None:
    engine = Runtime.build(settings("one"))
    changed = {
        "server": {"port": 9001, "host": "127.0.0.1", "public_url": "https://x.example"},
        "execution": {"compile": False},
        "limits": {"deadline": "3s"},
    }
    old = reload_config(engine, lambda: build_config({**changed, "providers": {"one": {"plugin": "memory"}}}, Path()))
    assert "these changes need a restart: server.port, execution.compile" in caplog.messages
    caplog.clear()
    reload_config(engine, lambda: engine.settings)
    assert caplog.messages == ["the configuration was reloaded: one"]
    assert old is not None
    await old.aclose()
    await engine.aclose()


def test_descriptions_and_the_list_agree_on_what_needs_a_restart() -> None:
    """Addresses and times of the process itself are in the list alone."""
    described = {
        f"{table}.{name}"
        for table, field in GatewaySettings.model_fields.items()
        if isinstance(field.annotation, type) and hasattr(field.annotation, "model_fields")
        for name, each in field.annotation.model_fields.items()
        if "needs a restart" in (each.description or "")
    }
    assert {key for key in described if key not in NEED_RESTART and key.split(".")[0] not in NEED_RESTART} == set()
