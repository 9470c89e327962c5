"""Types for frontends: GraphQL Code Generator and gql.tada read the schema; graphql-request and the packed package run with their types."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.clients.gateway_servers import engine, gateway
from tests.clients.node import FOLDER
from tests.support.programs import find_program, require_npm_packages, require_program
from tests.support.repository import ROOT

PACKAGE = ROOT / "clients/js"
# The three calls of the gateway begin a second apart.
MOMENTS = ["2024-03-01T12:00:00Z", "2024-03-01T12:00:01Z", "2024-03-01T12:00:02Z"]

pytestmark = pytest.mark.slow


def node(folder: Path, *arguments: str) -> str:
    """Return what a program says that ends well."""
    ran = subprocess.run([require_program("node"), *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frontend's project in TypeScript that has installed the packed package, with its types generated and compiled."""
    require_npm_packages(FOLDER)
    top = tmp_path_factory.mktemp("types")
    folder = top / "project"
    shutil.copytree(FOLDER / "types", folder)
    shutil.copy(ROOT / "schema/schema.graphql", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    # Beside the project, so that it and the package find the same libraries.
    (top / "node_modules").symlink_to(FOLDER / "node_modules")
    npm = find_npm()
    packed = subprocess.run(
        [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(top), str(PACKAGE)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    with tarfile.open(top / packed) as archive:
        archive.extractall(top, filter="data")
    (folder / "node_modules").mkdir()
    (top / "package").rename(folder / "node_modules/telegraphql-client")
    tools = top / "node_modules/.bin"
    node(folder, str(tools / "graphql-codegen"), "--config", "codegen.ts", "--errors-only")
    node(folder, str(tools / "gql.tada"), "generate-output")
    node(folder, str(tools / "tsc"), "--project", ".")
    return folder


def find_npm() -> str:
    """Return the path of npm, which is beside node."""
    require_program("node")
    beside = Path(str(find_program("node"))).parent / "npm"
    return str(beside) if beside.is_file() else str(shutil.which("npm"))


def ran(project: Path, program: str) -> Any:
    with gateway(engine()) as url:
        return json.loads(node(project, f"built/{program}.js", url))


def test_the_packed_package_has_what_its_readme_imports_and_no_more() -> None:
    found = json.loads(
        subprocess.run([find_npm(), "pack", "--dry-run", "--json", "--ignore-scripts"], cwd=PACKAGE, check=True, capture_output=True).stdout
    )
    modules = ("apollo", "gaps", "graphcache", "index", "merge", "relay", "schema", "times")
    built = {f"dist/{name}.{suffix}" for name in modules for suffix in ("js", "d.ts")}
    assert {file["path"] for file in found[0]["files"]} == {"LICENSE", "README.md", "package.json"} | built


def test_an_operation_typed_by_graphql_code_generator_runs_and_its_pages_merge(project: Path) -> None:
    assert ran(project, "generated_types") == {"moments": MOMENTS, "costs": 3, "gaps": [], "more": False, "wrong": "NEWEST"}


def test_an_operation_typed_by_gql_tada_runs(project: Path) -> None:
    assert ran(project, "inferred_types") == {"moments": MOMENTS[:0:-1], "gaps": [], "wrong": []}


def test_the_caches_take_the_configuration_with_its_types(project: Path) -> None:
    assert ran(project, "caches") == ["object", "function"]
