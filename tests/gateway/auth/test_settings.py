"""Settings of callers: every wrong one is named by its key, and none is shown."""

from datetime import UTC, datetime
from typing import Any

import pytest

from telegraphql.gateway.auth.api_keys import hash_key
from telegraphql.gateway.auth.settings import CallersSettings, is_loopback
from telegraphql.gateway.errors import SettingsError
from tests.gateway.auth.gateways import house, settings

HASH = hash_key("tgq_mine")
JWT = {"issuer": "https://id.example", "audience": "telegraphql", "jwks_url": "https://id.example/keys"}


def key(**table: Any) -> dict[str, Any]:
    return {"keys": {"acme": {"hash": HASH} | table}}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a key in place of its hash": (key(hash="tgq_mine"), "callers.keys.acme.hash: write sha256: and 64 hexadecimal digits"),
    "no hash": ({"keys": {"acme": {}}}, "callers.keys.acme.hash: is missing"),
    "an unknown scope": (key(scopes=["raed"]), "callers.keys.acme.scopes.0: write one of 'read', 'media', 'write' or 'admin'"),
    "an unknown provider": (key(providers=["seen", "sen"]), "callers.keys.acme.providers: no provider 'sen' is configured"),
    "an unknown thing to withhold": (key(redact=["all"]), "callers.keys.acme.redact.0: write one of 'native', 'personal' or 'recordings'"),
    "an unknown key": (key(scope=["read"]), "callers.keys.acme.scope: unknown key"),
    "a moment that is none": (key(expires_at="soon"), "callers.keys.acme.expires_at: "),
    "a reserved name": ({"keys": {"anonymous": {"hash": HASH}}}, "callers.keys: the name 'anonymous' must consist of"),
    "a name with a colon": ({"keys": {"jwt:me": {"hash": HASH}}}, "callers.keys: the name 'jwt:me' must consist of"),
    "one key twice": ({"keys": {"a": {"hash": HASH}, "b": {"hash": HASH}}}, "callers.keys: a and b have the same key"),
    "a symmetric algorithm": ({"jwt": JWT | {"algorithms": ["HS256"]}}, "callers.jwt.algorithms: 'HS256' is not allowed"),
    "no algorithm": ({"jwt": JWT | {"algorithms": ["none"]}}, "callers.jwt.algorithms: 'none' is not allowed"),
    "no algorithms": ({"jwt": JWT | {"algorithms": []}}, "callers.jwt.algorithms: List should have at least 1 item"),
    "no source of keys": ({"jwt": {"issuer": "x", "audience": "y"}}, "callers.jwt: set either jwks_url or jwks_file"),
    "two sources of keys": ({"jwt": JWT | {"jwks_file": "x"}}, "callers.jwt: set either jwks_url or jwks_file"),
    "keys that anybody can change": (
        {"jwt": JWT | {"jwks_url": "http://id.example/keys"}},
        "callers.jwt: jwks_url must begin with https://",
    ),
    "a sign-in at no address": (
        {"jwt": JWT | {"issuer": "id", "console": {"client_id": "console"}}},
        "callers.jwt: the console signs in at an issuer that is a URL",
    ),
    "a path in place of an origin": (
        {"jwt": JWT | {"console": {"client_id": "console", "token_origins": ["https://id.example/token"]}}},
        "callers.jwt.console.token_origins: 'https://id.example/token' is no origin",
    ),
    "no issuer": ({"jwt": JWT | {"issuer": ""}}, "callers.jwt.issuer: String should have at least 1 character"),
    "a provider that no token can see": ({"jwt": JWT | {"providers": ["x"]}}, "callers.jwt.providers: no provider 'x' is configured"),
    "a file that is not there": (
        {"jwt": {"issuer": "x", "audience": "y", "jwks_file": "/nowhere/keys.json"}},
        "callers.jwt.jwks_file: /nowhere/keys.json is not a readable set of public keys",
    ),
    "an unknown scope for everybody": ({"anonymous": ["all"]}, "callers.anonymous.0: write one of 'read'"),
}


@pytest.mark.parametrize(("callers", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_named_by_its_key(callers: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        house(callers)
    assert str(refused.value).startswith(words)
    assert "tgq_" not in str(refused.value)
    assert HASH not in str(refused.value)


def test_a_key_expires_in_utc_unless_it_says_otherwise() -> None:
    ends = [settings(key(expires_at=text)).callers.keys["acme"].expires_at for text in ("2027-01-01T00:00:00", "2027-01-01T01:00:00+01:00")]
    assert ends == [datetime(2027, 1, 1, tzinfo=UTC)] * 2


def test_a_hash_is_not_shown() -> None:
    assert HASH not in repr(settings(key()))
    assert HASH not in str(settings(key()).callers)


def test_keys_come_from_the_environment_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAPHQL_CALLERS__ANONYMOUS", '["read"]')
    assert settings().callers.anonymous == ["read"]
    assert settings().callers.is_open is False


def test_without_callers_the_gateway_is_open() -> None:
    assert CallersSettings().is_open is True
    assert [settings(each).callers.is_open for each in (key(), {"jwt": JWT}, {"anonymous": []})] == [False] * 3


def test_the_console_asks_the_issuer_and_where_the_tokens_are() -> None:
    console = {"client_id": "console", "token_origins": ["https://tokens.example.com"]}
    tokens = settings({"jwt": JWT | {"issuer": "https://id.example.com/realms/a", "console": console}}).callers.jwt
    assert tokens is not None
    assert tokens.console_origins == ["https://id.example.com", "https://tokens.example.com"]
    plain = settings({"jwt": JWT}).callers.jwt
    assert plain is not None
    assert plain.console_origins == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_loopback_is_this_machine(host: str) -> None:
    assert is_loopback(host) is True


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.0.0.1", "gateway", "localhost.example.com", "127.0.0.1.example.com", "1270.0.0.1"]
)
def test_everything_else_is_not(host: str) -> None:
    assert is_loopback(host) is False
