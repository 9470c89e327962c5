"""What uses more of a library than it documents stands in one file per library, and names the version it was read from."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.support.repository import files, text

PROJECT = tomllib.loads(text(Path("pyproject.toml")))["project"]
REQUIREMENTS = {each.name: each for each in map(Requirement, PROJECT["dependencies"])}
SOURCES = [file for file in files("gateway", "schema", "plugins", "src") if file.suffix == ".py"]
INTERNALS = [file for file in SOURCES if file.stem.endswith("_internals")]
READ_FROM = re.compile(r"read from ([\w-]+) (\d+(?:\.\d+)+)")
PRIVATE = re.compile(r"_[a-z]\w*|__\w*[a-z](?<!__)|__strawberry_\w+__")
# Of named tuples, by their documentation.
DOCUMENTED = {"_replace", "_asdict", "_fields", "_make"}


def own_names() -> set[str]:
    """Return the names with an underscore that this project itself gives to attributes, functions and classes."""
    return {name for file in SOURCES for name in _given(ast.parse(text(file)))}


def _given(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def foreign(tree: ast.AST, own: set[str]) -> Iterator[str]:
    """Yield the private names of others: attributes that nobody here makes, keyword arguments, and modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and PRIVATE.fullmatch(node.attr) and node.attr not in own:
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg and PRIVATE.fullmatch(node.arg) and node.arg not in own:
            yield node.arg
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"__strawberry_\w+__|_strawberry_\w+", node.value)
        ):
            yield node.value
        elif isinstance(node, ast.ImportFrom) and any(
            part.startswith("_") for part in (node.module or "").split(".") if part != "__future__"
        ):
            yield node.module or ""


def test_private_names_of_libraries_are_used_in_these_files_alone() -> None:
    own = own_names()
    used = {str(file): sorted({*foreign(ast.parse(text(file)), own)} - DOCUMENTED) for file in SOURCES if file not in INTERNALS}
    assert {file: names for file, names in used.items() if names} == {}


@pytest.mark.parametrize("file", INTERNALS, ids=str)
def test_each_file_names_the_version_that_is_installed_and_bounded(file: Path) -> None:
    docstring = ast.get_docstring(ast.parse(text(file))) or ""
    (library, read) = READ_FROM.findall(docstring)[0]
    assert version(library) == read, f"read {file} against {library} {version(library)}, and change the version in its docstring"
    uppermost = [each for each in REQUIREMENTS[library].specifier if each.operator == "<"]
    assert [Version(each.version) > Version(read) for each in uppermost] == [True]


def test_there_are_files_of_internals() -> None:
    assert len(INTERNALS) >= 4
