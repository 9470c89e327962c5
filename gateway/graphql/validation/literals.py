"""Integers, booleans and list lengths in arguments, read from a document and its variables before validation."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import BooleanValueNode, IntValueNode, ListValueNode, ValueNode, VariableNode

ValueReader = Callable[[Mapping[str, Any]], Any]
# More digits are not a GraphQL Int, and Python takes long to convert thousands of them.
MAX_DIGITS = 10
TOO_LARGE_INT: int = 10**MAX_DIGITS


def value_reader(node: ValueNode) -> ValueReader:
    """Return a function that returns the node's value for given variables."""
    if isinstance(node, VariableNode):
        name = node.name.value
        return lambda variables: variables.get(name)
    value = literal_value(node)
    return lambda _: value


def literal_value(node: ValueNode) -> Any:
    """Return an integer, a boolean, or a list of the literal's length; None for other literals."""
    if isinstance(node, IntValueNode):
        if len(node.value) > MAX_DIGITS:
            return -TOO_LARGE_INT if node.value.startswith("-") else TOO_LARGE_INT
        return int(node.value)
    if isinstance(node, BooleanValueNode):
        return node.value
    if isinstance(node, ListValueNode):
        return [None] * len(node.values)
    return None


def as_int(value: object) -> int | None:
    """Return a variable's value as GraphQL coerces it to Int, or None: 5.0 is an Int too."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None
