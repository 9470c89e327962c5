"""Registry: the plugins that are installed, found through entry points; a broken one is named and does not stop the others."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import Provider

GROUP = "telegraphql.providers"
log = logging.getLogger("telegraphql")


@dataclass(frozen=True, slots=True)
class Plugins:
    """The plugin classes by name, and why the others are not among them."""

    found: Mapping[str, type[Provider]]
    broken: Mapping[str, str]

    def named(self, name: str) -> type[Provider]:
        """A plugin class; SettingsError says what is wrong with it or which ones there are."""
        if name in self.broken:
            raise SettingsError(f"the plugin {name!r} is broken: {self.broken[name]}")
        if name not in self.found:
            raise SettingsError(f"there is no plugin {name!r}; installed are {', '.join(sorted(self.found)) or 'none'}")
        return self.found[name]


@cache
def plugins() -> Plugins:
    """All installed plugins."""
    return load(list(entry_points(group=GROUP)))


def load(points: list[EntryPoint]) -> Plugins:
    """The plugins behind these entry points."""
    found: dict[str, type[Provider]] = {}
    broken: dict[str, str] = {}
    for point in points:
        try:
            if point.name in found:
                raise SettingsError("two distributions offer a plugin of this name; uninstall one")
            found[point.name] = _checked(point)
        except Exception as error:
            broken[point.name] = f"{type(error).__name__}: {error}"
            log.error("the plugin %s is broken and left out: %s", point.name, broken[point.name])
    return Plugins(found, broken)


def _checked(point: EntryPoint) -> type[Provider]:
    plugin = point.load()
    if not (isinstance(plugin, type) and issubclass(plugin, Provider)):
        raise SettingsError(
            f"the entry point {point.name!r} does not lead to a class derived from telegraphql.gateway.plugin.provider.Provider"
        )
    if getattr(plugin, "plugin", None) != point.name:
        raise SettingsError(f"the class {plugin.__name__} calls itself {getattr(plugin, 'plugin', None)!r}, its entry point {point.name!r}")
    declared(plugin)
    return plugin
