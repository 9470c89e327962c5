"""Writing: the files of a new plugin, made from the templates beside this module."""

import re
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from string import Template

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.scaffold.naming import PluginNames

# So that nobody takes a template for a module.
SUFFIX = ".txt"
CLASS = re.compile(r"\b[A-Z]\w*")


class Draft:
    """The distribution of a plugin that is not written yet."""

    def __init__(self, name: str) -> None:
        self.names = PluginNames.of(name, frozenset(CLASS.findall("".join(text for _, text in self._templates))))

    @cached_property
    def _templates(self) -> list[tuple[PurePosixPath, str]]:
        return list(_below(files("telegraphql.gateway.scaffold") / "template", PurePosixPath()))

    @property
    def files(self) -> dict[PurePosixPath, str]:
        """What stands in each file."""
        names = self.names
        words = {"distribution": names.distribution, "plugin": names.plugin, "package": names.package, "title": names.title}
        words |= {"port": str(names.port), "variable": f"{names.package.upper()}_TOKEN"}
        return {_named(path, names.package): Template(text).substitute(words) for path, text in self._templates}

    def write(self, into: Path) -> Path:
        """Write it into a new folder of its name, in a folder that is made if need be; nothing that is there is touched."""
        self.names.check()
        folder = into / self.names.distribution
        try:
            into.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
        except FileExistsError:
            there = folder if folder.exists() else into
            raise SettingsError(f"{there} is there already, and was not touched; remove it, or choose another name or --into") from None
        except OSError as error:
            raise SettingsError(f"{folder} cannot be made ({error.strerror}); choose another --into") from None
        for path, text in self.files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        return folder


def _below(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    """The templates of a folder, each where it will stand."""
    for each in sorted(folder.iterdir(), key=lambda found: found.name):
        if each.is_dir():
            yield from _below(each, path / each.name)
        elif each.name.endswith(SUFFIX):
            yield path / each.name.removesuffix(SUFFIX), each.read_text("utf-8")


def _named(path: PurePosixPath, package: str) -> PurePosixPath:
    return PurePosixPath(package, *path.parts[1:]) if path.parts[0] == "package" else path
