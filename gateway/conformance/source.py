"""Source: what a plugin may not do is not in its code, where no test would see it happen."""

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import need, promise
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.registry import GROUP

EVERYTHING = frozenset({"builtins.Exception", "builtins.BaseException"})


@dataclass(frozen=True, slots=True)
class SourceRule:
    """Names whose use is not a plugin's business, and whose it is."""

    names: frozenset[str]
    advice: str

    def forbids(self, name: str) -> bool:
        """Whether this name, or what it is part of, is among them."""
        return any(name == each or name.startswith(f"{each}.") for each in self.names)


def _rule(names: str, advice: str) -> SourceRule:
    return SourceRule(frozenset(names.split()), advice)


CATCHING = "catches_everything"
RULES = {
    "waits": _rule("asyncio.sleep time.sleep anyio.sleep trio.sleep", "the gateway keeps all pauses"),
    "retries": _rule("tenacity stamina backoff retrying httpx_retries", "the gateway asks again, and never for a command"),
    "opens_clients": _rule(
        "httpx aiohttp requests httpcore urllib3 urllib.request http.client socket asyncio.open_connection websockets",
        "ask with self.upstream, where timeouts, limits and counts are",
    ),
    "reads_the_environment": _rule("os.environ os.getenv os.environb dotenv environs decouple", "take it from the settings"),
    "logs": _rule("logging structlog loguru builtins.print warnings.warn", "raise what is wrong; the gateway logs it without secrets"),
    "keeps_answers": _rule("cachetools cashews aiocache diskcache redis async_lru shelve", "the gateway keeps answers, and forgets them"),
    "speaks_graphql": _rule("strawberry graphql", "return the schema's records"),
    CATCHING: SourceRule(EVERYTHING, "catch what you can name, and let the rest out: the gateway knows what to do"),
    "knows_other_plugins": _rule("", "share nothing with them"),
}


@promise(lambda plugin: RULES)
async def leaves_the_rest_to_the_gateway(harness: Harness, rule: SourceRule) -> None:
    """The plugin's code does not wait, retry, log, keep answers, open clients, read the environment, catch everything or know others."""
    if rule is RULES["knows_other_plugins"]:
        rule = SourceRule(frozenset(_others(harness.plugin)), rule.advice)
    for module, tree in _sources(harness.plugin):  # type: ignore[arg-type]  # mypy asks its instances whether a class can be hashed
        for line, name in _used(tree, caught=rule.names == EVERYTHING):
            need(not rule.forbids(name), f"{module}, line {line}, uses {name.removeprefix('builtins.')}: {rule.advice}")


def _others(plugin: type[Provider]) -> Iterator[str]:
    """The packages of other installed plugins."""
    for point in entry_points(group=GROUP):
        if not f"{plugin.__module__}.".startswith(f"{point.module}."):
            yield point.module


@cache
def _sources(plugin: type[Provider]) -> Sequence[tuple[str, ast.Module]]:
    """The modules of the plugin's package that its own leads to, without the sandbox, and without plugins that are not this one."""
    package, sandbox = plugin.__module__.rpartition(".")[0] or plugin.__module__, plugin.sandbox().__module__
    waiting, seen, sources = [plugin.__module__], set[str](), list[tuple[str, ast.Module]]()
    while waiting:
        name = waiting.pop()
        module = sys.modules.get(name)
        if name in seen or module is None or name == sandbox or "sandbox" in name.split(".") or module.__spec__ is None:
            continue
        seen.add(name)
        tree = _parsed(module)
        tree = ast.Module([node for node in tree.body if not _is_other(node, module, plugin)], [])
        sources.append((name, tree))
        found = {each for node in ast.walk(tree) for each in _imported(node)}
        waiting += [each for each in found if each == package or each.startswith(f"{package}.")]
    return sources


@cache
def _parsed(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _is_other(node: ast.stmt, module: ModuleType, plugin: type[Provider]) -> bool:
    made = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
    return isinstance(made, type) and issubclass(made, Provider) and made not in plugin.__mro__


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""
        yield from (f"{node.module}.{each.name}" for each in node.names)


@cache
def _used(tree: ast.Module, *, caught: bool) -> Sequence[tuple[int, str]]:
    """What is used, by its whole name, and on which line; or, instead, what is caught."""
    known, used = _known(tree), list[tuple[int, str]]()
    for node in ast.walk(tree):
        if caught:
            used += [(getattr(node, "lineno", 0), each) for each in _caught(node, known)]
        elif isinstance(node, ast.Attribute | ast.Name) and (name := _whole(node, known)):
            used.append((node.lineno, name))
    return used


def _known(tree: ast.Module) -> dict[str, str]:
    """What each imported name means."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            plain = [each.name.partition(".")[0] for each in node.names if not each.asname]
            known |= dict(zip(plain, plain, strict=True)) | {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom):
            known |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return known


def _whole(node: ast.expr, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Attribute):
        of = _whole(node.value, known)
        return f"{of}.{node.attr}" if of else None
    return known.get(node.id, f"builtins.{node.id}") if isinstance(node, ast.Name) else None


def _caught(node: ast.AST, known: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.ExceptHandler):
        if node.type is None:
            yield "builtins.BaseException"
        else:
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            yield from (name for each in kinds if (name := _whole(each, known)))
    elif isinstance(node, ast.Call) and _whole(node.func, known) == "contextlib.suppress":
        yield from (name for each in node.args if (name := _whole(each, known)))
