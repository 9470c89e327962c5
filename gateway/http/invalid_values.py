"""Errors about values of an upstream that do not fit their field's type: they name the provider, not the value."""

from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLOutputType, is_non_null_type

from telegraphql.gateway.errors import MalformedField
from telegraphql.gateway.graphql.graphql_core_internals import FieldDetailsList, Path
from telegraphql.gateway.graphql.problem_executor import ProblemExecutor
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


class InvalidValueExecutor(ProblemExecutor):
    """An executor that adds the provider to what is told of invalid values in a record: a problem if the field may be null, or an error."""

    # The provider of the record whose fields are being executed.
    _provider = ""

    def execute_fields(self, parent_type: GraphQLObjectType, source_value: Any, path: Path | None, *fields: Any) -> Any:
        """Execute the fields of an object. For a record, report the invalid values found in it or below."""
        if not isinstance(source_value, Record):
            return super().execute_fields(parent_type, source_value, path, *fields)
        errors = self.collected_errors.errors
        before, above = len(errors), self._provider
        self._provider = source_value.provider_name
        try:
            return super().execute_fields(parent_type, source_value, path, *fields)
        except GraphQLError as error:
            report_invalid_value(error, source_value.provider_name)
            raise
        finally:
            self._provider = above
            for each in errors[before:]:
                report_invalid_value(each, source_value.provider_name)

    def handle_field_error(self, raw_error: Exception, return_type: GraphQLOutputType, details: FieldDetailsList, path: Path) -> None:
        """Handle an invalid value of a field that may be null as the failure of its provider."""
        if self._provider and _is_about_value(raw_error) and not is_non_null_type(return_type):
            raw_error = MalformedField("sent a value that does not fit this field's type", provider=self._provider)
        super().handle_field_error(raw_error, return_type, details, path)


def _is_about_value(error: Exception) -> bool:
    """Return True if an error says that a value, or one below it, does not fit its type."""
    cause = error.original_error if isinstance(error, GraphQLError) else error
    return isinstance(cause, Misfit) or (type(error) is GraphQLError and type(cause) in (GraphQLError, type(None)) and not error.extensions)


def with_invalid_value_reports(executor: type[ProblemExecutor]) -> type[ProblemExecutor]:
    """Return an executor class that reports invalid values, based on another one."""
    return type("InvalidValueExecutor", (InvalidValueExecutor, executor), {})
