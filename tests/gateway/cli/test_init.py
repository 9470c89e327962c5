"""A first configuration, asked for at the terminal."""

import tomllib
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from telegraphql.gateway.cli.main import commands
from telegraphql.gateway.config.json_schema import config_schema
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.runtime import Runtime
from tests.support.repository import ROOT


def init(path: Path, *answers: str) -> Result:
    return CliRunner().invoke(commands, ["init", "--config", str(path)], input="\n".join(answers) + "\n")


async def test_it_writes_a_file_that_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "telegraphql.toml"
    done = init(path, "voipstudo", "voipstudio", "a b", "desk", "", "DESK_TOKEN", "", "")
    assert done.exit_code == 0, done.output
    assert f"choose one of {', '.join(sorted(plugins().found))}" in done.output
    assert tomllib.loads(path.read_text()) == {
        "config_version": 1,
        "providers": {"desk": {"plugin": "voipstudio", "api_token": {"env": "DESK_TOKEN"}}},
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert "set the environment variable DESK_TOKEN" in done.output
    monkeypatch.setenv("DESK_TOKEN", "a-token-of-an-account")
    runtime = Runtime.build(read_config(path))
    assert (list(runtime.providers), runtime.broken, runtime.warnings) == (["desk"], {}, ())
    await runtime.aclose()


def test_settings_that_do_not_fit_together_are_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "telegraphql.toml"
    half = ("", "", "a@example.com", "")
    done = init(path, "voipstudio", "desk", *half, "", "", "a@example.com", "DESK_PASSWORD")
    assert done.exit_code == 0, done.output
    assert "set both `email` and `password`" in done.output
    assert tomllib.loads(path.read_text())["providers"]["desk"] == {
        "plugin": "voipstudio",
        "email": "a@example.com",
        "password": {"env": "DESK_PASSWORD"},
    }


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "telegraphql.toml"
    path.write_text("# mine\n")
    done = init(path, "voipstudio")
    assert (done.exit_code, str(done.exception)) == (
        1,
        f"{path} exists: add a table [providers.NAME] to it, or choose another file with --config",
    )
    assert path.read_text() == "# mine\n"


TOML = sorted(path for folder in ("deploy", "examples") for path in (ROOT / folder).rglob("*.toml") if "providers" in path.read_text())


@pytest.mark.parametrize("path", TOML, ids=lambda path: path.name)
def test_the_schema_for_editors_accepts_what_the_gateway_reads(path: Path) -> None:
    jsonschema.Draft202012Validator(config_schema(plugins().found)).validate(tomllib.loads(path.read_text()))


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nprt = 1",
        "[server]\nport = 'x'",
        "[media]\nlink_lifetime = '5'",
        "[providers.a]\nplugin = 'voipstudio'\ncolour = 1",
        "[providers.a]\nplugin = 'nobody'",
        "[callers.keys.a]\nhsh = 'x'",
    ],
)
def test_the_schema_for_editors_refuses_what_the_gateway_refuses(text: str) -> None:
    assert not jsonschema.Draft202012Validator(config_schema(plugins().found)).is_valid(tomllib.loads(text))
    assert jsonschema.Draft202012Validator(config_schema(plugins().found)).is_valid({"providers": {"a": {"plugin": "voipstudio"}}})
