"""Reloading: a changed configuration is taken up; a wrong one changes nothing."""

from pathlib import Path

import pytest

from telegraphql.gateway.config import GatewaySettings, build_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.http.reload import reload_config
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
