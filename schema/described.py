"""Decorators of the schema's types: the docstring of a class is its description, so that clients and plugin authors read one text."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.types.field import StrawberryField

T = TypeVar("T", bound=type[Any])
E = TypeVar("E", bound=type[Enum])


def docstring(cls: type[Any]) -> str:
    """Return the docstring of a class as one line."""
    return " ".join((cls.__doc__ or "").split())


@dataclass_transform(order_default=True, kw_only_default=True, field_specifiers=(strawberry.field, StrawberryField))
def object_type(cls: T) -> T:
    """Declare a GraphQL object type."""
    return strawberry.type(cls, description=docstring(cls))


@dataclass_transform(order_default=True, kw_only_default=True, field_specifiers=(strawberry.field, StrawberryField))
def named_object_type(name: str) -> Callable[[T], T]:
    """Declare a GraphQL object type whose name is not the name of its class."""
    return lambda cls: strawberry.type(cls, name=name, description=docstring(cls))


@dataclass_transform(order_default=True, kw_only_default=True, field_specifiers=(strawberry.field, StrawberryField))
def interface_type(cls: T) -> T:
    """Declare a GraphQL interface."""
    return strawberry.interface(cls, description=docstring(cls))


@dataclass_transform(order_default=True, kw_only_default=True, field_specifiers=(strawberry.field, StrawberryField))
def named_interface_type(name: str) -> Callable[[T], T]:
    """Declare a GraphQL interface whose name is not the name of its class."""
    return lambda cls: strawberry.interface(cls, name=name, description=docstring(cls))


@dataclass_transform(order_default=True, kw_only_default=True, field_specifiers=(strawberry.field, StrawberryField))
def input_type(cls: T) -> T:
    """Declare a GraphQL input type."""
    return strawberry.input(cls, description=docstring(cls))


def enum_type(cls: E) -> E:
    """Declare a GraphQL enum."""
    return strawberry.enum(cls, description=docstring(cls))
