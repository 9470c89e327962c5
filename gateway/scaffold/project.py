"""Creation of a new plugin's files from the templates beside this module."""

import re
from collections.abc import Iterator
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from string import Template

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.scaffold.naming import PluginNames

# Keeps tools from reading templates as Python modules.
SUFFIX = ".txt"
CLASS_NAME = re.compile(r"\b[A-Z]\w*")


class PluginProject:
    """The distribution of a new plugin."""

    def __init__(self, name: str) -> None:
        self.names = PluginNames.of(name, frozenset(CLASS_NAME.findall("".join(text for _, text in self._templates))))

    @cached_property
    def _templates(self) -> list[tuple[PurePosixPath, str]]:
        return list(_read_templates(files("telegraphql.gateway.scaffold") / "template", PurePosixPath()))

    @property
    def files(self) -> dict[PurePosixPath, str]:
        """Return the content of each file by its path."""
        names = self.names
        values = {"distribution": names.distribution, "plugin": names.plugin, "package": names.package, "title": names.title}
        values |= {"port": str(names.port), "variable": f"{names.package.upper()}_TOKEN"}
        return {_target_path(path, names.package): Template(text).substitute(values) for path, text in self._templates}

    def write(self, into: Path) -> Path:
        """Write the files into a new directory in `into`, which is created if necessary, and return it. Existing files are not changed.

        Raises:
            SettingsError: A name is in use, or the directory exists or cannot be created.
        """
        self.names.check()
        directory = into / self.names.distribution
        try:
            into.mkdir(parents=True, exist_ok=True)
            directory.mkdir()
        except FileExistsError:
            existing = directory if directory.exists() else into
            raise SettingsError(f"{existing} exists and was not changed; remove it, or choose another name or --into") from None
        except OSError as error:
            raise SettingsError(f"{directory} cannot be created ({error.strerror}); choose another --into") from None
        for path, text in self.files.items():
            (directory / path).parent.mkdir(exist_ok=True)
            (directory / path).write_text(text, "utf-8")
        return directory


def _read_templates(directory: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield the templates of a directory, each with its path in the project."""
    for entry in sorted(directory.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _read_templates(entry, path / entry.name)
        elif entry.name.endswith(SUFFIX):
            yield path / entry.name.removesuffix(SUFFIX), entry.read_text("utf-8")


def _target_path(path: PurePosixPath, package: str) -> PurePosixPath:
    return PurePosixPath(package, *path.parts[1:]) if path.parts[0] == "package" else path
