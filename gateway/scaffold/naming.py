"""Naming: what everything of a new plugin is called, and whether these names are free."""

import keyword
import re
import sys
import zlib
from collections.abc import Set
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, entry_points
from importlib.util import find_spec

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.registry import GROUP

NAME = re.compile(r"[A-Za-z]([A-Za-z0-9._-]{0,58}[A-Za-z0-9])?")
PREFIX = "telegraphql-"
# Folders beside the package.
BESIDE = frozenset({"tests"})
# The plugins that come with the gateway have the ports up to here; above, a port is taken by chance, the same for the same name.
FIRST_PORT, PORTS = 10, 85


@dataclass(frozen=True, slots=True)
class PluginNames:
    """The names of a new plugin, all made of one: of its distribution, its plugin as configurations name it, its package and its class."""

    distribution: str
    plugin: str
    package: str
    title: str

    @property
    def port(self) -> int:
        """Where its sandbox listens, above the port base."""
        return FIRST_PORT + zlib.crc32(self.plugin.encode()) % PORTS

    @classmethod
    def of(cls, name: str, taken: Set[str] = frozenset()) -> "PluginNames":
        """The names made of this one; no class is named as one of `taken`. SettingsError says what is wrong with the name."""
        if not NAME.fullmatch(name):
            raise SettingsError(
                f"{name[:80]!r} cannot name a plugin: begin with a letter, go on with letters, digits, '-', '_' or '.', "
                "end with a letter or digit, and use at most 60 of them, such as my-pbx"
            )
        canonical = re.sub(r"[-_.]+", "-", name)
        lower = canonical.lower()
        # Of a distribution that says whose plugin it is, such as telegraphql-my-pbx, the plugin needs no more than the rest.
        bare = canonical[len(PREFIX) :] if lower.startswith(PREFIX) and lower[len(PREFIX)].isalpha() else canonical
        title = "".join(part[0].upper() + part[1:] for part in bare.split("-"))
        title += "Plugin" if title in taken or keyword.iskeyword(title) else ""
        return cls(lower, bare.lower(), lower.replace("-", "_"), title)

    def check(self) -> None:
        """SettingsError for a name that something installed has already."""
        installed = {point.name: point.dist for point in entry_points(group=GROUP)}
        if self.plugin in installed:
            of = installed[self.plugin]
            raise SettingsError(f"a plugin {self.plugin!r} is installed{f' by {of.name}' if of else ''}; choose another name")
        if keyword.iskeyword(self.package) or self.package in BESIDE | sys.stdlib_module_names:
            raise SettingsError(f"the package {self.package!r} cannot be: Python or its tests have this name; choose another")
        if _is_installed(self.distribution) or find_spec(self.package) is not None:
            raise SettingsError(f"{self.distribution!r} is the name of something that is installed here; choose another")


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
