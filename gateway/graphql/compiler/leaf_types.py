"""Checks: per scalar and enum, when a value needs nothing but to be passed on, and what writes it otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from types import NoneType
from typing import Any, ClassVar
from uuid import UUID

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)

from telegraphql.gateway.graphql.compiler.plan import NotPlain
from telegraphql.schema.scalars import in_utc

# Of these graphql-core takes a value as it is: none can be awaited, none is an error.
PLAIN = frozenset({str, int, float, bool, bytes, list, tuple, dict, datetime, date, time, timedelta, Decimal, UUID})
UNWRITTEN = frozenset({NoneType, type(Undefined)})
TEXT = "type({v}) is not str"


@dataclass(frozen=True, slots=True)
class Check:
    """`misfit` tells of a value `{v}` that it is irregular; `write`, where there is one, makes of it what is sent."""

    misfit: str | None = None
    write: str | None = None
    unwritten: str | None = None
    constants: tuple[tuple[str, object], ...] = ()
    deep: ClassVar[bool] = False


BUILT_IN: dict[GraphQLScalarType, Check] = {
    GraphQLString: Check(TEXT),
    GraphQLID: Check(TEXT),
    GraphQLBoolean: Check("type({v}) is not bool"),
    GraphQLInt: Check("type({v}) is not int or not -2147483648 <= {v} <= 2147483647"),
    GraphQLFloat: Check("type({v}) is not float or not isfinite({v})", constants=(("isfinite", isfinite),)),
}


def check_of(leaf: GraphQLLeafType) -> Check:
    """Return the check of a type by its name in the schema."""
    if isinstance(leaf, GraphQLEnumType):
        return _enum(leaf)
    return BUILT_IN.get(leaf) or _custom(leaf)


def _enum(leaf: GraphQLEnumType) -> Check:
    """Return the check of an enum. Members are found by identity, since Enum hashes them in Python."""
    members = getattr(leaf, "wrapped_cls", None)
    if members is None:
        raise NotPlain
    table = f"names_{leaf.name}"
    names = {id(member): leaf.coerce_output_value(member) for member in members}
    return Check(write=f"{table}[id({{v}})]", constants=((table, names),))


def _custom(leaf: GraphQLScalarType) -> Check:
    write: Callable[[Any], Any] = leaf.coerce_output_value
    name = f"write_{leaf.name}"
    if write is in_utc:
        write_it = f"{{v}} if {{v}}.tzinfo is UTC else {name}({{v}})"
        return Check("type({v}) is not datetime", write_it, constants=((name, write), ("datetime", datetime), ("UTC", UTC)))
    return Check(
        misfit="type({v}) not in PLAIN",
        write=f"{name}({{v}})",
        unwritten="type({v}) in UNWRITTEN",
        constants=((name, write), ("PLAIN", PLAIN), ("UNWRITTEN", UNWRITTEN)),
    )
