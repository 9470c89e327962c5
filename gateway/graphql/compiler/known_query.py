"""Known queries: those that were executed before under the same conditions only have to be run, since nothing of them is left to find out.

Whatever else comes goes through graphql-core, with the same result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLObjectType, GraphQLSchema, OperationType

from telegraphql.gateway.graphql.compiler.compiled_cache import CalledField, CompiledOperation, Prepared, conditions
from telegraphql.gateway.graphql.compiler.executor import NO_VALUES, Compiling, ListPath
from telegraphql.gateway.graphql.graphql_core_internals import Path, VariableValues, gather_with_cancel


@dataclass(frozen=True, slots=True)
class KnownQuery:
    """A query with the values of its variables, and the arguments of each field of its root."""

    prepared: Prepared
    code: CompiledOperation
    values: VariableValues
    root: GraphQLObjectType
    fields: Sequence[CalledField]
    arguments: Sequence[dict[str, Any]]


def known_query(
    executor: type[Compiling], schema: GraphQLSchema, document: DocumentNode, name: str | None, sent: Mapping[str, Any] | None
) -> KnownQuery | None:
    """Return a query that only has to be run; None if something of it is left to find out, or an error to report."""
    prepared, root = executor.programs.prepared.find((id(schema), id(document), name)), schema.query_type
    if prepared is None or root is None or prepared.operation.operation is not OperationType.QUERY:
        return None
    values = prepared.variables.read(sent or {}) if prepared.variables.all else NO_VALUES
    if values is None:
        return None
    code = executor.programs.operations.find(conditions(prepared.key, values.coerced) if values.coerced else prepared.key)
    fields = None if code is None else code.root_fields or code.called_fields(root)
    if code is None or not fields:
        return None
    given = [each.call.arguments for each in fields]
    try:
        arguments = [each.of(values.coerced) if each.parts else dict(each.always) for each in given]
        return KnownQuery(prepared, code, values, root, fields, arguments)
    except Exception:  # whatever it is, graphql-core meets it again and tells it
        return None


async def run(executor: type[Compiling], query: KnownQuery, context: Any, extensions: Mapping[str, Any] | None) -> ExecutionResult:
    """Return the result of a query."""
    prepared, fields, arguments = query.prepared, query.fields, query.arguments
    own = prepared.schema, prepared.fragment_definitions, prepared.fragments, None, context, prepared.operation, query.values
    running = executor(*own, *prepared.settings, operation_extensions=extensions, **prepared.options)
    running.code = query.code
    executor.programs.called += len(fields)
    data: dict[str, Any] | None
    try:
        if len(fields) == 1:  # most often, and a task of its own takes a while
            data = {fields[0].key: await _field(running, query.root, fields[0], arguments[0])}
        else:
            waiting = [_field(running, query.root, *each) for each in zip(fields, arguments, strict=True)]
            data = dict(zip([each.key for each in fields], await gather_with_cancel(*waiting), strict=True))
    except GraphQLError as error:
        running.collected_errors.add(error, None)
        data = None
    return ExecutionResult(data, running.collected_errors.errors or None)


async def _field(running: Compiling, root: GraphQLObjectType, field: CalledField, arguments: dict[str, Any]) -> Any:
    path = Path(None, field.key, root.name)
    info = running.build_resolve_info(field.call.definition, field.nodes, root, path)
    return await running.called(field.call, arguments, None, ListPath(field.call.definition.type, field.details, info, path))
