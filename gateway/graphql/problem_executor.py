"""Problem executor: the failure of an upstream makes a field null and stands in `problems`, never in `errors`."""

from collections.abc import Awaitable
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo, is_non_null_type
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.graphql.graphql_core_internals import FieldDetailsList, Path
from telegraphql.gateway.graphql.operation_problems import OperationProblems
from telegraphql.gateway.tracebacks import drop_tracebacks

# Null means "does not exist" there, so that a failure is an error.
LOOKUPS = frozenset({"node", "nodes", "_entities"})
PROBLEMS = "problems"


class ProblemExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes as graphql-core does, except for the failures of upstreams."""

    def handle_field_error(self, raw_error: Exception, return_type: GraphQLOutputType, details: FieldDetailsList, path: Path) -> None:
        """Note the failure of an upstream as a problem of a field that may be null. All else is an error."""
        cause = raw_error.original_error if isinstance(raw_error, GraphQLError) else raw_error
        problems, name = getattr(self.context_value, PROBLEMS, None), details[0].node.name.value
        if problems is None or not isinstance(cause, UpstreamError) or is_non_null_type(return_type) or name in LOOKUPS:
            super().handle_field_error(raw_error, return_type, details, path)
            return
        problems.add_failure(path.as_list(), name, cause)
        drop_tracebacks(raw_error)
        drop_tracebacks(cause)

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete an object."""
        made = super().complete_object_value(return_type, field_details_list, info, path, result, position_context)
        return self.with_field_problems(return_type, field_details_list, path, result, made)

    def with_field_problems(self, of: GraphQLObjectType, details: FieldDetailsList, path: Path, result: Any, made: Any) -> Any:
        """Return a completed object. One with `problems` also has those of the fields below it, once these are complete."""
        problems: OperationProblems | None = getattr(self.context_value, PROBLEMS, None)
        if problems is None or PROBLEMS not in of.fields:
            return made
        if self.is_awaitable(made):
            return self._completed(made, of, details, path, result)
        return self._tell_again(made, of, details, path, result) if problems.failures else made

    async def _completed(self, made: Awaitable[Any], of: GraphQLObjectType, details: FieldDetailsList, path: Path, result: Any) -> Any:
        out = self._tell_again(await made, of, details, path, result)
        return await out if self.is_awaitable(out) else out

    def _tell_again(self, out: Any, of: GraphQLObjectType, details: FieldDetailsList, path: Path, result: Any) -> Any:
        """Complete `problems` once more if there are failures of fields that it does not tell yet."""
        failures = self.context_value.problems.take(path.as_list())
        if not failures:
            return out
        result.problems.extend(failures)
        selected = self.collect_subfields(of, details).grouped_field_set.items()
        again = [(key, each) for key, each in selected if each[0].node.name.value == PROBLEMS]
        for key, each in again:
            out[key] = self.execute_field(of, result, each, Path(path, key, of.name), None)
        return self._awaited(out, [key for key, _ in again if self.is_awaitable(out[key])])

    def _awaited(self, out: dict[str, Any], keys: list[str]) -> Any:
        async def complete() -> dict[str, Any]:
            for key in keys:
                out[key] = await out[key]
            return out

        return complete() if keys else out
