"""Serialization of records for other replicas: plain data, so that deserializing never runs code."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import msgspec

from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.schema import schema
from telegraphql.schema.record import FileInfo, Record

PLAIN = (str, int, float, bool, datetime, type(None))
E164 = "to_e164"


class NotSerializable(Exception):
    """A record holds an object that is not data."""


def serialize(record: Record) -> bytes:
    """Serialize a record and the records it refers to. Errors in place of a relation are left out, so that it is requested again.

    Raises:
        NotSerializable: The record holds an object that is not data.
    """
    return msgspec.msgpack.encode(_Serializer().nodes_of(record))


class _Serializer:
    """Writes each object once and refers to it by number, since records can refer to each other in cycles."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._nodes: list[Any] = []

    def nodes_of(self, record: Record) -> list[Any]:
        self._number(record)
        return self._nodes

    def _number(self, node: Any) -> int:
        known = self._numbers.get(id(node))
        if known is not None:
            return known
        number = self._numbers[id(node)] = len(self._nodes)
        self._nodes.append(None)
        self._nodes[number] = [type(node).__name__, self._mapping(vars(node))]
        return number

    def _mapping(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items() if not isinstance(value, Exception) and name != E164}

    def _value(self, value: Any) -> Any:
        if isinstance(value, RowView):
            value = value.record()
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
    """Deserialize a record. `e164` is the provider's function that normalizes phone numbers.

    Raises:
        ValueError, KeyError, TypeError: An incompatible version wrote the record.
    """
    rows = msgspec.msgpack.decode(body)
    nodes = [_types()[name].__new__(_types()[name]) for name, _ in rows]
    for node, (_, attributes) in zip(nodes, rows, strict=True):
        values = {name: _value(value, nodes) for name, value in attributes.items()}
        defaults = _defaults(type(node).__name__)
        if not values.keys() <= defaults.keys():
            raise ValueError("written by another version")
        node.__dict__.update({name: default() for name, default in defaults.items() if name not in values} | values)
        if E164 in defaults:
            node.__dict__[E164] = e164
    record: Record = nodes[0]
    return record


def _value(value: Any, nodes: list[Any]) -> Any:
    if isinstance(value, list):
        return [_value(each, nodes) for each in value]
    if not isinstance(value, dict):
        return value
    ((tag, inner),) = value.items()
    if tag == "map":
        return {name: _value(each, nodes) for name, each in inner.items()}
    return nodes[inner] if tag == "node" else READERS[tag](inner)


def _enum(name: str, member: str) -> Enum:
    return _enums()[name][member]


READERS: Mapping[str, Callable[[Any], Any]] = {
    "enum": lambda value: _enum(*value),
    "file": lambda value: FileInfo(*value),
    "decimal": Decimal,
    "raw": msgspec.Raw,
}


@cache
def _types() -> Mapping[str, Any]:
    """Return the types that may be serialized, by name: the dataclasses of the schema's modules, and no others."""
    return {each.__name__: each for each in _classes() if is_dataclass(each)}


@cache
def _enums() -> Mapping[str, type[Enum]]:
    """Return the enums that may be deserialized, by name."""
    return {each.__name__: each for each in _classes() if issubclass(each, Enum)}


def _classes() -> list[type[Any]]:
    """Return the classes that the schema's modules define."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(f"{schema.__package__}.")]
    return [each for module in modules for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]


@cache
def _defaults(name: str) -> Mapping[str, Callable[[], Any]]:
    """Return functions that make the default value of each attribute of a type."""
    return {each.name: _default(each) for each in fields(_types()[name]) if each.init}


def _default(attribute: "Field[Any]") -> Callable[[], Any]:
    if attribute.default_factory is not MISSING:
        return attribute.default_factory
    value = None if attribute.default is MISSING else attribute.default
    return lambda: value
