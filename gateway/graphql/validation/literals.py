"""Arguments: numbers, truths and lengths of lists as a document or its variables give them, before anything checks them."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import BooleanValueNode, IntValueNode, ListValueNode, ValueNode, VariableNode

ValueReader = Callable[[Mapping[str, Any]], Any]
# More digits are no number of GraphQL; Python takes its time for thousands of them.
MOST_DIGITS = 10
HUGE: int = 10**MOST_DIGITS


def value_reader(node: ValueNode) -> ValueReader:
    """How the value is found once the variables are known."""
    if isinstance(node, VariableNode):
        name = node.name.value
        return lambda variables: variables.get(name)
    value = literal_value(node)
    return lambda _: value


def literal_value(node: ValueNode) -> Any:
    """A number, a truth, or a list as long as the one that is written; None for anything else."""
    if isinstance(node, IntValueNode):
        if len(node.value) > MOST_DIGITS:
            return -HUGE if node.value.startswith("-") else HUGE
        return int(node.value)
    if isinstance(node, BooleanValueNode):
        return node.value
    if isinstance(node, ListValueNode):
        return [None] * len(node.values)
    return None


def as_int(value: object) -> int | None:
    """A variable's value as GraphQL takes it for an integer: 5.0 is one as well."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None
