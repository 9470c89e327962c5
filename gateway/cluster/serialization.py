"""Records: calls with all that hangs on them as bytes that another replica reads. They hold data only: reading them runs nothing."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import msgspec

from telegraphql.schema import schema
from telegraphql.schema.record import FileInfo, Record

PLAIN = (str, int, float, bool, datetime, type(None))
E164 = "to_e164"


class NotSerializable(Exception):
    """A record holds something that is no data."""


def serialize(record: Record) -> bytes:
    """A record and what it holds; a failure that stands in the place of a relation is left out, so that it is asked for again."""
    return msgspec.msgpack.encode(_Writer().all_of(record))


class _Writer:
    """Each object is written once, and meant by its number: a call's session holds the call."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._nodes: list[Any] = []

    def all_of(self, record: Record) -> list[Any]:
        self._number(record)
        return self._nodes

    def _number(self, found: Any) -> int:
        known = self._numbers.get(id(found))
        if known is not None:
            return known
        number = self._numbers[id(found)] = len(self._nodes)
        self._nodes.append(None)
        self._nodes[number] = [type(found).__name__, self._mapping(vars(found))]
        return number

    def _mapping(self, found: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in found.items() if not isinstance(value, Exception) and name != E164}

    def _value(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return {"enum": [type(value).__name__, value.name]}
        if isinstance(value, PLAIN):
            return value
        if isinstance(value, FileInfo):
            return {"file": list(value)}
        if isinstance(value, list | tuple):
            return [self._value(each) for each in value]
        if isinstance(value, Mapping):
            return {"map": self._mapping(value)}
        if isinstance(value, Decimal):
            return {"decimal": str(value)}
        if isinstance(value, msgspec.Raw):
            return {"raw": bytes(value)}
        if is_dataclass(value) and type(value).__name__ in _types():
            return {"node": self._number(value)}
        raise NotSerializable(type(value).__name__)


def deserialize(body: bytes, e164: Callable[[str], str | None]) -> Record:
    """The record again. ValueError, KeyError or TypeError where another version wrote it that means something else."""
    nodes = msgspec.msgpack.decode(body)
    made = [_types()[name].__new__(_types()[name]) for name, _ in nodes]
    for each, (_, attributes) in zip(made, nodes, strict=True):
        found = {name: _value(value, made) for name, value in attributes.items()}
        known = _defaults(type(each).__name__)
        if not found.keys() <= known.keys():
            raise ValueError("written by another version")
        each.__dict__.update({name: default() for name, default in known.items() if name not in found} | found)
        if E164 in known:
            each.__dict__[E164] = e164
    record: Record = made[0]
    return record


def _value(value: Any, made: list[Any]) -> Any:
    if isinstance(value, list):
        return [_value(each, made) for each in value]
    if not isinstance(value, dict):
        return value
    ((sort, inner),) = value.items()
    if sort == "map":
        return {name: _value(each, made) for name, each in inner.items()}
    return made[inner] if sort == "node" else READERS[sort](inner)


def _enum(name: str, member: str) -> Enum:
    return _enums()[name][member]


READERS: Mapping[str, Callable[[Any], Any]] = {
    "enum": lambda found: _enum(*found),
    "file": lambda found: FileInfo(*found),
    "decimal": Decimal,
    "raw": msgspec.Raw,
}


@cache
def _types() -> Mapping[str, Any]:
    """What may be written and read, by name: all that the schema's modules define, and nothing else."""
    return {each.__name__: each for each in _classes() if is_dataclass(each)}


@cache
def _enums() -> Mapping[str, type[Enum]]:
    """Return the enums that may be read, by name."""
    return {each.__name__: each for each in _classes() if issubclass(each, Enum)}


def _classes() -> list[type[Any]]:
    """Return the classes that the schema's modules define."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(f"{schema.__package__}.")]
    return [each for module in modules for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]


@cache
def _defaults(name: str) -> Mapping[str, Callable[[], Any]]:
    """What each attribute of a type is where nothing was written."""
    return {each.name: _default(each) for each in fields(_types()[name]) if each.init}


def _default(attribute: "Field[Any]") -> Callable[[], Any]:
    if attribute.default_factory is not MISSING:
        return attribute.default_factory
    value = None if attribute.default is MISSING else attribute.default
    return lambda: value
