"""Wheel: what is installed from a wheel finds our four plugins, and those of somebody else, by their entry points."""

import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import tomli_w

from telegraphql.gateway import sandbox_servers
from tests.endtoend.conftest import NOW
from tests.endtoend.ground_truth import truths
from tests.endtoend.ground_truth.values import micros, told
from tests.endtoend.list_walks import key
from tests.endtoend.test_memory import answers, free_port, until
from tests.endtoend.world import Row, Upstream, simulate
from tests.support.repository import ROOT
from tests.third_party import notebook

pytestmark = pytest.mark.slow
SHOW = """import json
from gateway import registry
found = registry.plugins()
names = {name: plugin.__module__ for name, plugin in found.found.items()}
print(json.dumps({"found": names, "broken": dict(found.broken), "file": registry.__file__}))
"""
LINES = 90


def run(*command: object, cwd: Path | None = None) -> str:
    done = subprocess.run([str(each) for each in command], cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Installed:
    """A fresh environment that sees this one's third-party packages, but of ours only what wheels put there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        venv.create(root / "env", symlinks=True, with_pip=False)
        self.python = root / "env/bin/python"
        (site,) = (root / "env/lib").glob("python*/site-packages")
        # A plain line adds a folder without its own .pth files, of which one leads to the sources here.
        outside = Path(httpx.__file__).parents[1]
        (site / "outside.pth").write_text(f"{outside}\n")
        self.site = site
        (root / "empty").mkdir()

    def install(self, project: Path) -> None:
        """Build a project's wheel and install it alone."""
        wheels = self.root / f"wheels-{project.name}"
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
        run(*pip, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", wheels, project)
        (wheel,) = wheels.glob("*.whl")
        run(*pip, "--python", self.python, "install", "--no-deps", "--no-index", wheel)

    def shown(self) -> Row:
        found: Row = json.loads(run(self.python, "-c", SHOW, cwd=self.root / "empty"))
        return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    made = Installed(tmp_path_factory.mktemp("installed"))
    made.install(ROOT)
    return made


def test_an_installed_wheel_finds_the_four_plugins(installed: Installed) -> None:
    found = installed.shown()
    assert found["broken"] == {}
    assert {name: found["found"][name] for name in ("boxis", "portsip", "voipstudio", "voximplant")} == {
        name: f"plugins.{name}.provider" for name in ("boxis", "portsip", "voipstudio", "voximplant")
    }
    assert Path(found["file"]).is_relative_to(installed.site)


def test_an_installed_wheel_writes_new_plugins(installed: Installed, tmp_path: Path) -> None:
    run(installed.python.with_name("telegraphql"), "plugin", "new", "my-pbx", cwd=tmp_path)
    assert (tmp_path / "my-pbx/my_pbx/provider.py").is_file()


@pytest.fixture(scope="module")
def with_a_fifth(installed: Installed) -> Installed:
    before = installed.shown()["found"]
    assert "notebook" not in before
    installed.install(ROOT / "tests/third_party")
    installed.install(ROOT / "tests/third_party/asterisk")
    return installed


def test_a_fifth_plugin_is_found_by_being_installed(with_a_fifth: Installed) -> None:
    found = with_a_fifth.shown()
    assert found["broken"] == {}
    assert sorted(found["found"]) == ["asterisk", "boxis", "notebook", "portsip", "voipstudio", "voximplant"]
    assert (found["found"]["notebook"], found["found"]["asterisk"]) == ("notebook", "telegraphql_asterisk.provider")


@pytest.fixture(scope="module")
def served(with_a_fifth: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Upstream]]]:
    """The installed program over the four sandboxes and the fifth plugin; its address, and the four to ask for the truth."""
    folder, port = tmp_path_factory.mktemp("five"), free_port()
    config = folder / "telegraphql.toml"
    simulated = simulate(records=60, now=NOW)
    with sandbox_servers.running(list(simulated.values()), 0), httpx.Client(timeout=30) as client:
        given = sandbox_servers.configuration(list(simulated.values()), folder)
        given["providers"]["notebook"] = {"plugin": "notebook", "lines": LINES}
        config.write_text(tomli_w.dumps(given))
        log = folder / "gateway.log"
        command = [with_a_fifth.python.with_name("telegraphql"), "serve", "--config", config, "--port", str(port)]
        with log.open("wb") as out, subprocess.Popen(command, cwd=folder, stdout=out, stderr=out) as process:
            url = f"http://127.0.0.1:{port}"
            try:
                until(lambda: answers(url), 20, log)
                yield url, [Upstream(name, name, each.base_url.removesuffix(each.base_path), client) for name, each in simulated.items()]
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
    fields = "nativeId startedAt duration from { e164 } recordings { nativeId } native"
    nodes = ask(served[0], f'{{ calls(first: 500, filter: {{providers: ["notebook"]}}) {{ nodes {{ {fields} }} totalCount }} }}')["calls"]
    assert nodes["totalCount"] == LINES
    assert nodes["nodes"] == [
        {
            "nativeId": str(line),
            "startedAt": told(notebook.FIRST + line * notebook.APART),
            "duration": 60 + line,
            "from": {"e164": f"+4161692{line:04d}"},
            "recordings": [] if line % 9 else [{"nativeId": f"tape-{line}"}],
            "native": {"line": line, "said": "hello"},
        }
        for line in reversed(range(LINES))
    ]
