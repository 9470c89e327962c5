"""Values of the configuration that stand elsewhere: {env = "NAME"}, {file = "PATH"}, paths, and variables that override keys."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from telegraphql.gateway.config.mistakes import Mistake, unknown_key
from telegraphql.gateway.config.toml_lines import Key

PREFIX = "TELEGRAPHQL_"
# Kubernetes sets these in every pod for a service with the name telegraphql.
SERVICE_LINKS = re.compile(r"TELEGRAPHQL_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_[0-9]+_(TCP|UDP)(_[A-Z]+)?)?)")
PLACEHOLDER = re.compile(r"\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|<[A-Za-z_ -]+>")


class Resolver:
    """Replaces tables that refer to a variable or a file by what they refer to, and makes paths absolute.

    A provider's value that is missing makes this provider unusable; any other one is a mistake.

    Attributes:
        mistakes: The mistakes outside of providers' tables.
        unusable: The reason for each provider that cannot be used, by its name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.mistakes: list[Mistake] = []
        self.unusable: dict[str, str] = {}

    def resolve(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a file, without those that are missing."""
        return self._table((), values)

    def _table(self, key: Key, table: Mapping[str, Any]) -> dict[str, Any]:
        resolved = {}
        for name, value in table.items():
            try:
                resolved[name] = self._absolute(name, self._value((*key, name), value))
            except ValueError as error:
                self._note((*key, name), str(error))
        return resolved

    def _value(self, key: Key, value: Any) -> Any:
        if isinstance(value, str) and PLACEHOLDER.fullmatch(value):
            raise ValueError('is a placeholder, which nothing replaces: write { env = "NAME" } or { file = "PATH" }')
        if not isinstance(value, dict):
            return value
        if set(value) == {"env"}:
            return _variable(str(value["env"]))
        if set(value) == {"file"}:
            return self._content(str(value["file"]))
        return self._table(key, value)

    def _content(self, name: str) -> str:
        try:
            text = (self._folder / name).read_text("utf-8").strip()
        except OSError as error:
            raise ValueError(f"cannot read {name} ({error.strerror})") from None
        except UnicodeDecodeError:
            raise ValueError(f"{name} is not UTF-8 text") from None
        if not text:
            raise ValueError(f"{name} is empty")
        return text

    def _absolute(self, name: str, value: Any) -> Any:
        is_path = name.endswith(("_file", "_folder")) and isinstance(value, str)
        return str(self._folder.absolute() / value) if is_path else value

    def _note(self, key: Key, text: str) -> None:
        if key[0] == "providers" and len(key) > 2:
            self.unusable.setdefault(key[1], f"{'.'.join(key)}: {text}")
        else:
            self.mistakes.append(Mistake(key, text))


def _variable(name: str) -> str:
    if name not in os.environ:
        raise ValueError(f"the environment variable {name} is not set")
    if not os.environ[name]:
        raise ValueError(f"the environment variable {name} is empty")
    return os.environ[name]


def unknown_variables(tables: Iterable[str]) -> Iterator[Mistake]:
    """Yield a mistake for each environment variable that looks like a key and sets none, such as TELEGRAPHQL_SERVR__PORT."""
    known = {f"{PREFIX}{each.upper()}": each for each in tables}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper().split("__")[0] not in known and not SERVICE_LINKS.fullmatch(name):
            advice = unknown_key(name.upper().split("__")[0], known)
            split = next((each for each in known if name.upper().startswith(f"{each}_")), None)
            if split is not None:
                advice = f"write two underscores between table and key: {split}__{name.upper().removeprefix(f'{split}_')}"
            yield Mistake((name,), advice.replace("unknown key", "unknown variable").replace("the keys here are", "the tables are"))
