"""Describe the configuration: tables of keys, from the pydantic classes that read it."""

import json
import types
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from docs.generate.markers import escaped, table
from telegraphql.gateway.auth.settings import JwtSettings, KeySettings
from telegraphql.gateway.config.settings import GatewaySettings
from telegraphql.gateway.duration import Seconds, format_duration
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.plugin.provider import Provider, Settings
from telegraphql.gateway.upstream.resilience import ResilienceSettings

HEADS = ["Key", "Type", "Default", "Meaning"]
WORDS: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    SecretStr: "secret",
    timedelta: "duration",
    datetime: "date or time",
}
BOUNDS = {"ge": "at least", "gt": "greater than", "le": "at most", "lt": "less than"}
# Tables whose names the operator chooses, and nested tables.
BELOW: dict[str, dict[str, type[BaseModel]]] = {"callers": {"callers.keys.NAME": KeySettings, "callers.jwt": JwtSettings}}


def gateway() -> str:
    """Return every table of telegraphql.toml except `[providers]`, in the order of the settings."""
    return "\n".join(_section(name, model) for name, model in _tables())


def providers() -> str:
    """Return the settings that all providers share."""
    return _section("providers.NAME", Settings) + "\n" + _section("providers.NAME.limits", ResilienceSettings)


def vendor_rates(found: Mapping[str, type[Provider]]) -> str:
    """Return what each vendor allows, with its source, and the limits that the gateway therefore keeps by default."""
    rows = []
    for plugin in found.values():
        limits = plugin.settings_type.model_fields["limits"].get_default(call_default_factory=True)
        numbers = [f"{each:g}" for each in (limits.requests_per_second, limits.largest_burst, limits.max_concurrency)]
        rows.append([plugin.title, *numbers, escaped(_allowed(type(limits)))])
    return table(["Provider", "`requests_per_second`", "`burst`", "`max_concurrency`", "What the vendor allows"], rows)


def _allowed(limits: type[ResilienceSettings]) -> str:
    is_of_vendor = limits is not ResilienceSettings
    return (
        " ".join((limits.__doc__ or "").split()) if is_of_vendor else "Nothing is limited: it is read on this machine, or from a database."
    )


def limits() -> str:
    """Return the keys of `[limits]`."""
    return _table(Limits.model_fields)


def own(settings: type[BaseModel]) -> str:
    """Return the keys that one plugin adds to the shared settings, or whose default it changes."""
    common = Settings.model_fields
    fields = {name: field for name, field in settings.model_fields.items() if name not in common or _differs(field, common[name])}
    return _table(fields)


def _differs(field: FieldInfo, common: FieldInfo) -> bool:
    return (field.description, field.default) != (common.description, common.default)


def _tables() -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in GatewaySettings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield name, field.annotation
            yield from BELOW.get(name, {}).items()


def _section(name: str, model: type[BaseModel]) -> str:
    told = " ".join((model.__doc__ or "").split())
    fields = {key: field for key, field in model.model_fields.items() if not _is_below(field)}
    return f"### `[{name}]`\n\n{escaped(told)}\n\n{_table(fields)}"


def _is_below(field: FieldInfo) -> bool:
    """Return True if a field is a table, which has a section of its own."""
    return any(isinstance(each, type) and issubclass(each, BaseModel) for each in (field.annotation, *get_args(field.annotation)))


def _table(fields: dict[str, FieldInfo]) -> str:
    return table(HEADS, [[f"`{key}`", _type(field), _default(field), escaped(field.description or "")] for key, field in fields.items()])


def _type(field: FieldInfo) -> str:
    bounds = [
        f"{word} {_bound(getattr(each, name), field)}"
        for each in field.metadata
        for name, word in BOUNDS.items()
        if getattr(each, name, None) is not None
    ]
    return ", ".join(["duration" if _is_seconds(field) else _named(field.annotation), *bounds])


def _bound(value: Any, field: FieldInfo) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    return format_duration(timedelta(seconds=value)) if _is_seconds(field) else f"{value:g}"


def _is_seconds(field: FieldInfo) -> bool:
    """Return True if the setting is a duration that is kept as a float of seconds."""
    return any(each in field.metadata for each in get_args(Seconds)[1:])


def _named(kind: Any) -> str:
    origin, inside = get_origin(kind), [each for each in get_args(kind) if each not in (type(None), ...)]
    if origin is Literal:
        return " or ".join(f'`"{each}"`' for each in inside)
    if origin in (list, tuple):
        return f"list of {_named(inside[0])}"
    if origin in (Union, types.UnionType):
        return " or ".join(_named(each) for each in inside)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "string"
    return WORDS[get_args(kind)[0] if hasattr(kind, "__metadata__") else kind]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if isinstance(value := field.get_default(call_default_factory=True), SecretStr):
        return "random"
    if _is_seconds(field) and value is not None:
        value = timedelta(seconds=value)
    return "unset" if value is None else f"`{_toml(value)}`"


def _toml(value: object) -> str:
    """Return a value as TOML."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, timedelta):
        return f'"{format_duration(value)}"'
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, Enum):
        return _toml(value.value)
    return json.dumps(value)
