"""Installed plugins, found through entry points. A broken plugin is logged and does not stop the others."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import CONTRACT_VERSION, Provider
from telegraphql.schema.nearest_names import nearest_name

GROUP = "telegraphql.providers"
log = logging.getLogger("telegraphql")


class Unusable(SettingsError):
    """A provider cannot be used, since its plugin is broken or its secrets are missing. The others can."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """The plugin classes by name, and for each broken plugin the reason."""

    found: Mapping[str, type[Provider]]
    broken: Mapping[str, str]

    def named(self, name: str) -> type[Provider]:
        """Return a plugin class by name.

        Raises:
            Unusable: The plugin is broken.
            SettingsError: The plugin is not installed.
        """
        if name in self.broken:
            raise Unusable(f"its plugin {name} is broken: {self.broken[name]}")
        if name not in self.found:
            near = nearest_name(name, self.found)
            advice = f"did you mean {near}?" if near else f"installed: {', '.join(sorted(self.found)) or 'none'}"
            raise SettingsError(f"no plugin {name!r} is installed; {advice}")
        return self.found[name]


@cache
def plugins() -> Plugins:
    """Return all installed plugins."""
    return load(list(entry_points(group=GROUP)))


def load(points: list[EntryPoint]) -> Plugins:
    """Return the plugins of these entry points."""
    found: dict[str, type[Provider]] = {}
    broken: dict[str, str] = {}
    for point in points:
        try:
            if point.name in found:
                raise SettingsError("two distributions define a plugin of this name: uninstall one")
            found[point.name] = _checked(point)
        except Exception as error:
            broken[point.name] = f"{type(error).__name__}: {error}{_advice(error)}"
            log.error("the plugin %s is broken and disabled: %s", point.name, broken[point.name])
    return Plugins(found, broken)


def _checked(point: EntryPoint) -> type[Provider]:
    plugin = point.load()
    if not (isinstance(plugin, type) and issubclass(plugin, Provider)):
        raise SettingsError(f"the entry point {point.name!r} must name a class derived from telegraphql.plugin.Provider")
    if getattr(plugin, "plugin", None) != point.name:
        declared_name = getattr(plugin, "plugin", None)
        raise SettingsError(
            f"the class {plugin.__name__} has plugin = {declared_name!r}, but its entry point is {point.name!r}: use one name for both"
        )
    version = getattr(plugin, "contract_version", None)
    if version is None:
        raise SettingsError(f"the class {plugin.__name__} has no contract_version: write contract_version = {CONTRACT_VERSION}")
    if version != CONTRACT_VERSION:
        raise SettingsError(
            f"it is written for version {version} of the plugin contract, and this gateway has version {CONTRACT_VERSION}: "
            f"install {'a newer gateway' if version > CONTRACT_VERSION else 'a newer release of the plugin'}"
        )
    declared(plugin)
    return plugin


def _advice(error: Exception) -> str:
    """Return more words for a plugin that imports what this gateway does not export."""
    is_of_contract = isinstance(error, ImportError) and (error.name or "").startswith("telegraphql.")
    return f"; the plugin may be for another version of the contract than {CONTRACT_VERSION}" if is_of_contract else ""
