"""Flat: functions that end by making one object of keywords, taken apart, so that of each attribute alone is made what is wanted."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

# What sets names that are no assignment's, or looks at names in ways of its own.
ODD = (ast.NamedExpr, ast.Global, ast.Nonlocal)
ODD_NAMES = frozenset({"dir", "eval", "exec", "globals", "locals", "super", "vars"})


class Unfit(Exception):
    """A function that is not flat enough to leave something out of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """What a function does first, and of which expressions it makes which kind of object; `names` is all else that it knows, `own` is
    what it sets itself."""

    parameters: tuple[str, ...]
    before: tuple[ast.stmt, ...]
    kind: type[Any]
    parts: Mapping[str, ast.expr]
    names: Mapping[str, Any]
    own: frozenset[str] = frozenset()

    def needed(self, parts: Iterable[ast.expr]) -> list[ast.stmt]:
        """The statements on which some of the parts depend, in their order; whatever is more than an assignment stays."""
        return _needed(self.before, names_in(parts))


@lru_cache(maxsize=1024)
def taken_apart(function: Callable[..., Any]) -> Flat:
    """The parts of a function whose last statement alone returns, and returns an object made by keywords; Unfit where it is another."""
    found, names = _source(function), function.__globals__
    *before, last = found.body
    nodes = [node for each in found.body for node in ast.walk(each)]
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    if any(isinstance(node, ODD) for node in nodes) or used & ODD_NAMES:
        raise Unfit
    if any(isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Await) for each in before for node in ast.walk(each)):
        raise Unfit
    own = frozenset(node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
    parameters = _parameters(found.args)
    kind, parts = made_by(last.value if isinstance(last, ast.Return) else None, names, own.union(parameters))
    return Flat(parameters, tuple(before), kind, parts, names, own)


def _source(function: Any) -> ast.FunctionDef:
    """The source of a function that stands for itself; Unfit where something is wrapped around it, or where a file is newer than what
    runs."""
    if not isinstance(function, FunctionType) or function.__closure__ or hasattr(function, "__wrapped__"):
        raise Unfit
    try:
        module = ast.parse(textwrap.dedent(inspect.getsource(function)))
        (code,) = (each for each in compile(module, "", "exec", dont_inherit=True).co_consts if isinstance(each, CodeType))
        (found,) = module.body
    except (OSError, SyntaxError, TypeError, ValueError):
        raise Unfit from None
    if not isinstance(found, ast.FunctionDef) or found.decorator_list or _does(code) != _does(function.__code__):
        raise Unfit
    return found


def _does(code: CodeType) -> tuple[object, ...]:
    """What tells code from other code, wherever it stands; its bytes would not, which also say what the module around it imports."""
    constants = [_does(each) if isinstance(each, CodeType) else each for each in code.co_consts]
    return code.co_name, code.co_names, code.co_varnames, constants


def made_by(call: ast.expr | None, names: Mapping[str, Any], own: Set[str]) -> tuple[type[Any], Mapping[str, ast.expr]]:
    """Which class a call makes an object of, and of what; Unfit where that is more than to keep what is given."""
    if not isinstance(call, ast.Call) or call.args or not isinstance(call.func, ast.Name) or call.func.id in own:
        raise Unfit
    kind = names.get(call.func.id)
    if not isinstance(kind, type) or not hasattr(kind, "__dataclass_fields__") or hasattr(kind, "__post_init__"):
        raise Unfit
    if not all(keyword.arg for keyword in call.keywords):
        raise Unfit
    return kind, {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """All names that are looked at or set."""
    return {node.id for each in nodes for node in ast.walk(each) if isinstance(node, ast.Name)}


def _parameters(given: ast.arguments) -> tuple[str, ...]:
    if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults:
        raise Unfit
    return tuple(each.arg for each in given.args)


def _needed(before: Sequence[ast.stmt], names: set[str]) -> list[ast.stmt]:
    kept: list[ast.stmt] = []
    for each in reversed([part for statement in before for part in _single(statement)]):
        targets = _targets(each)
        if _is_docstring(each) or (targets is not None and targets.isdisjoint(names)):
            continue
        if targets is not None and isinstance(each, ast.Assign):
            names -= targets
        names |= names_in([each])
        kept.append(each)
    return kept[::-1]


def _single(statement: ast.stmt) -> Iterator[ast.stmt]:
    """`a, b = x, y` as two assignments, where neither looks at what the other has set."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        targets, values = _items(statement.targets[0]), _items(statement.value)
        plain = all(isinstance(each, ast.Name) for each in targets) and names_in(targets).isdisjoint(names_in(values))
        if targets and plain and len(targets) == len(values):
            yield from (ast.Assign([one], other, lineno=0) for one, other in zip(targets, values, strict=True))
            return
    yield statement


def _items(tuple_: ast.expr) -> list[ast.expr]:
    return tuple_.elts if isinstance(tuple_, ast.Tuple) else []


def _targets(statement: ast.stmt) -> set[str] | None:
    """The names that a statement does nothing but set, be it under a condition; None where it may do more."""
    if isinstance(statement, ast.If):
        inner = [_targets(each) for each in (*statement.body, *statement.orelse)]
        return None if None in inner else {name for each in inner if each for name in each}
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    targets = _items(statement.targets[0]) or statement.targets
    return {each.id for each in targets if isinstance(each, ast.Name)} if all(isinstance(each, ast.Name) for each in targets) else None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
