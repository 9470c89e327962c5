"""What uses more of a library than it documents stands in one file per library, and names the version it was read from."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from pkgutil import walk_packages

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import telegraphql
from tests.support.repository import files, syntax_tree, syntax_trees, text

PROJECT = tomllib.loads(text(Path("pyproject.toml")))["project"]
REQUIREMENTS = {each.name: each for each in map(Requirement, PROJECT["dependencies"])}
FOLDERS = ("gateway", "schema", "plugins", "src")
INTERNALS = [file for file in files(*FOLDERS) if file.name.endswith("_internals.py")]
READ_FROM = re.compile(r"read from ([\w-]+) (\d+(?:\.\d+)+)")
PRIVATE = re.compile(r"_[a-z]\w*|__strawberry_\w+__")
# Of named tuples and of `sys`, by Python's documentation.
DOCUMENTED = {"_replace", "_asdict", "_fields", "_make", "_getframe"}


def given_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module gives to functions, classes, variables and its own attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) in ("self", "cls"):
            yield node.attr


def used_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names of attributes, of keyword arguments, of what is imported from others, and what is looked up by a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "strawberry" in node.value:
            yield node.value
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            yield from (node.module or "").split(".")
            yield from (alias.name for alias in node.names)


def overridden() -> Iterator[str]:
    """Yield the private methods of libraries' classes that classes outside of the files of internals override."""
    names = [module.name for module in walk_packages(telegraphql.__path__, "telegraphql.")]
    for module in (import_module(name) for name in names if not name.endswith(("__main__", "_internals"))):
        for kind in vars(module).values():
            if inspect.isclass(kind) and kind.__module__ == module.__name__:
                yield from (f"{module.__name__}.{kind.__name__}.{name}" for name in private_methods(kind) if is_inherited(kind, name))


def private_methods(kind: type) -> Iterator[str]:
    for name, value in vars(kind).items():
        is_method = inspect.isfunction(value) or isinstance(value, staticmethod | classmethod | property)
        if is_method and PRIVATE.fullmatch(name) and not name.endswith("_"):
            yield name


def is_inherited(kind: type, name: str) -> bool:
    return any(name in vars(base) for base in kind.__mro__[1:] if not base.__module__.startswith("telegraphql"))


def test_private_names_of_libraries_are_used_in_these_files_alone() -> None:
    ours = {name for tree in syntax_trees(*FOLDERS).values() for name in given_names(tree)} | DOCUMENTED
    others = {file: tree for file, tree in syntax_trees(*FOLDERS).items() if file not in INTERNALS}
    used = {str(file): {*filter(PRIVATE.fullmatch, used_names(tree))} - ours for file, tree in others.items()}
    assert {file: names for file, names in used.items() if names} == {}


def test_private_methods_of_libraries_are_overridden_in_these_files_alone() -> None:
    assert list(overridden()) == []


@pytest.mark.parametrize("file", INTERNALS, ids=str)
def test_each_file_names_the_version_that_is_installed_and_bounded(file: Path) -> None:
    ((library, read),) = READ_FROM.findall(ast.get_docstring(syntax_tree(file)) or "")
    assert version(library) == read, f"{library} was upgraded: read {file} against {version(library)}, then change its docstring"
    assert [Version(each.version) > Version(read) for each in REQUIREMENTS[library].specifier if each.operator == "<"] == [True]


def test_there_is_one_file_per_library() -> None:
    libraries = [READ_FROM.findall(text(file))[0][0] for file in INTERNALS]
    assert sorted(libraries) == ["aiohttp", "cashews", "graphql-core", "httpx", "redis", "strawberry-graphql", "uvicorn"]
