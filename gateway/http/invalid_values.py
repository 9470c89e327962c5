"""Misfits: values of an upstream that their fields cannot hold, told with the name of the provider whose record holds them."""

from typing import Any

from graphql import GraphQLError, GraphQLObjectType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Executor

from telegraphql.gateway.graphql.graphql_core_internals import Path
from telegraphql.schema.record import Record
from telegraphql.schema.scalars import Misfit


def report_invalid_value(error: GraphQLError, provider: str = "") -> None:
    """Say whose value does not fit, and keep the value to ourselves; nothing where the error is another one, or told already."""
    if is_invalid_value(error):
        error.message = f"{provider or 'the upstream'} sent a value that this field cannot hold"
        error.extensions = {"code": "BAD_ANSWER", "retryable": False, **({"provider": provider} if provider else {})}


def is_invalid_value(error: GraphQLError) -> bool:
    """Whether a field's type cannot hold what an upstream sent, such as a number beyond 32 bits."""
    cause = error.original_error
    return error.path is not None and (type(cause) is GraphQLError or isinstance(cause, Misfit)) and not error.extensions


class InvalidValueExecutor(Executor):
    """An executor that knows the record where a value under it does not fit; one look per record."""

    def execute_fields(self, parent_type: GraphQLObjectType, source_value: Any, path: Path | None, *fields: Any) -> Any:
        """The fields of an object; what goes wrong in them at once, or in the values they hold, is told under the record's name."""
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
    """An executor that tells whose values do not fit, over another."""
    return InvalidValueExecutor if executor is None else type("Telling", (InvalidValueExecutor, executor), {})
