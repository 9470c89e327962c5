"""Wheel: what is installed from a wheel finds our own plugins, and those of somebody else, by their entry points."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import tomli_w

from telegraphql.gateway import sandbox_servers
from tests.endtoend.ground_truth import truths
from tests.endtoend.ground_truth.values import micros, told
from tests.endtoend.list_walks import key
from tests.endtoend.processes_of_ours import answers, free_port, until
from tests.endtoend.world import Row, Upstream, simulate
from tests.support.clock import NOW
from tests.support.installation import OUTER, Installed
from tests.support.repository import ROOT
from tests.third_party import notebook

pytestmark = pytest.mark.slow
SHOW = """import json
from telegraphql.gateway.plugin import registry
found = registry.plugins()
names = {name: plugin.__module__ for name, plugin in found.found.items()}
print(json.dumps({"found": names, "broken": dict(found.broken), "file": registry.__file__}))
"""
LINES = 90
BUNDLED = ("asterisk", "boxis", "portsip", "twilio", "voipstudio", "voximplant")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    fresh = Installed(tmp_path_factory.mktemp("installed"))
    fresh.install(ROOT)
    return fresh


def shown(installed: Installed) -> Row:
    found: Row = json.loads(installed.run("-c", SHOW))
    return found


def test_an_installed_wheel_finds_its_own_plugins(installed: Installed) -> None:
    found = shown(installed)
    assert found["broken"] == {}
    assert {name: found["found"][name] for name in BUNDLED} == {name: f"telegraphql.plugins.{name}.provider" for name in BUNDLED}
    assert Path(found["file"]).is_relative_to(installed.site)


def test_an_installed_wheel_writes_new_plugins(installed: Installed, tmp_path: Path) -> None:
    installed.run("-m", "telegraphql", "plugin", "new", "my-pbx", folder=tmp_path)
    assert (tmp_path / "telegraphql-my-pbx/telegraphql_my_pbx/provider.py").is_file()


@pytest.fixture(scope="module")
def with_a_fifth(installed: Installed) -> Installed:
    before = shown(installed)["found"]
    assert "notebook" not in before
    installed.install(ROOT / "tests/third_party")
    return installed


def test_a_fifth_plugin_is_found_by_being_installed(with_a_fifth: Installed) -> None:
    found = shown(with_a_fifth)
    assert found["broken"] == {}
    assert sorted(found["found"]) == sorted([*BUNDLED, "notebook"])
    assert found["found"]["notebook"] == "notebook"


@pytest.fixture(scope="module")
def served(with_a_fifth: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Upstream]]]:
    """The installed program over the four sandboxes and the fifth plugin; its address, and the four to ask for the truth."""
    folder, port = tmp_path_factory.mktemp("five"), free_port()
    config = folder / "telegraphql.toml"
    simulated = simulate(records=60, now=NOW)
    with sandbox_servers.run_sandboxes(list(simulated.values()), 0), httpx.Client(timeout=30) as client:
        given = sandbox_servers.sandbox_config(list(simulated.values()), folder)
        given["providers"]["notebook"] = {"plugin": "notebook", "lines": LINES}
        config.write_text(tomli_w.dumps(given))
        log = folder / "gateway.log"
        command = [with_a_fifth.python.with_name("telegraphql"), "serve", "--config", config, "--port", str(port)]
        with log.open("wb") as out, subprocess.Popen(command, cwd=folder, env=OUTER, stdout=out, stderr=out) as process:
            url = f"http://127.0.0.1:{port}"
            try:
                until(lambda: answers(url), 20, log)
                yield url, [Upstream(name, client, each) for name, each in simulated.items()]
            finally:
                process.terminate()


def ask(url: str, document: str) -> Row:
    answer = httpx.post(f"{url}/graphql", json={"query": document}, timeout=30).json()
    assert "errors" not in answer, answer
    data: Row = answer["data"]
    return data


def test_a_fifth_plugin_takes_part_in_the_merged_list(served: tuple[str, list[Upstream]]) -> None:
    url, upstreams = served
    wanted = [truth.place[:2] for upstream in upstreams for truth in truths(upstream, "Call")]
    wanted += [(micros(notebook.FIRST + line * notebook.APART), "notebook") for line in range(LINES)]
    page = ask(url, "{ calls(first: 500) { nodes { nativeId provider { name } } problems { code } } }")["calls"]
    assert page["problems"] == []
    assert [node["provider"]["name"] for node in page["nodes"]] == [provider for _, provider in sorted(wanted, reverse=True)]
    natives = {key for upstream in upstreams for key in (truth.key for truth in truths(upstream, "Call"))}
    assert {key(node) for node in page["nodes"]} == natives | {("notebook", str(line)) for line in range(LINES)}


def test_a_fifth_plugins_records_are_whole(served: tuple[str, list[Upstream]]) -> None:
    fields = "nativeId startedAt durationSeconds from { e164 } recordings { nativeId } native"
    nodes = ask(served[0], f'{{ calls(first: 500, filter: {{providers: ["notebook"]}}) {{ nodes {{ {fields} }} totalCount }} }}')["calls"]
    assert nodes["totalCount"] == LINES
    assert nodes["nodes"] == [
        {
            "nativeId": str(line),
            "startedAt": told(notebook.FIRST + line * notebook.APART),
            "durationSeconds": 60 + line,
            "from": {"e164": f"+4161692{line:04d}"},
            "recordings": [] if line % 9 else [{"nativeId": f"tape-{line}"}],
            "native": {"line": line, "said": "hello"},
        }
        for line in reversed(range(LINES))
    ]
