"""The configured providers: built from their tables, wrong ones named, closed together."""

import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, SecretStr

from telegraphql.gateway.config import GatewaySettings, build_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.client import Request
from tests.support.memory_provider import Memory, Offline

SECRET = "s3cr3t"


class KeyedSettings(Offline):
    """Needs a key."""

    api_key: SecretStr
    media_url: str | None = None
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


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({**KEYED, "colour": "red"}, "providers.acme.colour: unknown key"),
    "missing key": ({"plugin": "keyed"}, "providers.acme.api_key: Field required"),
    "wrong type": ({**KEYED, "most": SECRET}, "providers.acme.most: Input should be a valid integer, unable to parse string as an integer"),
    "out of range": ({**KEYED, "most": 0}, "providers.acme.most: Input should be greater than or equal to 1"),
    "unknown limit": ({**KEYED, "limits": {"x": 1}}, "providers.acme.limits.x: unknown key"),
    "no plugin": ({"plugin": "large"}, "no plugin 'large' is installed; installed: keyed, memory"),
    "no certificates": ({**KEYED, "ca_file": "gone.pem"}, "providers.acme.ca_file: cannot be read as a PEM file of certificates"),
    "no scheme": (
        {**KEYED, "base_url": "api.example.com"},
        "providers.acme.base_url: write a URL with scheme and host, such as https://api.example.com",
    ),
    "a query": (
        {**KEYED, "base_url": f"https://api.example.com/?key={SECRET}"},
        "providers.acme.base_url: write a URL with scheme and host, such as https://api.example.com",
    ),
    "another URL without TLS": (
        {**KEYED, "base_url": "https://api.example.com", "media_url": "http://media.example.com"},
        "providers.acme.media_url: write https://, as in `base_url`: the same credentials go there",
    ),
}


@pytest.mark.parametrize(
    ("base", "media"), [("https://api.example.com", "https://media.example.com"), ("http://127.0.0.1:1", "http://127.0.0.1:2")]
)
async def test_the_urls_of_a_provider_may_be_of_one_scheme(base: str, media: str) -> None:
    made = engine(acme={**KEYED, "base_url": base, "media_url": media})
    assert list(made.providers) == ["acme"]
    await made.aclose()


@pytest.mark.parametrize(("table", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_provider_is_named_by_its_key_without_its_value(table: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        engine(acme=table)
    assert str(wrong.value) == words
    assert wrong.value.__suppress_context__ or wrong.value.__context__ is None


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
