"""Variables: the values that a client sends with a document, read as graphql-core reads them; what is declared is looked up once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLNonNull, GraphQLSchema, Undefined, VariableDefinitionNode, is_leaf_type

from telegraphql.gateway.graphql.graphql_core_internals import (
    GraphQLVariableSignature,
    VariableValues,
    VariableValueSource,
    coerce_default_value,
    coerce_input_value,
    get_variable_signature,
    input_is_nested_too_deeply,
)


@dataclass(frozen=True, slots=True)
class Variable:
    """One of them. Only what is no leaf can be nested; what is neither sent nor needed has a default, or no value at all."""

    signature: GraphQLVariableSignature
    is_leaf: bool
    is_needed: bool
    default: Any


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables of one operation."""

    all: tuple[Variable, ...]

    @classmethod
    def of(cls, schema: GraphQLSchema, nodes: Sequence[VariableDefinitionNode]) -> "Variables | None":
        """Return the variables that an operation declares; None if graphql-core would report an error."""
        signatures = [get_variable_signature(schema, node) for node in nodes]
        found = [_variable(each) for each in signatures if not isinstance(each, GraphQLError)]
        return cls(tuple(found)) if len(found) == len(signatures) else None

    def read(self, sent: Mapping[str, Any]) -> VariableValues | None:
        """Return the coerced values; None if graphql-core has to report an error."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for each in self.all:
            name, of = each.signature.name, each.signature.type
            value = sent.get(name, Undefined)
            if value is Undefined:
                if each.is_needed:
                    return None
                sources[name], made = VariableValueSource(each.signature), each.default
            else:
                sources[name] = VariableValueSource(each.signature, value)
                made = coerce_input_value(value, of) if each.is_leaf or not input_is_nested_too_deeply(value, of) else Undefined
                if made is Undefined:
                    return None
            if made is not Undefined:
                coerced[name] = made
        return VariableValues(sources, coerced)


def _variable(signature: GraphQLVariableSignature) -> Variable:
    of = signature.type
    default = coerce_default_value(signature)
    inner = of.of_type if isinstance(of, GraphQLNonNull) else of
    return Variable(signature, is_leaf_type(inner), default is Undefined and isinstance(of, GraphQLNonNull), default)
