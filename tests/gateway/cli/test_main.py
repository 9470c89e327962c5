"""The `telegraphql` command: what it prints, how it ends, and errors of one line that say what to do."""

import json
import signal
import socket
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
import typer
from typer.testing import CliRunner

from telegraphql import __version__
from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.cli import main, provider_check
from telegraphql.gateway.errors import Unauthorized
from telegraphql.gateway.federation import subgraph
from telegraphql.gateway.federation.entities import federated_schema
from telegraphql.gateway.graphql.provider_descriptions import describe_providers
from telegraphql.gateway.plugin.fault_modes import FAULT_MODES
from telegraphql.gateway.plugin.registry import Plugins, plugins
from tests.support.memory_provider import Memory, Store
from tests.support.repository import ROOT

RUNNER = CliRunner()


class Empty(Memory):
    """Has no records."""

    store = Store()


class Refused(Memory):
    """Its credentials are wrong."""

    plugin = "refused"

    async def check(self) -> None:
        """Refuse."""
        raise Unauthorized("refused the credentials")


@pytest.fixture(autouse=True)
def _plugins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = Plugins({"memory": Empty, "refused": Refused}, {})
    monkeypatch.setattr("telegraphql.gateway.runtime.plugins", lambda: installed)
    monkeypatch.setattr(sandbox_servers, "plugins", lambda: installed)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(main.out, "width", 160)


def configured(folder: Path, **providers: str) -> Path:
    path = folder / "gateway.toml"
    path.write_text("\n".join(f'[providers.{name}]\nplugin = "{plugin}"' for name, plugin in providers.items()))
    return path


def test_the_version_is_printed() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    told = RUNNER.invoke(main.commands, ["--version"])
    assert (told.exit_code, told.stdout) == (0, f"telegraphql {declared}\n")
    assert declared == __version__


