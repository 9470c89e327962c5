"""Pruning: from a mapping function to one that makes only those attributes of a record that somebody looks at.

Most of what a row holds is not asked for, and takes as long to map as what is. A mapping is one flat function that ends by making a
record, `return Call(provider_name=..., ...)`: what is not wanted can be left out of its source, and with it what only that needed.
A record that is looked at further than was foreseen is mapped as a whole then (`Record.__getattr__`)."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from functools import lru_cache
from typing import Any

from gateway.declared import python_name
from gateway.provider import Ask
from schema.record import Record

Make = Callable[[Any, Any], Any]
# What the engine looks at whatever is asked for.
ALWAYS = frozenset({"provider_name", "native_id", "sort_id", "stands_at", "held", "raw", "ended_at"})
# What it looks at for a field that is not an attribute, such as a relation or a file.
JOINING = frozenset({"refs", "files"})
# These fields are made of what is there always.
MADE = frozenset({"id", "provider", "native", "__typename"})


class Unfit(Exception):
    """A function that is not flat enough to leave something out of it."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping function, taken apart: what it does first, and of which expressions it makes which kind."""

    before: Sequence[ast.stmt]
    kind: type[Record]
    parts: dict[str, ast.expr]


def only(make: Make, ask: Ask) -> Make:
    """The mapping function without what is not asked for; the function itself where all is, or where it cannot be told what that is."""
    return _pruned(make, frozenset(ask.select), not ask.unmapped) if ask.lean else make


@lru_cache(maxsize=1024)
def _pruned(make: Make, select: frozenset[str], joined: bool) -> Make:
    try:
        mapping = taken_apart(make)
    except (Unfit, OSError, SyntaxError, TypeError):
        return make
    attributes = {each.name for each in fields(mapping.kind) if each.init}
    wanted = {python_name(name) for name in select - MADE}
    placed = {name for name in (mapping.kind.time_field, mapping.kind.name_field) if name}
    return _compiled(make, mapping, ALWAYS | placed | wanted | (JOINING if joined or wanted - attributes else set()))


def taken_apart(make: Make) -> Mapping:
    """The parts of a function `(row, of)` whose last statement alone returns, and returns a record made by keywords."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(make))).body
    known: dict[str, Any] = getattr(make, "__globals__", {})
    if not isinstance(function, ast.FunctionDef) or function.decorator_list or getattr(make, "__closure__", None):
        raise Unfit
    *before, last = function.body
    call = last.value if isinstance(last, ast.Return) else None
    if [each.arg for each in function.args.args] != ["row", "of"] or not isinstance(call, ast.Call) or call.args:
        raise Unfit
    kind = known.get(call.func.id) if isinstance(call.func, ast.Name) else None
    returns = any(isinstance(node, ast.Return | ast.Yield | ast.Await) for each in before for node in ast.walk(each))
    if not (isinstance(kind, type) and issubclass(kind, Record)) or hasattr(kind, "__post_init__") or returns:
        raise Unfit
    if not all(keyword.arg for keyword in call.keywords):
        raise Unfit
    return Mapping(before, kind, {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg})


def _compiled(make: Make, mapping: Mapping, wanted: frozenset[str]) -> Make:
    """The record is filled without its `__init__`, which would give what is left out a value that is not true."""
    parts = {name: value for name, value in mapping.parts.items() if name in wanted}
    absent = [each for each in fields(mapping.kind) if each.init and each.name in wanted and each.name not in parts]
    lines = [
        *(ast.unparse(each) for each in _needed(mapping.before, _names(parts.values()))),
        "made = __new(__kind)",
        f"made.__dict__ = {{{', '.join([*_given(parts), *_missing(absent)])}, 'rest': (__make, row, of)}}",
        "return made",
    ]
    source = "def pruned(row, of):\n" + textwrap.indent("\n".join(lines), "    ")
    names = getattr(make, "__globals__", {}) | {"__new": object.__new__, "__kind": mapping.kind, "__make": make}
    names |= {f"__{each.name}": each.default_factory if each.default is MISSING else each.default for each in absent}
    exec(compile(source, f"<pruned {make.__module__}.{make.__name__}>", "exec"), names)
    found: Make = names["pruned"]
    return found


def _given(parts: dict[str, ast.expr]) -> Iterator[str]:
    return (f"{name!r}: {ast.unparse(value)}" for name, value in parts.items())


def _missing(absent: Iterable["Field[Any]"]) -> Iterator[str]:
    """What the mapping leaves to the defaults."""
    return (f"{each.name!r}: __{each.name}{'()' if each.default is MISSING else ''}" for each in absent)


def _needed(before: Sequence[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """The statements on which these names depend, in their order; whatever is more than an assignment stays."""
    kept: list[ast.stmt] = []
    for each in reversed([part for statement in before for part in _single(statement)]):
        target = _target(each)
        if target is not None and target not in names:
            continue
        if target is not None:
            names.discard(target)
        if not _is_docstring(each):
            names |= _names([each])
            kept.append(each)
    return kept[::-1]


def _single(statement: ast.stmt) -> Iterator[ast.stmt]:
    """`a, b = x, y` as two assignments, where neither looks at what the other has set."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        targets, values = _items(statement.targets[0]), _items(statement.value)
        plain = all(isinstance(each, ast.Name) for each in targets) and _names(targets).isdisjoint(_names(values))
        if targets and plain and len(targets) == len(values):
            yield from (ast.Assign([one], other, lineno=0) for one, other in zip(targets, values, strict=True))
            return
    yield statement


def _items(tuple_: ast.expr) -> list[ast.expr]:
    return tuple_.elts if isinstance(tuple_, ast.Tuple) else []


def _target(statement: ast.stmt) -> str | None:
    """The one name that a statement does nothing but set."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.id for each in nodes for node in ast.walk(each) if isinstance(node, ast.Name)}
