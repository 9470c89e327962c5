"""The promise about source code: a plugin does not use what is the gateway's task, even where no test would notice."""

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import promise, require
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.registry import GROUP

CATCH_ALL = frozenset({"builtins.Exception", "builtins.BaseException"})


@dataclass(frozen=True, slots=True)
class SourceRule:
    """Names that a plugin must not use, and the alternative."""

    names: frozenset[str]
    advice: str

    def forbids(self, name: str) -> bool:
        """Return True if the name is one of them, or part of one."""
        return any(name == each or name.startswith(f"{each}.") for each in self.names)


def _rule(names: str, advice: str) -> SourceRule:
    return SourceRule(frozenset(names.split()), advice)


CATCHING = "catches_everything"
RULES = {
    "waits": _rule("asyncio.sleep time.sleep anyio.sleep trio.sleep", "the gateway does all waiting"),
    "retries": _rule("tenacity stamina backoff retrying httpx_retries", "the gateway retries, and never a command"),
    "opens_clients": _rule(
        "httpx aiohttp requests httpcore urllib3 urllib.request http.client socket asyncio.open_connection websockets",
        "use self.upstream, which applies timeouts, limits and counts",
    ),
    "reads_the_environment": _rule("os.environ os.getenv os.environb dotenv environs decouple", "add a setting"),
    "logs": _rule("logging structlog loguru builtins.print warnings.warn", "raise an error; the gateway logs it without secrets"),
    "keeps_answers": _rule("cachetools cashews aiocache diskcache redis async_lru shelve", "the gateway caches responses"),
    "speaks_graphql": _rule("strawberry graphql", "return the schema's records"),
    CATCHING: SourceRule(CATCH_ALL, "catch only named exceptions: the gateway handles the others"),
    "knows_other_plugins": _rule("", "plugins must not import each other"),
}


@promise(lambda plugin: RULES)
async def uses_nothing_forbidden(harness: Harness, rule: SourceRule) -> None:
    """Leave waiting, retries, logging, caching and clients to the gateway, and use no environment, catch-all handlers or other plugins."""
    if rule is RULES["knows_other_plugins"]:
        rule = SourceRule(frozenset(_other_packages(harness.plugin)), rule.advice)
    for module, tree in _plugin_sources(harness.plugin):  # type: ignore[arg-type]  # mypy asks its instances whether a class can be hashed
        for line, name in _used_names(tree, caught=rule.names == CATCH_ALL):
            require(not rule.forbids(name), f"{module}, line {line}, uses {name.removeprefix('builtins.')}: {rule.advice}")


def _other_packages(plugin: type[Provider]) -> Iterator[str]:
    """Yield the packages of other installed plugins."""
    for point in entry_points(group=GROUP):
        if not f"{plugin.__module__}.".startswith(f"{point.module}."):
            yield point.module


@cache
def _plugin_sources(plugin: type[Provider]) -> Sequence[tuple[str, ast.Module]]:
    """Return the modules that the plugin imports from its own package, parsed; without its sandbox and without other plugins in them."""
    package, sandbox = plugin.__module__.rpartition(".")[0] or plugin.__module__, plugin.sandbox().__module__
    pending, seen, sources = [plugin.__module__], set[str](), list[tuple[str, ast.Module]]()
    while pending:
        name = pending.pop()
        module = sys.modules.get(name)
        if name in seen or module is None or name == sandbox or "sandbox" in name.split(".") or module.__spec__ is None:
            continue
        seen.add(name)
        tree = _parsed(module)
        tree = ast.Module([node for node in tree.body if not _is_other_provider(node, module, plugin)], [])
        sources.append((name, tree))
        imported = {each for node in ast.walk(tree) for each in _imported(node)}
        pending += [each for each in imported if each == package or each.startswith(f"{package}.")]
    return sources


@cache
def _parsed(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _is_other_provider(node: ast.stmt, module: ModuleType, plugin: type[Provider]) -> bool:
    defined = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
    return isinstance(defined, type) and issubclass(defined, Provider) and defined not in plugin.__mro__


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""
        yield from (f"{node.module}.{each.name}" for each in node.names)


@cache
def _used_names(tree: ast.Module, *, caught: bool) -> Sequence[tuple[int, str]]:
    """Return the full names that a module uses, with their lines; or, if `caught`, the exceptions that it catches."""
    import_names, names = _import_names(tree), list[tuple[int, str]]()
    for node in ast.walk(tree):
        if caught:
            names += [(getattr(node, "lineno", 0), each) for each in _caught_names(node, import_names)]
        elif isinstance(node, ast.Attribute | ast.Name) and (name := _full_name(node, import_names)):
            names.append((node.lineno, name))
    return names


def _import_names(tree: ast.Module) -> dict[str, str]:
    """Return the full name of each imported name."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            packages = [each.name.partition(".")[0] for each in node.names if not each.asname]
            names |= dict(zip(packages, packages, strict=True)) | {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom):
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return names


def _full_name(node: ast.expr, import_names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Attribute):
        parent = _full_name(node.value, import_names)
        return f"{parent}.{node.attr}" if parent else None
    return import_names.get(node.id, f"builtins.{node.id}") if isinstance(node, ast.Name) else None


def _caught_names(node: ast.AST, import_names: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.ExceptHandler):
        if node.type is None:
            yield "builtins.BaseException"
        else:
            types = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            yield from (name for each in types if (name := _full_name(each, import_names)))
    elif isinstance(node, ast.Call) and _full_name(node.func, import_names) == "contextlib.suppress":
        yield from (name for each in node.args if (name := _full_name(each, import_names)))
