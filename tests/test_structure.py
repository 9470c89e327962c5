"""The structure of the code: each class name exists once, and files do not import each other in circles."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter

from tests.support.repository import syntax_trees

FOLDERS = ("gateway", "schema", "plugins")


@cache
def modules() -> dict[str, ast.Module]:
    """Return the modules of the product by their names."""
    found = {}
    for file, tree in syntax_trees(*FOLDERS).items():
        parts = file.with_suffix("").parts
        found[".".join(("telegraphql", *(parts[:-1] if parts[-1] == "__init__" else parts)))] = tree
    return found


def imported(body: list[ast.stmt]) -> Iterator[str]:
    """Yield what is imported while a module is loaded: neither for annotations only nor inside of functions."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # A name is a module of its own, or is in the module.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in modules() else node.module for name in names)
        elif isinstance(node, ast.If):
            yield from imported([*([] if "TYPE_CHECKING" in ast.dump(node.test) else node.body), *node.orelse])
        elif isinstance(node, ast.Try):
            yield from imported([*node.body, *node.orelse, *(each for handler in node.handlers for each in handler.body)])


def circle(imports: dict[str, set[str]]) -> list[str]:
    """Return the modules of a circle, or nothing."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_each_class_name_exists_once() -> None:
    places = defaultdict(list)
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_files_do_not_import_each_other_in_circles() -> None:
    imports = {module: {name for name in imported(tree.body) if name in modules() and name != module} for module, tree in modules().items()}
    assert sum(map(len, imports.values())) > len(modules()), "imports are found"
    assert circle(imports) == []


def test_a_circle_is_found() -> None:
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
