"""The direction of imports: plugins -> plugin -> gateway -> schema, never back."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.repository import files, syntax_tree, text

PYPROJECT = tomllib.loads(text(Path("pyproject.toml")))
PROJECT = PYPROJECT["project"]
CONTRACTS = PYPROJECT["tool"]["importlinter"]["contracts"]
PICTURE = Path("docs/architecture.md")
PROVIDERS = PROJECT["entry-points"]["telegraphql.providers"]
NPM_FILES = {Path("gateway", page, name) for page in ("console", "graphiql") for name in ("package.json", "package-lock.json")}
EMPTY_NAMES = {"utils", "helpers", "common", "base", "models"}


def python(*folders: str) -> list[Path]:
    return [file for file in files(*folders) if file.suffix == ".py"]


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(syntax_tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def packages(*folders: str) -> dict[str, set[str]]:
    return {str(file): {package(name) for name in imported(file)} for file in python(*folders)}


def package(module: str) -> str:
    """Return the top of a module's name; of ours, the part below it too: `telegraphql.gateway`."""
    top, _, below = module.partition(".")
    return f"{top}.{below.partition('.')[0]}" if top == "telegraphql" and below else top


def test_the_schema_imports_only_strawberry_and_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"telegraphql", "telegraphql.schema", "strawberry"}
    assert {file: found - allowed for file, found in packages("schema").items() if found - allowed} == {}


def test_the_gateway_never_imports_plugins() -> None:
    above = {"telegraphql.plugin", "telegraphql.plugins"}
    assert [file for file, found in packages("gateway").items() if found & above] == []


def test_plugins_import_the_contract_and_the_schema_and_nothing_else_of_ours() -> None:
    allowed = {"telegraphql.plugin", "telegraphql.plugins", "telegraphql.schema"}
    ours = {file: {name for name in found if name.startswith("telegraphql")} for file, found in packages("plugins").items()}
    assert {file: found - allowed for file, found in ours.items() if found - allowed} == {}


def test_plugins_never_import_strawberry() -> None:
    assert [file for file, found in packages("plugins").items() if found & {"strawberry", "graphql"}] == []


@pytest.mark.parametrize("plugin", sorted(PROVIDERS))
def test_a_plugin_imports_no_other_plugin(plugin: str) -> None:
    own = f"telegraphql.plugins.{plugin}"
    foreign = {
        str(file): name
        for file in python(f"plugins/{plugin}")
        for name in imported(file)
        if package(name) == "telegraphql.plugins" and name != own and not name.startswith(f"{own}.")
    }
    assert foreign == {}


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_schema_and_gateway_never_name_a_provider(provider: str) -> None:
    named = [
        f"{file}:{number}"
        for file in files("schema", "gateway")
        # The printed schema says which plugins fill what; tests/schema/test_schema.py looks at the one without them.
        if file not in NPM_FILES and file.suffix != ".graphql"
        for number, line in enumerate(text(file).splitlines(), 1)
        if provider in line.lower()
    ]
    assert named == []
    assert [str(file) for file in files("schema", "gateway") if provider in str(file).lower()] == []


def test_whatever_is_imported_is_a_declared_dependency() -> None:
    needed = [*PROJECT["dependencies"], *(each for extra in PROJECT["optional-dependencies"].values() for each in extra)]
    declared = {canonicalize_name(Requirement(each).name) for each in needed}
    providing = packages_distributions()
    used = set().union(*packages("src", "schema", "gateway", "plugins").values()) - sys.stdlib_module_names
    foreign = {name for name in used if not name.startswith("telegraphql")}
    assert {name for name in foreign if not declared & {canonicalize_name(each) for each in providing.get(name, [])}} == set()


def test_only_the_contract_kit_needs_pytest() -> None:
    testing = [file for file, found in packages("src", "schema", "gateway", "plugins").items() if "pytest" in found]
    assert testing == ["gateway/conformance/contract.py"]


def test_every_module_is_named_by_what_it_holds() -> None:
    assert [str(file) for file in python() if EMPTY_NAMES & {file.stem, *file.parent.parts}] == []


def test_the_layers_are_drawn_as_they_are_held() -> None:
    held = next(each["layers"] for each in CONTRACTS if each.get("containers") == ["telegraphql.gateway"])
    gateway = text(PICTURE).partition("subgraph gateway\n")[2].partition("  end\n")[0]
    assert re.findall(r"<b>([^<]+)</b>", gateway) == held
