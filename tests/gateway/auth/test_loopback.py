"""Binding: an open gateway does not listen where others can reach it, neither at the start nor after a reload."""

import sys
from pathlib import Path

import pytest

from telegraphql.gateway.auth.api_keys import hash_key
from telegraphql.gateway.auth.loopback import check_binding, is_allowed_host, open_access_warning, with_binding_check
from telegraphql.gateway.auth.settings import CallersSettings
from telegraphql.gateway.cli import main
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.errors import SettingsError
from tests.gateway.auth.gateways import PLUGINS, settings

OPEN = CallersSettings()
CLOSED = CallersSettings.model_validate({"keys": {"acme": {"hash": hash_key("tgq_x")}}})
EVERYBODY = CallersSettings(anonymous=[])
FAR = ["0.0.0.0", "::", "", "10.0.0.1", "gateway.internal"]


@pytest.mark.parametrize("host", FAR)
def test_an_open_gateway_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(SettingsError, match="no callers are configured") as refused:
        check_binding(host, OPEN)
    for way in ("telegraphql key new NAME", "[callers.jwt]", "127.0.0.1", "TELEGRAPHQL_CALLERS__ANONYMOUS"):
        assert way in str(refused.value)
    check_binding(host, CLOSED)
    check_binding(host, EVERYBODY)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_on_loopback_it_may_be_open(host: str) -> None:
    check_binding(host, OPEN)


def test_a_gateway_that_others_can_reach_does_not_become_open_by_a_reload() -> None:
    given = [settings({"anonymous": []}), settings({})]
    given[0].server.host = "0.0.0.0"
    read = with_binding_check(lambda: given.pop(0))
    read()
    with pytest.raises(SettingsError, match="no callers are configured"):
        read()


def test_who_checks_an_open_gateway_is_warned() -> None:
    assert "every program of this machine" in (open_access_warning("127.0.0.1", OPEN) or "")
    assert "can be reached from other machines" in (open_access_warning("0.0.0.0", OPEN) or "")
    assert open_access_warning("0.0.0.0", CLOSED) is None


def test_names_are_compared_whole() -> None:
    assert [is_allowed_host(host, ["desk.example"]) for host in ("localhost", "desk.example:80", "DESK.example", "x.desk.example", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("telegraphql.gateway.runtime.plugins", lambda: PLUGINS)
    monkeypatch.chdir(tmp_path)


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of the console script."""
    monkeypatch.setattr(sys, "argv", ["telegraphql", *arguments])
    with pytest.raises(SystemExit) as found:
        main.main()
    return int(str(found.value.code or 0))


@pytest.mark.parametrize("way", ["option", "file", "environment"])
def test_serving_an_open_gateway_to_others_ends_with_what_to_do(
    way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "telegraphql.toml").write_text('[server]\nhost = "0.0.0.0"\n' if way == "file" else "")
    if way == "environment":
        monkeypatch.setenv("TELEGRAPHQL_SERVER__HOST", "0.0.0.0")
    assert ended(monkeypatch, "serve", *(["--host", "0.0.0.0"] if way == "option" else [])) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("telegraphql: 0.0.0.0 can be reached from other machines, and no callers are configured")


def test_a_key_is_printed_once_with_a_table_that_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = ["--scope", "read", "--scope", "media", "--provider", "eu", "--redact", "personal", "--expires-at", "2999-01-01"]
    assert ended(monkeypatch, "key", "new", "desk", *given) == 0
    key, table = capfd.readouterr().out.split("\n", 1)
    assert (key[:4], key in table) == ("tgq_", False)
    (tmp_path / "telegraphql.toml").write_text(f'[providers.eu]\nplugin = "rich"\n{table}')
    found = read_config(None).callers.keys["desk"]
    assert (found.hash, found.providers, [scope.value for scope in found.scopes]) == (hash_key(key), ["eu"], ["read", "media"])
    assert (found.redact, str(found.expires_at)) == (["personal"], "2999-01-01 00:00:00+00:00")


def test_a_key_of_a_name_that_cannot_be_is_not_made(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert ended(monkeypatch, "key", "new", "anonymous") == 2
    told = capfd.readouterr()
    assert ("tgq_" in told.out + told.err, told.err.startswith("telegraphql: the name 'anonymous' must consist of")) == (False, True)


def test_a_check_warns_of_an_open_gateway(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "telegraphql.toml").write_text("")
    ended(monkeypatch, "check")
    assert "callers: no callers are configured" in capfd.readouterr().err
    (tmp_path / "telegraphql.toml").write_text("[callers]\nanonymous = []\n")
    ended(monkeypatch, "check")
    assert "callers:" not in capfd.readouterr().err