def failing(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """How the console script ends, and its one line."""
    monkeypatch.setattr(sys, "argv", ["telegraphql", *arguments])
    with pytest.raises(SystemExit) as ended:
        main.main()
    (line,) = capfd.readouterr().err.splitlines()
    return int(str(ended.value.code)), line


def test_the_schema_is_printed_in_graphqls_own_language() -> None:
    found = RUNNER.invoke(main.commands, ["schema"])
    assert (found.exit_code, found.output) == (0, (ROOT / "schema/schema.graphql").read_text("utf-8"))


def test_the_subgraph_is_printed_as_routers_are_told_it() -> None:
    found = RUNNER.invoke(main.commands, ["schema", "--federation"])
    described = describe_providers(federated_schema(), plugins().found)
    assert (found.exit_code, found.output) == (0, subgraph.subgraph_sdl(described))
    assert 'type Call implements TimelineEntry & TimedRecord & Record & Node @key(fields: "id") {' in found.output


def test_a_good_check_ends_well(tmp_path: Path) -> None:
    found = RUNNER.invoke(main.commands, ["check", "--config", str(configured(tmp_path, one="memory"))])
    assert found.exit_code == 0
    assert [line for line in found.output.splitlines() if "one" in line and "ok" in line] != []


def test_a_bad_check_says_what_to_do_and_ends_badly(tmp_path: Path) -> None:
    found = RUNNER.invoke(main.commands, ["check", "--config", str(configured(tmp_path, one="memory", two="refused"))])
    assert found.exit_code == 1
    (line,) = [line for line in found.output.splitlines() if "two" in line]
    advice = provider_check.ADVICE[Unauthorized.problem]
    assert ("UNAUTHORIZED" in line, "refused the credentials;" in line, advice in line) == (True, True, True)


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_missing_configuration_is_one_line(command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    assert failing(monkeypatch, capfd, command) == (
        2,
        "telegraphql: telegraphql.toml does not exist; write one with `telegraphql init`, or try `telegraphql serve --sandbox`",
    )


def test_a_wrong_configuration_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('[server]\nprt = 1\n[providers.acme]\nplugin = "[red]memory[/red]"\n')
    assert failing(monkeypatch, capfd, "serve", "--config", str(path)) == (
        2,
        f"telegraphql: {path}:2: server.prt: unknown key; did you mean port?",
    )
    path.write_text('[providers.acme]\nplugin = "[red]memory[/red]"\n')
    words = f"telegraphql: {path}:2: providers.acme.plugin: no plugin '[red]memory[/red]' is installed; installed: memory, refused"
    assert failing(monkeypatch, capfd, "check", "--config", str(path)) == (2, words)


def test_a_document_without_a_place_for_the_matrix_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "README.md"
    words = f"telegraphql: --into {path} cannot be updated (No such file or directory); name an existing document"
    assert failing(monkeypatch, capfd, "matrix", "--into", str(path)) == (2, words)
    path.write_text("no tables\n")
    status, line = failing(monkeypatch, capfd, "matrix", "--into", str(path))
    assert (status, "has no markers for the tables; add the lines" in line, path.read_text()) == (2, True, "no tables\n")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else has."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]


def test_a_port_that_is_taken_is_one_line(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = configured(tmp_path, one="memory")
    monkeypatch.setattr(sys, "argv", ["telegraphql", "serve", "--config", str(path), "--port", str(taken)])
    with pytest.raises(SystemExit) as ended:
        main.main()
    last = capfd.readouterr().err.splitlines()[-1]
    assert (ended.value.code, last) == (2, f"telegraphql: cannot listen on 127.0.0.1:{taken}; choose another --port")


@pytest.mark.parametrize(
    "arguments", [["serve", "--port", "70000"], ["sandbox", "--records", "0"], ["sandbox", "--port-base", "70000"], ["nothing"]]
)
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    assert RUNNER.invoke(main.commands, arguments).exit_code == 2


def test_the_faults_of_sandboxes_are_listed_with_the_commands_that_switch_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    result = RUNNER.invoke(main.commands, ["sandbox", "--faults", "--port-base", "9300"])
    assert result.exit_code == 0
    assert [mode for mode in FAULT_MODES if f" {mode} " not in result.output] == []
    assert FAULT_MODES["clamped_page"] in result.output
    assert "boxis: http://127.0.0.1:9304/_sandbox/faults" in result.output
    assert """curl -X PUT http://127.0.0.1:PORT/_sandbox/faults""" in result.output


def test_every_command_and_option_is_described() -> None:
    group = typer.main.get_command(main.commands)
    commands: dict[str, Any] = getattr(group, "commands", {})
    assert set(commands) >= {"serve", "sandbox", "check", "schema"}
    assert [name for name, command in commands.items() if not command.help] == []
    options = [option for command in commands.values() for option in command.params]
    assert [option.name for option in options if not option.help] == []


def test_the_server_says_where_it_is_answers_and_stops_when_told(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text("")
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    program = [sys.executable, "-m", "telegraphql.gateway.cli.main", "serve", "--config", str(path), "--port", str(port)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        assert served.stdout.readline() == f"TelegraphQL with no providers: open http://127.0.0.1:{port}/ in a browser\n"
        try:
            assert health(port) == {"status": "ok", "version": __version__}
        finally:
            served.send_signal(signal.SIGTERM)
        assert served.wait(20) in (0, -signal.SIGTERM)


def test_probes_are_answered_at_the_address_of_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    with socket.socket() as sock:
        sock.bind(("127.0.0.2", 0))
        port = sock.getsockname()[1]
    path.write_text(f"[server]\nhealth_port = {port}\n")
    program = [sys.executable, "-m", "telegraphql.gateway.cli.main", "serve", "--config", str(path), "--host", "127.0.0.2", "--port", "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        assert served.stdout.readline() == "TelegraphQL with no providers: open http://127.0.0.2:0/ in a browser\n"
        try:
            assert health(port, "127.0.0.2") == {"status": "ok", "version": __version__, "loopLagSeconds": ANY}
        finally:
            served.send_signal(signal.SIGTERM)


def health(port: int, host: str = "127.0.0.1") -> object:
    """What /healthz says, once somebody listens."""
    for attempt in range(100):
        try:
            with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=5) as answer:
                return json.loads(answer.read())
        except OSError:
            if attempt == 99:
                raise
            signal.sigtimedwait([], 0.1)
    return None
