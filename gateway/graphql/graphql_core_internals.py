"""Internals of graphql-core that the compiler uses beyond its documentation, read from graphql-core 3.3.2.

These names are of modules that graphql-core's documentation does not list. Beyond them `compiler/executor.py` extends `Executor`, whose
methods are not documented either: `build`, `execute_operation`, `execute_fields`, `execute_field` and the `complete_…_value` family. It
calls `build_resolve_info`, `build_response`, `handle_field_error` and `settle_in_background`. `compiler/startup_check.py` tries them.
"""

from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails, FieldDetailsList, FragmentDetails, GroupedFieldSet, collect_fields
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, input_is_nested_too_deeply
from graphql.pyutils import Path, gather_with_cancel
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal, coerce_input_value

__all__ = [
    "BUILD_ARGUMENTS",
    "Executor",
    "FieldDetails",
    "FieldDetailsList",
    "FragmentDetails",
    "GraphQLVariableSignature",
    "GroupedFieldSet",
    "Path",
    "VariableValueSource",
    "VariableValues",
    "coerce_default_value",
    "coerce_input_literal",
    "coerce_input_value",
    "collect_fields",
    "gather_with_cancel",
    "get_variable_signature",
    "input_is_nested_too_deeply",
]

# The positional arguments of `Executor.build` behind the name of the operation.
BUILD_ARGUMENTS = (
    "field_resolver",
    "type_resolver",
    "subscribe_field_resolver",
    "max_coercion_errors",
    "enable_early_execution",
    "middleware",
    "is_awaitable",
    "is_async_iterable",
)
