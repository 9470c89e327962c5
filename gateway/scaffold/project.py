"""Creation of a new plugin's files from the templates beside this module."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from string import Template

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.scaffold.naming import PluginNames

# Keeps tools from reading templates as Python modules.
SUFFIX = ".txt"
MARK = re.compile(r"\s*#:(.*)\n")
CLASS_NAME = re.compile(r"\b[A-Z]\w*")


class PageStyleName(StrEnum):
    """The page styles of the template."""

    KEYSET = "keyset"
    LINKS = "links"
    WHOLE = "whole"
    WINDOWS = "windows"


class SchemeName(StrEnum):
    """The credential schemes of the template."""

    BASIC = "basic"
    BEARER = "bearer"
    HEADER = "header"
    OAUTH2 = "oauth2"


CREDENTIALS = {
    SchemeName.BASIC: '{"user": "u", "password": "p"}',
    SchemeName.BEARER: '{"token": "t"}',
    SchemeName.HEADER: '{"api_key": "k"}',
    SchemeName.OAUTH2: '{"client_id": "c", "client_secret": "s"}',
}


class PluginProject:
    """The distribution of a new plugin, for an upstream with a page style and a credential scheme."""

    def __init__(self, name: str, pages: PageStyleName = PageStyleName.KEYSET, auth: SchemeName = SchemeName.BEARER) -> None:
        self.pages, self.auth = pages, auth
        self.names = PluginNames.of(name, frozenset(CLASS_NAME.findall("".join(text for _, text in self._templates))))

    @cached_property
    def _templates(self) -> list[tuple[PurePosixPath, str]]:
        return list(_read_templates(files("telegraphql.gateway.scaffold") / "template", PurePosixPath()))

    @property
    def files(self) -> dict[PurePosixPath, str]:
        """Return the content of each file by its path."""
        names = self.names
        values = {"distribution": names.distribution, "plugin": names.plugin, "package": names.package, "title": names.title}
        values |= {"port": str(names.port), "variable": names.plugin.upper().replace("-", "_"), "credentials": CREDENTIALS[self.auth]}
        used = {"parse_qsl": self.auth is SchemeName.OAUTH2, "urlencode": self.pages is PageStyleName.LINKS}
        values |= {"urllib": ", ".join(name for name, is_used in used.items() if is_used)}
        return {_target_path(path, names.package): Template(self._chosen(text)).substitute(values) for path, text in self._templates}

    def _chosen(self, text: str) -> str:
        """Return the lines of a template that are for its options: those behind `#: links whole` are for two, those behind `#:` for all."""
        kept, lines = True, []
        for line in text.splitlines(keepends=True):
            if mark := MARK.fullmatch(line):
                options = mark[1].split()
                kept = not options or self.pages in options or self.auth in options
            elif kept:
                lines.append(line)
        return "".join(lines)

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
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
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
    folders = {"package": PurePosixPath(package), "workflows": PurePosixPath(".github/workflows")}
    return folders[path.parts[0]].joinpath(*path.parts[1:]) if path.parts[0] in folders else path
