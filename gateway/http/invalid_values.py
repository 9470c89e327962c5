"""Errors about values of an upstream that do not fit their field's type: they name the provider, not the value."""

from typing import Any

from graphql import GraphQLError, GraphQLObjectType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Executor

from telegraphql.gateway.graphql.graphql_core_internals import Path
from telegraphql.schema.record import Record
from telegraphql.schema.scalars import Misfit


def report_invalid_value(error: GraphQLError, provider: str = "") -> None:
    """Replace the message and the extensions of an error about an invalid value. Other errors stay as they are."""
    if is_invalid_value(error):
        error.message = f"{provider or 'the upstream'} sent a value that does not fit this field's type"
        error.extensions = {"code": "BAD_ANSWER", "retryable": False, **({"provider": provider} if provider else {})}


def is_invalid_value(error: GraphQLError) -> bool:
    """Return True if a value does not fit the field's type, such as an integer beyond 32 bits, and this is not reported yet."""
    cause = error.original_error
    return error.path is not None and (type(cause) is GraphQLError or isinstance(cause, Misfit)) and not error.extensions


class InvalidValueExecutor(Executor):
    """An executor that adds the provider to errors about invalid values in a record."""

    def execute_fields(self, parent_type: GraphQLObjectType, source_value: Any, path: Path | None, *fields: Any) -> Any:
        """Execute the fields of an object. For a record, report the invalid values found in it or below."""
        if not isinstance(source_value, Record):
            return super().execute_fields(parent_type, source_value, path, *fields)
        errors = self.collected_errors.errors
        before = len(errors)
        try:
            return super().execute_fields(parent_type, source_value, path, *fields)
        except GraphQLError as error:
            report_invalid_value(error, source_value.provider_name)
            raise
        finally:
            for each in errors[before:]:
                report_invalid_value(each, source_value.provider_name)


def with_invalid_value_reports(executor: type[Executor] | None) -> type[Executor]:
    """Return an executor class that reports invalid values, based on another one."""
    return InvalidValueExecutor if executor is None else type("CompiledInvalidValueExecutor", (InvalidValueExecutor, executor), {})
