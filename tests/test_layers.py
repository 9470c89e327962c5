"""Who may know whom: plugins -> gateway -> schema, never back."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.repository import files, text

PYPROJECT = tomllib.loads(text(Path("pyproject.toml")))
PROJECT = PYPROJECT["project"]
PROVIDERS = PROJECT["entry-points"]["telegraphql.providers"]
NPM_FILES = {Path("gateway/graphiql/package.json"), Path("gateway/graphiql/package-lock.json")}
EMPTY_NAMES = {"utils", "helpers", "common", "base", "models"}


def python(*folders: str) -> list[Path]:
    return [file for file in files(*folders) if file.suffix == ".py"]


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(text(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def packages(*folders: str) -> dict[str, set[str]]:
    return {str(file): {name.partition(".")[0] for name in imported(file)} for file in python(*folders)}


def test_the_schema_imports_only_strawberry_and_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"schema", "strawberry"}
    assert {file: found - allowed for file, found in packages("schema").items() if found - allowed} == {}


def test_the_gateway_never_imports_plugins() -> None:
    assert [file for file, found in packages("gateway").items() if "plugins" in found] == []


def test_plugins_never_import_strawberry() -> None:
    assert [file for file, found in packages("plugins").items() if found & {"strawberry", "graphql"}] == []


@pytest.mark.parametrize("plugin", sorted(PROVIDERS))
def test_a_plugin_imports_no_other_plugin(plugin: str) -> None:
    own = f"plugins.{plugin}"
    foreign = {
        str(file): name
        for file in python(f"plugins/{plugin}")
        for name in imported(file)
        if name.partition(".")[0] == "plugins" and name != own and not name.startswith(f"{own}.")
    }
    assert foreign == {}


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_schema_and_gateway_never_name_a_provider(provider: str) -> None:
    named = [
        f"{file}:{number}"
        for file in files("schema", "gateway")
        if file not in NPM_FILES
        for number, line in enumerate(text(file).splitlines(), 1)
        if provider in line.lower()
    ]
    assert named == []
    assert [str(file) for file in files("schema", "gateway") if provider in str(file).lower()] == []


def test_whatever_is_imported_is_a_declared_dependency() -> None:
    needed = [*PROJECT["dependencies"], *(each for extra in PROJECT["optional-dependencies"].values() for each in extra)]
    declared = {canonicalize_name(Requirement(each).name) for each in needed}
    providing = packages_distributions()
    foreign = set().union(*packages("schema", "gateway", "plugins").values()) - sys.stdlib_module_names - {"schema", "gateway", "plugins"}
    assert {name for name in foreign if not declared & {canonicalize_name(each) for each in providing.get(name, [])}} == set()


def test_only_the_contract_kit_needs_pytest() -> None:
    testing = [file for file, found in packages("schema", "gateway", "plugins").items() if "pytest" in found]
    assert testing == ["gateway/conformance/contract.py"]


def test_every_module_is_named_by_what_it_holds() -> None:
    assert [str(file) for file in python() if EMPTY_NAMES & {file.stem, *file.parent.parts}] == []


def test_the_rooms_are_drawn_as_they_are_held() -> None:
    held = next(each["layers"] for each in PYPROJECT["tool"]["importlinter"]["contracts"] if each.get("containers") == ["gateway"])
    rooms = [[name for name in layer.split() if name not in ("|", ":")] for layer in held]
    drawn = text(Path("CONTRIBUTING.md")).partition("```\n")[2].partition("```")[0].strip().splitlines()
    assert [line.replace(".py", "").split()[: len(names)] for line, names in zip(drawn, rooms, strict=True)] == rooms
