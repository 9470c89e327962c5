"""The package: what a wheel and a source distribution hold, and that one works beside packages of the same names as our folders."""

import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import httpx
import pytest

from tests.resilience.processes import free_port, until
from tests.support.dockerfile import PAGES, context
from tests.support.installation import OUTER, PIP, Installed, output
from tests.support.repository import ROOT

BUILD = ("--no-index", "--no-deps", "--no-build-isolation")
REPOSITORY = "https://github.com/telegraphql/telegraphql"
# The package of this name at the Python package index.
SCHEMA = "schema==0.7.8"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone, as far as a package is built from it: without the pages, which git ignores."""
    folder = tmp_path_factory.mktemp("sources")
    for path in [*context(), Path("CHANGELOG.md"), Path(".gitignore")]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path, follow_symlinks=False)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("command", [(*PIP, "wheel", *BUILD), (PIP[0], "-m", "build", "--no-isolation", "--sdist")], ids=["wheel", "sdist"])
def test_without_the_page_nothing_is_built(sources: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = subprocess.run([*command, str(sources)], cwd=tmp_path, env=OUTER, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    reason = "the page console is not built, and a distribution without it would answer 503: run `make assets`"
    assert reason in done.stdout + done.stderr
    assert [*tmp_path.iterdir(), *(sources / "dist").glob("*")] == []


@pytest.fixture(scope="module")
def built(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source distribution with the pages, and the wheel that is made of it alone."""
    folder, whole = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("whole") / "telegraphql"
    shutil.copytree(sources, whole, symlinks=True)
    for page in PAGES:
        shutil.copytree(ROOT / page, whole / page)
    output(PIP[0], "-m", "build", "--no-isolation", "--outdir", folder, whole)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


@pytest.mark.slow
def test_a_wheel_holds_one_import_package_with_the_pages_and_without_what_npm_reads(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        names = set(archive.namelist())
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"telegraphql"}
    assert {"telegraphql/py.typed", "telegraphql/schema/schema.graphql"} <= names
    for page in PAGES:
        built_files = {f"telegraphql/{path.relative_to(ROOT)}" for path in (ROOT / page).rglob("*") if path.is_file()}
        sent = {name for name in names if name.startswith(f"telegraphql/{page.parent}/")}
        assert sent == built_files | {f"telegraphql/{page.parent}/__init__.py"}


@pytest.mark.slow
def test_a_source_distribution_holds_each_file_once(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as archive:
        members = archive.getmembers()
    names = [member.name.partition("/")[2] for member in members]
    assert len(names) == len(set(names))
    assert all(member.isfile() for member in members)
    assert {name.partition("/")[0] for name in names} == {
        *("CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "hatch_build.py", "pyproject.toml", "src", ".gitignore")
    }
    with zipfile.ZipFile(built[1]) as archive:
        packed = {f"src/{name}" for name in archive.namelist() if ".dist-info/" not in name}
    assert packed <= set(names)


@pytest.fixture(scope="module")
def metadata(built: tuple[Path, Path]) -> Message:
    with zipfile.ZipFile(built[1]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(name))


@pytest.mark.slow
def test_links_and_pictures_of_the_readme_work_on_a_package_page(metadata: Message) -> None:
    text = str(metadata.get_payload(decode=True), "utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert text.count("](") == readme.count("](")
    pictures = re.findall(r"!(\[[^]]*\])\(([a-z][^):]*)\)", readme)
    assert [path for name, path in pictures if f"!{name}({REPOSITORY}/raw/main/{path})" not in text] == []
    assert f"]({REPOSITORY}/blob/main/plugins/README.md)" in text
    assert [line for line in text.splitlines() if "](" in line and "](https://" not in line and "](#" not in line] == []


@pytest.mark.slow
def test_the_package_page_leads_to_the_project(metadata: Message) -> None:
    links = dict(each.split(", ") for each in metadata.get_all("Project-URL", []))
    assert {name for name, link in links.items() if link.startswith(REPOSITORY)} == {
        *("Changelog", "Documentation", "Homepage", "Issues", "Source")
    }


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed."""
    fresh = Installed(tmp_path_factory.mktemp("installed"))
    fresh.install_wheel(built[1])
    return fresh


@pytest.fixture(scope="module")
def beside(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The same environment with the package index's `schema` in it."""
    folder = tmp_path_factory.mktemp("schema")
    got = subprocess.run([*PIP, "download", "--no-deps", "--dest", str(folder), SCHEMA], env=OUTER, check=False, capture_output=True)
    if got.returncode != 0:
        pytest.skip("the package index cannot be reached")
    (wheel,) = folder.glob("*.whl")
    installed.install_wheel(wheel)
    return installed


@pytest.mark.slow
def test_it_works_beside_the_package_schema(beside: Installed) -> None:
    program = "import schema, telegraphql.schema as ours; print(schema.Schema(int).validate(7), ours.Call.__name__)"
    seven, call = beside.run("-c", program).split()
    theirs, ours = beside.run("-c", "import schema, telegraphql.schema as ours; print(schema.__file__, ours.__file__)").split()
    assert (seven, call) == ("7", "Call")
    assert (Path(theirs), Path(ours)) == (beside.site / "schema/__init__.py", beside.site / "telegraphql/schema/__init__.py")
    assert beside.run("-m", "telegraphql", "schema") == (ROOT / "schema/schema.graphql").read_text("utf-8")


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """A folder with packages of our folders' names, which `python -m` puts first on the path."""
    for name in ("gateway", "plugins", "schema"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('this is somebody else')\n")
    return tmp_path


@pytest.mark.slow
def test_folders_of_the_same_names_do_not_matter(installed: Installed, crowded: Path) -> None:
    program = "from telegraphql.gateway.plugin.registry import plugins; print(*plugins().found, len(plugins().broken))"
    assert installed.run("-c", program, folder=crowded) == "asterisk boxis portsip twilio voipstudio voximplant 0\n"
    version = installed.run("-c", "from importlib.metadata import version; print(version('telegraphql'))")
    assert installed.run("-m", "telegraphql", "--version", folder=crowded) == f"telegraphql {version}"


@pytest.fixture
def served(installed: Installed, crowded: Path) -> Iterator[str]:
    """`serve --sandbox` of what is installed; its address."""
    port, log = free_port(), crowded / "log"
    command = [installed.python, "-m", "telegraphql", "serve", "--sandbox", "--sandbox-records", "20", "--sandbox-port-base", "0"]
    with (
        log.open("wb") as out,
        subprocess.Popen([*command, "--port", str(port)], cwd=crowded, env=OUTER, stdout=out, stderr=out) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: process.poll() is not None or listens(url))
            assert process.poll() is None, log.read_text()
            yield url
        finally:
            process.terminate()


def listens(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_the_sandbox_is_served_with_both_pages(served: str) -> None:
    for path, page in zip(("/", "/graphql"), PAGES, strict=True):
        shown = httpx.get(f"{served}{path}", headers={"Accept": "text/html"})
        assert (shown.status_code, shown.text) == (200, (ROOT / page / "index.html").read_text("utf-8"))
    answer = httpx.post(f"{served}/graphql", json={"query": "{ providers { name } }"}).json()
    assert answer["data"] == {
        "providers": [{"name": name} for name in ("asterisk", "boxis", "portsip", "twilio", "voipstudio", "voximplant")]
    }
