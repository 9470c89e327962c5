"""Provider values: what mappings read with `provider("...")` is compared with the provider once it is built."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from telegraphql.gateway.plugin.columns import ProviderValue
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.mapping_errors import fail
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.schema.nearest_names import nearest


def check_provider_values(provider: Provider) -> None:
    """Compare the mappings that a provider's modules use with its attributes.

    Raises:
        MappingError: A mapping reads an attribute that the provider does not have.
    """
    for mapping in _mappings(type(provider)):
        for column in mapping.all_columns:
            for source in column.all_sources:
                if isinstance(source, ProviderValue):
                    _check(provider, source.path, column.where)


def _check(provider: Provider, path: str, where: str) -> None:
    at: Any = provider
    for name in path.split("."):
        if at is None:
            return
        known = [each for each in dir(at) if not each.startswith("_")]
        if name not in known:
            raise fail(where, f"provider({path!r}): {type(at).__name__} has no attribute {name!r}; {_advice(at, name, known)}")
        at = getattr(at, name, None)


def _advice(at: Any, name: str, known: list[str]) -> str:
    found = nearest(name, known)
    return found if found.startswith("did you mean") else f"add it to the class {type(at).__name__}"


def _mappings(plugin: type[Provider]) -> Iterator[Mapping[Any]]:
    """Yield the mappings in a plugin's module, and in the modules of its package that it uses."""
    package = plugin.__module__.rpartition(".")[0] or plugin.__module__
    waiting, seen = [each.__module__ for each in plugin.__mro__], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or not f"{name}.".startswith(f"{package}.") or name not in sys.modules:
            continue
        seen.add(name)
        for value in list(vars(sys.modules[name]).values()):
            if isinstance(value, Mapping):
                yield value
            used = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
            waiting += [used] if isinstance(used, str) else []
