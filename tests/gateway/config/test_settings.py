"""The configuration: checked to the last key, its secrets from elsewhere and never shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from telegraphql.gateway.config.settings import GatewaySettings, build_config, read_config
from telegraphql.gateway.errors import SettingsError

SECRET = "s3cr3t-s3cr3t-s3cr3t"
PROVIDER = '[providers.acme]\nplugin = "memory"\n'


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def written(folder: Path, text: str) -> GatewaySettings:
    path = folder / "gateway.toml"
    path.write_text(text, "utf-8")
    return read_config(path)


def test_nothing_needs_to_be_said(tmp_path: Path) -> None:
    found = written(tmp_path, "")
    assert (found.server.host, found.server.port, found.server.public_url) == ("127.0.0.1", 8000, "")
    assert (found.media.link_lifetime, found.limits.scan_requests, found.limits.upstream_requests) == (timedelta(hours=1), 50, 2000)
    assert found.providers == {}


def test_what_is_written_is_taken(tmp_path: Path) -> None:
    text = f'[server]\nport = 9000\n[media]\nlink_lifetime = "5m"\n[limits]\nscan_requests = 7\n{PROVIDER}base_url = "x"\n'
    found = written(tmp_path, text)
    assert (found.server.port, found.media.link_lifetime, found.limits.scan_requests) == (9000, timedelta(minutes=5), 7)
    assert found.providers == {"acme": {"plugin": "memory", "base_url": "x"}}


def test_the_file_is_looked_for_here_unless_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as missing:
        read_config(None)
    assert str(missing.value) == "telegraphql.toml does not exist; write one with `telegraphql init`, or try `telegraphql serve --sandbox`"
    (tmp_path / "telegraphql.toml").write_text("[server]\nport = 1\n")
    assert read_config(None).server.port == 1


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gateway\.toml is not TOML: .*line 1"):
        written(tmp_path, f"key = {SECRET}")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"binary\.toml is not TOML"):
        read_config(tmp_path / "binary.toml")
    with pytest.raises(SettingsError, match=r"cannot read .* \(Is a directory\)"):
        read_config(tmp_path)


def test_secrets_come_from_the_environment_or_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY", SECRET)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "acme").write_text(f"{SECRET} 2\n")
    text = f"""{PROVIDER}key = {{ env = "ACME_KEY" }}
password = {{ file = "secrets/acme" }}
key_file = "acme.json"
[media]
secret = {{ env = "ACME_KEY" }}"""
    found = written(tmp_path, text)
    acme = found.providers["acme"]
    assert (acme["key"], acme["password"], acme["key_file"]) == (SECRET, f"{SECRET} 2", str(tmp_path / "acme.json"))
    assert found.media.secret.get_secret_value() == SECRET
    assert SECRET not in repr(found) + str(found)


def test_no_value_is_in_the_words_about_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY", SECRET)
    for text in (
        '[server]\nport = { env = "ACME_KEY" }',
        '[media]\nlifetime = { env = "ACME_KEY" }',
        '[providers]\nacme = { env = "ACME_KEY" }',
        '[media.secret]\nx = { env = "ACME_KEY" }',
        '[[providers.acme]]\nx = { env = "ACME_KEY" }',
    ):
        with pytest.raises(SettingsError) as wrong:
            written(tmp_path, text)
        assert SECRET not in str(wrong.value)
        assert wrong.value.__suppress_context__


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAPHQL_SERVER__PORT", "9001")
    monkeypatch.setenv("TELEGRAPHQL_LIMITS__SCAN_REQUESTS", "8")
    monkeypatch.setenv("TELEGRAPHQL_PROVIDERS__ACME__PASSWORD", SECRET)
    found = written(tmp_path, f'[server]\nport = 1\nhost = "0.0.0.0"\n{PROVIDER}')
    assert (found.server.port, found.server.host, found.limits.scan_requests) == (9001, "0.0.0.0", 8)
    assert found.providers == {"acme": {"plugin": "memory", "password": SECRET}}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TELEGRAPHQL_SERVER__PRT", "1", "server.prt: unknown key; did you mean port?"),
        ("TELEGRAPHQL_SERVER__PORT", SECRET, "server.port: write a whole number; this is text"),
        ("TELEGRAPHQL_SERVR__PORT", "1", "TELEGRAPHQL_SERVR__PORT: unknown variable; did you mean TELEGRAPHQL_SERVER?"),
        (
            "TELEGRAPHQL_SERVER_PORT",
            "1",
            "TELEGRAPHQL_SERVER_PORT: write two underscores between table and key: TELEGRAPHQL_SERVER__PORT",
        ),
        ("TELEGRAPHQL_SERVER", SECRET, 'environment variables: error parsing value for field "server"'),
    ],
)
def test_what_is_wrong_in_the_environment_is_named_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as wrong:
        written(tmp_path, "")
    assert str(wrong.value).startswith(words)
    assert SECRET not in str(wrong.value)


def test_the_secret_of_links_is_new_each_time_unless_it_is_set() -> None:
    one, other = (build_config({}, Path()).media.secret.get_secret_value() for _ in range(2))
    assert one != other
    assert min(len(one), len(other)) >= 32


def test_every_setting_is_described() -> None:
    tables = [field.annotation for name, field in GatewaySettings.model_fields.items() if name not in ("providers", "config_version")]
    missing = [
        f"{table.__name__}.{name}" for table in tables if table for name, field in table.model_fields.items() if not field.description
    ]
    assert (len(tables) >= 3, missing) == (True, [])


def test_an_account_without_its_secret_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").write_text(" \n")
    tables = {
        "variable": 'key = { env = "NOT_SET" }',
        "gone": 'key = { file = "gone" }',
        "folder": 'key = { file = "." }',
        "binary": 'key = { file = "binary" }',
        "empty": 'key = { file = "empty" }',
        "whole": 'key = "x"',
    }
    found = written(tmp_path, "".join(f'[providers.{name}]\nplugin = "memory"\n{line}\n' for name, line in tables.items()))
    assert found.unusable == {
        "variable": "providers.variable.key: the environment variable NOT_SET is not set",
        "gone": "providers.gone.key: cannot read gone (No such file or directory)",
        "folder": "providers.folder.key: cannot read . (Is a directory)",
        "binary": "providers.binary.key: binary is not UTF-8 text",
        "empty": "providers.empty.key: empty is empty",
    }


def test_variables_that_kubernetes_sets_for_a_service_of_this_name_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_8000_TCP", "PORT_8000_TCP_ADDR"):
        monkeypatch.setenv(f"TELEGRAPHQL_{name}", "tcp://10.0.0.1:8000")
    assert build_config({}, Path()).server.port == 8000


def test_secrets_in_a_file_that_others_can_read_are_warned_of(tmp_path: Path) -> None:
    text = '[providers.desk]\nplugin = "voipstudio"\napi_token = "abc"\n'
    path = tmp_path / "gateway.toml"
    path.write_text(text)
    path.chmod(0o644)
    assert read_config(path).warnings == (
        f"every user of this machine can read {path}, which holds providers.desk.api_token: "
        "chmod 600, or move the secrets elsewhere with { file = ... } or { env = ... }",
    )
    path.chmod(0o600)
    assert read_config(path).warnings == ()
