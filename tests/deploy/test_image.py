"""The Dockerfile's image: what is in it, and that it serves as somebody else on a disk that nobody can write to."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from tests.resilience.processes import PATIENCE, free_port, until
from tests.support.dockerfile import Image, instructions
from tests.support.repository import text

USER = "10001"
MOST_MEGABYTES = 180
READ_ONLY = 'mount --make-rprivate /; mount -o remount,bind,ro / && exec "$@"'


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The Dockerfile's install steps, done in an empty folder, which everybody may enter, on what its context holds."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        built = Image(Path(folder))
        built.build()
        yield built


@pytest.mark.slow
def test_it_prints_the_committed_schema(image: Image) -> None:
    assert image.run("telegraphql", "schema") == text(Path("schema/schema.graphql"))


@pytest.mark.slow
def test_it_finds_the_plugins_by_their_entry_points(image: Image) -> None:
    program = (
        "from importlib.metadata import entry_points as e; print(*sorted(p.load().__name__ for p in e(group='telegraphql.providers')))"
    )
    assert image.run("python", "-c", program) == "Asterisk Boxis Portsip Twilio Voipstudio Voximplant\n"


@pytest.mark.slow
def test_it_serves_the_built_page_of_graphiql(image: Image) -> None:
    program = "from telegraphql.gateway import graphiql; print(graphiql.__file__); print((graphiql.PAGE.dist / 'index.html').is_file())"
    origin, page = image.run("python", "-c", program).split()
    assert Path(origin).is_relative_to(image.root)
    assert page == "True"


@pytest.mark.slow
def test_it_tells_type_checkers_that_it_is_typed(image: Image) -> None:
    assert (image.site / "telegraphql/py.typed").is_file()


@pytest.mark.slow
def test_it_holds_no_tests_and_no_tools(image: Image) -> None:
    installed = {re.sub(r"-.*", "", folder.name) for folder in image.site.glob("*.dist-info")}
    assert "telegraphql" in installed
    assert installed & {"pytest", "mypy", "ruff", "hatchling", "playwright"} == set()
    program = "from importlib.util import find_spec; print(*map(find_spec, ['tests', 'gateway', 'plugins', 'schema', 'hatch_build']))"
    assert image.run("python", "-c", program).split() == ["None"] * 5
    program = "import telegraphql.schema; print(telegraphql.schema.__file__)"
    assert Path(image.run("python", "-c", program).strip()).is_relative_to(image.site)


@pytest.mark.slow
def test_it_holds_no_pip_no_compiler_and_nothing_twice(image: Image) -> None:
    programs = {file.name for file in (image.root / "opt/telegraphql/bin").iterdir()}
    assert {name for name in programs if name.startswith(("pip", "wheel", "gcc", "cc", "npm", "node"))} == set()
    packages = {folder.name for folder in image.site.glob("*") if folder.is_dir()}
    assert packages & {"pip", "setuptools", "wheel", "pyarrow", "numpy"} == set()
    assert {"redis", "telegraphql-0.1.0.dist-info"} <= packages
    assert [str(file) for file in image.root.glob("opt/**/*") if file.name in ("node_modules", ".cache", ".git")] == []


@pytest.mark.slow
def test_it_is_small_and_compiled(image: Image) -> None:
    files = [file for file in image.root.glob("opt/**/*") if file.is_file() and not file.is_symlink()]
    assert sum(file.stat().st_size for file in files) / 2**20 < MOST_MEGABYTES
    compiled = {file.parent.parent / f"{file.name.partition('.')[0]}.py" for file in files if file.suffix == ".pyc"}
    ours = {file for file in files if file.suffix == ".py" and file.is_relative_to(image.site / "telegraphql")}
    assert len(ours) > 300
    assert ours - compiled == set()


def somebody_else(command: Sequence[str]) -> list[str]:
    """A command as it runs in a container: by the image's user, where nothing can be written; as far as this machine lets us."""
    if os.geteuid() == 0:
        within, namespace = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command], ["unshare", "--mount"]
    else:
        within, namespace = [*command], ["unshare", "--user", "--map-root-user", "--mount"]
    shown = [*namespace, "sh", "-c", READ_ONLY, "sh"]
    tried = shutil.which("unshare") and subprocess.run([*shown, "true"], capture_output=True, check=False).returncode == 0
    return [*shown, *within] if tried else within


@pytest.fixture(scope="module")
def served(image: Image) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The image's program, started by its entry point and configured by a file that it can read."""
    config, port = image.root / "telegraphql.toml", free_port()
    config.write_text('[server]\nstartup_check = false\ndrain_delay = "0s"\n')
    command = [str(image.root / "opt/telegraphql/bin" / image.entry), "serve", "--config", str(config), "--port", str(port)]
    nowhere = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TMPDIR": "/nonexistent", **image.variables}
    with (
        (image.root / "log").open("wb") as log,
        subprocess.Popen(somebody_else(command), cwd="/", env=nowhere, stdout=log, stderr=log) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: process.poll() is not None or health(image, port) == 0)
            assert process.poll() is None, (image.root / "log").read_text()
            yield url, process
        finally:
            process.kill()


def health(image: Image, port: int) -> int:
    """How the image's own check of its health ends."""
    (given,) = re.findall(r"CMD (\[.+\])", instructions("HEALTHCHECK")[-1])
    program, *arguments = json.loads(given)
    command = [str(image.root / "opt/telegraphql/bin" / program), *arguments]
    return subprocess.run(command, env={"TELEGRAPHQL_SERVER__PORT": str(port)}, capture_output=True, check=False).returncode


@pytest.mark.slow
def test_it_serves_as_nobody_special_where_nothing_can_be_written(served: tuple[str, subprocess.Popen[bytes]], image: Image) -> None:
    url, process = served
    ready = httpx.get(f"{url}/readyz").json()
    assert (ready["status"], ready["providers"]) == ("ready", {})
    assert httpx.post(f"{url}/graphql", json={"query": "{ providers { name } }"}).json()["data"] == {"providers": []}
    if os.geteuid() == 0:
        assert f"Uid:\t{USER}\t{USER}\t{USER}\t{USER}" in Path(f"/proc/{process.pid}/status").read_text()
    process.send_signal(signal.Signals[instructions("STOPSIGNAL")[-1]])
    assert process.wait(PATIENCE) == 0
    assert health(image, int(url.rpartition(":")[2])) != 0


def test_it_runs_as_nobody_special_and_ends_in_order() -> None:
    assert instructions("USER") == [USER]
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert "/healthz" in instructions("HEALTHCHECK")[-1]
    assert [json.loads(each) for each in instructions("ENTRYPOINT") + instructions("CMD")] == [
        ["telegraphql"],
        ["serve", "--host", "0.0.0.0"],
    ]


def test_it_has_three_stages_of_which_the_last_only_copies() -> None:
    assert [line.split()[0] for line in instructions("FROM", last=False)] == ["node:24-slim", "python:3.13-slim", "python:3.13-slim"]
    assert instructions("COPY") == ["--from=build /opt/telegraphql /opt/telegraphql"]
    (only,) = instructions("RUN")
    assert re.findall(r"(?:^|&& )(\w+)", only) == ["useradd", "rm"]


def test_it_says_what_it_is() -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', instructions("LABEL")[-1]))
    assert labels == {
        "title": "TelegraphQL",
        "description": "One GraphQL list over all your telephony providers",
        "licenses": "Apache-2.0",
        "version": "${VERSION}",
        "revision": "${REVISION}",
    }
    assert "VERSION=0.1.0" in instructions("ARG")
