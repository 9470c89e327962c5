"""The repository itself: what stands in it, what must not, and what is installed from it."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.repository import ROOT, files, syntax_tree, text

# Split, so that this file does not hold what it looks for.
REGISTRIES = [
    ".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("deb", "debian", "org"))
]
MACHINE_PATHS = ["/" + folder + "/" for folder in ("work", "root")]
PACKAGES = ("gateway", "schema", "plugins")
SOURCES = {".py", ".js", ".jsx", ".css", ".html"}
LONGEST = 300
# A docstring says what something is or does; these words begin a clause of a sentence that is not there.
CLAUSE = re.compile(r"(What|Whether|The same|Who|Whose|How|Where|Why|When|Which|Nothing|Nobody|All that|That|Those|As|By|Of)\b")


def pins() -> dict[str, str]:
    """Return what `constraints.txt` says after each `name==`."""
    blocks = re.split(r"^(?=[a-z0-9])", text(Path("constraints.txt")), flags=re.MULTILINE)
    return {block.partition("==")[0]: block.partition("==")[2] for block in blocks if block.strip()}


@pytest.mark.parametrize("unwanted", REGISTRIES + MACHINE_PATHS)
def test_nothing_in_the_tree_names_a_registry_or_a_path_of_one_machine(unwanted: str) -> None:
    assert [str(file) for file in files() if unwanted in text(file)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_source_file_is_longer_than_300_lines(package: str) -> None:
    lengths = {str(file): text(file).count("\n") for file in files(package) if file.suffix in SOURCES}
    assert {file: lines for file, lines in lengths.items() if lines > LONGEST} == {}


@pytest.mark.parametrize("package", [*PACKAGES, "examples"])
def test_no_docstring_begins_with_a_clause(package: str) -> None:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for file in (file for file in files(package) if file.suffix == ".py"):
        found = [ast.get_docstring(node) or "" for node in ast.walk(syntax_tree(file)) if isinstance(node, documented)]
        assert [each for each in found if CLAUSE.match(each)] == [], file


def test_every_dependency_is_pinned_with_hashes() -> None:
    project = tomllib.loads(text(Path("pyproject.toml")))
    declared = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {canonicalize_name(Requirement(each).name) for each in declared}
    assert names - pins().keys() == set()
    assert [name for name, rest in pins().items() if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", rest)] == []


def test_constraints_name_no_address() -> None:
    assert "://" not in text(Path("constraints.txt"))
    assert not re.search(r"^--", text(Path("constraints.txt")), re.MULTILINE)


def test_make_alone_lists_every_target() -> None:
    listed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    phony = re.search(r"^\.PHONY: (.+)$", text(Path("Makefile")), re.MULTILINE)
    assert phony is not None
    assert [line.split()[0] for line in listed.splitlines()] == phony[1].split()


def test_ci_runs_the_commands_of_the_readme() -> None:
    assert (ROOT / ".ci/run").stat().st_mode & 0o111 == 0o111
    script = text(Path(".ci/run"))
    ran = [line for line in script.splitlines() if line.startswith("make ")]
    assert ran == ['make test || make test ARGS="--last-failed"', "make check"]
    assert '\ntimeout 1800 make test-slow ARGS="$gating" || status=$?\nif ((status)); then\n  ((status != 124))\n' in script
    gating = re.search(r'^gating="(.+)"$', script, re.MULTILINE)
    assert gating is not None
    # Run and shown; the others do not gate yet.
    others = " ".join(f"--ignore {each}" for each in gating[1].split())
    shown = (f'1200 make test-slow ARGS="{others}"', "900 make test-dates")
    assert all((ROOT / each).exists() for each in gating[1].split())
    assert all(f"\ntimeout {each} || echo" in script for each in shown)
    assert "\ntest-all: test-slow test-dates " in text(Path("Makefile"))
    assert "make test" in text(Path("README.md"))
    assert "make demo" in text(Path("README.md"))
