"""Names of a new plugin, and the check that they are not in use."""

import keyword
import re
import zlib
from collections.abc import Set
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, entry_points
from importlib.util import find_spec

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.registry import GROUP

NAME = re.compile(r"[A-Za-z]([A-Za-z0-9._-]{0,58}[A-Za-z0-9])?")
# Names of distributions and packages begin so: a plugin named after a vendor must not replace the vendor's own client.
PREFIX = "telegraphql-"
# Port offsets below FIRST_PORT belong to the included plugins. The offset of another plugin is a hash of its name.
FIRST_PORT, PORT_COUNT = 10, 85


@dataclass(frozen=True, slots=True)
class PluginNames:
    """The names of a new plugin, derived from one: distribution, plugin name in configurations, package and class."""

    distribution: str
    plugin: str
    package: str
    title: str

    @property
    def port(self) -> int:
        """Return the offset of its sandbox's port from the port base."""
        return FIRST_PORT + zlib.crc32(self.plugin.encode()) % PORT_COUNT

    @classmethod
    def of(cls, name: str, used_classes: Set[str] = frozenset()) -> "PluginNames":
        """Return the names derived from this one. A class in `used_classes` gets a suffix.

        Raises:
            SettingsError: The name is not valid.
        """
        if not NAME.fullmatch(name):
            raise SettingsError(
                f"{name[:80]!r} is not a valid plugin name: use 1 to 60 letters, digits, '-', '_' or '.', starting with a letter "
                "and ending with a letter or digit, such as my-pbx"
            )
        canonical = re.sub(r"[-_.]+", "-", name)
        lower = canonical.lower()
        # The plugin of the distribution telegraphql-my-pbx is my-pbx.
        short_name = canonical[len(PREFIX) :] if lower.startswith(PREFIX) and lower[len(PREFIX)].isalpha() else canonical
        title = "".join(part[0].upper() + part[1:] for part in short_name.split("-"))
        title += "Plugin" if title in used_classes or keyword.iskeyword(title) else ""
        distribution = lower if lower.startswith(PREFIX) else PREFIX + lower
        return cls(distribution, short_name.lower(), distribution.replace("-", "_"), title)

    def check(self) -> None:
        """Check that nothing installed has one of these names.

        Raises:
            SettingsError: A name is in use; the message says which.
        """
        installed = {point.name: point.dist for point in entry_points(group=GROUP)}
        if self.plugin in installed:
            owner = installed[self.plugin]
            raise SettingsError(f"a plugin {self.plugin!r} is installed{f' by {owner.name}' if owner else ''}; choose another name")
        if _is_installed(self.distribution) or find_spec(self.package) is not None:
            raise SettingsError(f"{self.distribution!r} is the name of an installed distribution or package; choose another name")


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
