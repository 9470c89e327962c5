"""Mistakes of the configuration: all of one run, each with its key, its line, what was found, and what to write instead."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from telegraphql.gateway.config.toml_lines import Key, line_of
from telegraphql.gateway.errors import SettingsError
from telegraphql.schema.nearest_names import nearest_name

# Keys of version 0.1, told with their present names. They are not read.
RENAMED = {
    "patience": "request_timeout",
    "notice": "drain_delay",
    "grace": "shutdown_timeout",
    "longest_rest": "breaker_reset_timeout",
    "breaker_rest": "breaker_reset_timeout",
    "tell_cost": "report_cost",
    "at_once": "max_concurrency",
    "waiting": "max_queue",
    "attempts": "max_attempts",
    "per_second": "requests_per_second",
}
KINDS = {str: "text", bool: "true or false", int: "a whole number", float: "a number", list: "a list", dict: "a table"}
# What pydantic expected, by the type of its error.
EXPECTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": 'text in quotes, such as "text"',
    "list_type": 'a list, such as ["a", "b"]',
    "tuple_type": 'a list, such as ["a", "b"]',
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration file: its path, and the line of each key."""

    path: Path | None = None
    lines: Mapping[Key, int] = field(default_factory=dict)

    def place(self, key: Key) -> str:
        """Return "FILE:LINE: " of a key; empty if it does not stand in the file."""
        line = line_of(self.lines, key)
        return "" if line is None or self.path is None else f"{self.path}:{line}: "


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: the key's parts, and what to do."""

    key: Key
    text: str

    def told(self, source: ConfigFile) -> str:
        """Return the mistake as one line. Values do not stand in it: they may be secrets."""
        return f"{source.place(self.key)}{'.'.join(self.key)}: {self.text}" if self.key else self.text


class ConfigError(SettingsError):
    """The configuration has mistakes. The message has one line for each, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake], source: ConfigFile | None = None) -> None:
        source = source or ConfigFile()
        self.mistakes = tuple(sorted(set(mistakes), key=lambda each: (line_of(source.lines, each.key) or 0, each.key)))
        self.source = source
        super().__init__("\n".join(each.told(source) for each in self.mistakes))


def mistakes_of(error: ValidationError, model: type[BaseModel], key: Key = ()) -> Iterator[Mistake]:
    """Yield the mistakes that pydantic found in a table of settings, which stands at `key`."""
    for each in error.errors(include_url=False):
        place = tuple(str(part) for part in each["loc"])
        yield Mistake((*key, *place), _advice(each, model))


def unknown_key(name: str, known: Iterable[str]) -> str:
    """Return the advice for a key that does not exist."""
    known = set(known)
    found = RENAMED.get(name)
    if found in known:
        return f"this key is now called {found}"
    near = nearest_name(name, known)
    return f"unknown key; did you mean {near}?" if near else f"unknown key; the keys here are {', '.join(sorted(known)) or 'none'}"


def _advice(error: ErrorDetails, model: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden" and len(error["loc"]) == 1 and (table := _table_with(model, str(error["loc"][0]))):
        return f"this key belongs into the table [{table}]"
    if kind == "extra_forbidden":
        return unknown_key(str(error["loc"][-1]), _model_at(model, error["loc"][:-1]).model_fields)
    if kind == "missing":
        described = _model_at(model, error["loc"][:-1]).model_fields.get(str(error["loc"][-1]))
        return f"is missing: {described.description}" if described and described.description else "is missing"
    if kind in BOUNDS:
        word, name = BOUNDS[kind]
        return f"write {word} {context[name]}"
    if kind == "literal_error" or kind == "enum":
        return f"write one of {context['expected']}"
    if kind.startswith("datetime"):
        return "write a date or time, such as 2024-01-31T00:00:00Z"
    if kind in EXPECTED:
        return f"write {EXPECTED[kind]}; this is {_kind_of(error.get('input'))}"
    return error["msg"].removeprefix("Value error, ")


def _table_with(model: type[BaseModel], name: str) -> str | None:
    """Return the first table of a model that has a key of this name."""
    tables = ((table, each) for table, field in model.model_fields.items() for each in _models(field.annotation))
    return next((table for table, each in tables if name in each.model_fields), None)


def _kind_of(value: Any) -> str:
    return KINDS.get(type(value), "something else")


def _model_at(model: type[BaseModel], place: Iterable[int | str]) -> type[BaseModel]:
    """Return the class of the table at a place below a model."""
    for part in place:
        described = model.model_fields.get(str(part))
        below = None if described is None else next(_models(described.annotation), None)
        # A key that the operator chooses, such as NAME of callers.keys.NAME, is no field.
        model = below or model
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType, list, dict, tuple):
        for each in get_args(annotation):
            yield from _models(each)
