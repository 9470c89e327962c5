"""The configured providers: built from their tables, wrong ones named, closed together."""

import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, SecretStr

from telegraphql.gateway.config.settings import GatewaySettings, build_config
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.client import Request
from tests.support.memory_provider import Memory, Offline

SECRET = "s3cr3t"


class KeyedSettings(Offline):
    """Needs a key."""

    api_key: SecretStr
    most: int = Field(default=5, ge=1)


class Keyed(Memory):
    """Needs a key, and writes international numbers without a plus."""

    plugin = "keyed"
    settings_type = KeyedSettings
    bare_numbers_are_international = True


PLUGINS = Plugins({"memory": Memory, "keyed": Keyed}, {"broken": "ImportError: oops"})


def settings(**providers: dict[str, Any]) -> GatewaySettings:
    return build_config({"providers": providers}, Path())


def engine(**providers: dict[str, Any]) -> Runtime:
    return Runtime.build(settings(**providers), PLUGINS)


KEYED = {"plugin": "keyed", "api_key": SECRET}


async def test_several_accounts_of_one_plugin_have_a_name_each() -> None:
    made = engine(eu=KEYED, us={**KEYED, "api_key": "other"}, lab={"plugin": "memory", "region": "DE"})
    assert {name: type(serving.provider).plugin for name, serving in made.providers.items()} == {
        "eu": "keyed",
        "us": "keyed",
        "lab": "memory",
    }
    assert [made.providers[name].provider.settings.api_key.get_secret_value() for name in ("eu", "us")] == [SECRET, "other"]
    assert made.providers["eu"].provider.numbering.e164("41616925879") == "+41616925879"
    assert made.providers["lab"].provider.numbering.e164("030 2639366") == "+49302639366"
    assert made.providers["lab"].provider.upstream is not made.providers["eu"].provider.upstream
    await made.aclose()


async def test_a_broken_plugin_leaves_out_only_its_providers(caplog: pytest.LogCaptureFixture) -> None:
    made = engine(old={"plugin": "broken", "x": 1}, new={"plugin": "memory"})
    assert (list(made.providers), made.broken) == (["new"], {"old": "its plugin broken is broken: ImportError: oops"})
    assert [record.getMessage() for record in caplog.records] == [
        "the provider old is disabled: its plugin broken is broken: ImportError: oops"
    ]
    await made.aclose()


async def test_each_request_has_a_context_of_its_own_with_the_configured_limits() -> None:
    chosen = build_config(
        {"limits": {"scan_requests": 7, "upstream_requests": 11, "deadline": "3s"}, "providers": {"a": {"plugin": "memory"}}}, Path()
    )
    made = Runtime.build(chosen, PLUGINS)
    one, other = made.context(), made.context()
    assert (one.most_slices, one.budget.max_requests) == (7, 11)
    assert one.budget.deadline is not None
    assert 2 < one.budget.deadline - time.monotonic() <= 3
    assert (one.loaders is other.loaders, one.budget is other.budget) == (False, False)
    assert [provider.name for provider in one.providers()] == ["a"]
    assert one.health("a") == made.providers["a"].provider.upstream.health.shown()
    await made.aclose()


async def test_closing_closes_every_provider() -> None:
    made = engine(a={"plugin": "memory"}, b={"plugin": "memory"})
    await made.aclose()
    for serving in made.providers.values():
        with pytest.raises(RuntimeError, match="closed"):
            await serving.provider.upstream.ask(Request(operation="x", auth=False))


async def test_no_secret_is_in_a_repr() -> None:
    made = engine(a={**KEYED, "base_url": "https://api.example.com"})
    assert SECRET not in repr(made) + repr(made.context()) + repr(made.providers["a"]) + repr(made.providers["a"].provider.settings)
    await made.aclose()
