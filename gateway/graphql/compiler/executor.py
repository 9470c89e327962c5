"""Executor: graphql-core's own, except that it projects with compiled code what is regular."""

from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from graphql import (
    DocumentNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLResolveInfoHelpers,
    GraphQLSchema,
    MiddlewareManager,
    OperationType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_object_type,
)

from telegraphql.gateway.graphql.compiler.compiled_cache import CompiledOperation, Programs, Unit, executor_settings
from telegraphql.gateway.graphql.compiler.deferred_fields import FALLEN, Run, all_of, put
from telegraphql.gateway.graphql.compiler.resolver_calls import ResolverCall
from telegraphql.gateway.graphql.compiler.row_projection import RowProjector
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.graphql.graphql_core_internals import BUILD_ARGUMENTS, FieldDetails, FieldDetailsList, Path, VariableValues
from telegraphql.gateway.graphql.operation_problems import OperationProblems
from telegraphql.gateway.graphql.problem_executor import PROBLEMS, ProblemExecutor
from telegraphql.gateway.plugin.row_view import RowView, kind_of
from telegraphql.gateway.plugin.selection import SELECTIONS
from telegraphql.schema.strawberry_internals import make_info

NO_VALUES = VariableValues({}, {})


class Compiling(ProblemExecutor):
    """Completes objects and lists of objects with compiled code; on anything irregular as its parent does, from the same value.

    The code has no effects, so that what it began can be thrown away.
    """

    programs: ClassVar[Programs]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if hasattr(self.context_value, "row_projection"):
            self.context_value.row_projection = self.row_projection

    @cached_property
    def code(self) -> CompiledOperation | None:
        """The code of the operation; None if all of it is left to graphql-core."""
        operation, middleware = self.programs.of(self), self.middleware_manager
        is_plain = operation.is_compilable and self.abort_signal is None and not (middleware and middleware.middlewares)
        return operation if is_plain else None

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
        *others: Any,
        **more: Any,
    ) -> Any:
        """Return the executor of a document, or what is wrong with its variables. What is the same for all is kept with the first."""
        usual = len(others) == len(BUILD_ARGUMENTS) and isinstance(others[BUILD_ARGUMENTS.index("middleware")], MiddlewareManager | None)
        prepared = cls.programs.prepared.find((id(schema), id(document), operation_name)) if usual else None
        values = prepared.variables.read(raw_variable_values or {}) if prepared is not None and prepared.variables.all else NO_VALUES
        if prepared is not None and values is not None:
            own = prepared.schema, prepared.fragment_definitions, prepared.fragments, root_value, context_value, prepared.operation, values
            return cls(*own, *executor_settings(others), **more)
        found = super().build(schema, document, root_value, context_value, raw_variable_values, operation_name, *others, **more)
        if usual and prepared is None and not isinstance(found, list) and found.abort_signal is None:
            options = {name: value for name, value in more.items() if name != "operation_extensions"}
            cls.programs.prepare(document, operation_name, found, executor_settings(others), options)
        return found

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute the root. Its fields are collected once for all executions under the same conditions; graphql-core executes commands."""
        root = self.schema.query_type
        if self.code is None or root is None or serially is not None or self.operation.operation is not OperationType.QUERY:
            return super().execute_operation(serially)
        fields = self.code.roots or self.programs.roots(self.code, self, root)
        if fields is None:
            return super().execute_operation(serially)
        try:
            data: Any = super().execute_fields(root, self.root_value, None, fields, None)
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            return self.build_response(None)
        return self._responded(data) if self.is_awaitable(data) else self.build_response(data)

    async def _responded(self, data: Awaitable[dict[str, Any]]) -> Any:
        try:
            return self.build_response(await data)
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            return self.build_response(None)

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """Made for whoever asks: kept, they would keep the executor they are of, and with it all that the request held."""
        return GraphQLResolveInfoHelpers(gather=self.gather_async_work, track=self.track_async_work)

    @async_helpers.setter
    def async_helpers(self, helpers: GraphQLResolveInfoHelpers) -> None:
        """Forget what graphql-core makes beforehand."""

    def unit(self, of: GraphQLOutputType, details: FieldDetailsList) -> Unit | None:
        """Return the code of a selection; None if it is left to graphql-core."""
        if self.code is None:
            return None
        key = (id(of), *[id(each.node) for each in details])
        try:
            return self.code.units[key]
        except KeyError:
            made = self.code.units[key] = self.programs.unit(self, of, details)
            return made

    def execute_field(
        self, parent_type: GraphQLObjectType, source: Any, field_details_list: FieldDetailsList, path: Path, position_context: Any
    ) -> Any:
        """Execute a field. Its resolver is called directly if nothing else takes part."""
        call = None
        if self.code is not None:
            key = id(parent_type), id(field_details_list[0].node)
            try:
                call = self.code.calls[key]
            except KeyError:
                call = self.code.calls[key] = self.programs.call(self, parent_type, field_details_list)
        if call is not None:
            try:
                fixed = None if call.arguments.parts else dict(call.arguments.always)
                arguments = call.arguments.of(self.variable_values.coerced) if fixed is None else fixed
            except Exception:  # whatever it is, graphql-core meets it again and tells it
                self.programs.refused += 1
            else:
                self.programs.called += 1
                info = self.build_resolve_info(call.definition, [each.node for each in field_details_list], parent_type, path)
                return self.called(call, arguments, source, ListPath(call.definition.type, field_details_list, info, path))
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

    async def called(self, call: ResolverCall, arguments: dict[str, Any], source: Any, place: "ListPath") -> Any:
        """Return what is sent of the result of a resolver. Errors are handled as in graphql-core."""
        if call.info is not None:
            arguments[call.info] = info = make_info(call.info_class, place.info, call.told)
            info.__dict__[SELECTIONS] = call.selections
        try:
            resolved = await call.resolver(source, **arguments)
            of = place.of.of_type if isinstance(place.of, GraphQLNonNull) else place.of
            if isinstance(of, GraphQLObjectType) and resolved is not None and not isinstance(resolved, Exception):
                completed = self.complete_object_value(of, place.details, place.info, place.path, resolved, None)
            else:
                completed = self.complete_value(place.of, place.details, place.info, place.path, resolved, None)
            return await completed if self.is_awaitable(completed) else completed
        except Exception as error:
            self.handle_field_error(error, place.of, place.details, place.path)
            return None

    def row_projection(self, info: GraphQLResolveInfo[Any]) -> RowProjector | None:
        """Return how rows become what is sent of the connection that is being resolved; None where they have to be records."""
        of = get_nullable_type(info.return_type)
        unit = self.unit(of, [FieldDetails(node, None, None) for node in info.field_nodes]) if isinstance(of, GraphQLObjectType) else None
        return unit.rows if unit else None

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete an object, and with it all that is below it."""
        made = self._attempted(return_type, field_details_list, path, result)
        if made is FALLEN and type(result) is RowView:
            result = result.record()
            made = self._attempted(return_type, field_details_list, path, result)
        if made is FALLEN:
            return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)
        problems: OperationProblems | None = getattr(self.context_value, PROBLEMS, None)
        is_complete = type(made) is dict and (problems is None or not problems.failures)
        return made if is_complete else self.with_field_problems(return_type, field_details_list, path, result, made)

    def complete_abstract_value(
        self,
        return_type: GraphQLAbstractType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete an object of several types. Its class tells which."""
        found = result.record() if type(result) is RowView else result
        return super().complete_abstract_value(return_type, field_details_list, info, path, found, position_context)

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """Complete a list, item by item if it is irregular: one irregular item does not slow down the others."""
        if type(result) is list and self.code is not None:
            made = self._attempted(return_type, field_details_list, path, result)
            if made is not FALLEN:
                return made
            if self._by_item(return_type, field_details_list) and not any(map(self.is_awaitable, result)):
                place = ListPath(return_type.of_type, field_details_list, info, path)
                return self._item_by_item(place, result)
        return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)

    def _by_item(self, of: GraphQLList[GraphQLOutputType], details: FieldDetailsList) -> bool:
        """Return True if there may be code for the items of a list that was not projected as a whole."""
        named = get_named_type(of)
        return is_abstract_type(named) or (is_object_type(named) and self.unit(of, details) is not None)

    def _attempted(self, of: GraphQLOutputType, details: FieldDetailsList, path: Path, value: Any) -> Any:
        """Return what is sent of a value, or an awaitable of it; FALLEN if it is left to graphql-core."""
        unit = self.unit(of, details)
        if unit is None:
            self.programs.stock += isinstance(of, GraphQLObjectType)
            return FALLEN
        if unit.sites:
            run = Run.of(self, unit, path)
            made = run.attempt(value, path)
            jobs = run.jobs() if made is not FALLEN else ()
            return _after(made, jobs) if jobs else made
        try:
            made = unit.project(value, path, [])
        except Exception:  # whatever it is, graphql-core meets it again and tells it
            self.programs.fell += 1
            return FALLEN
        self.programs.ran += 1
        return made

    def _item_by_item(self, place: "ListPath", items: Sequence[Any]) -> Any:
        """Complete a list of which an item is irregular, or that holds several types. Fields are still loaded together."""
        runs: dict[type[Any], Run | None] = {}
        out: list[Any] = []
        waiting: list[int] = []
        try:
            for index, item in enumerate(items):
                at = Path(place.path, index, None)
                made = self._item(place, item, at, runs)
                if made is not FALLEN:
                    out.append(made)
                    continue
                if self.complete_list_item_value(item, out, place.of, place.details, place.info, at, None):
                    waiting.append(index)
        except Exception:
            self.settle_in_background([out[index] for index in waiting])
            raise
        jobs = [put(out, index, out[index]) for index in waiting]
        jobs += [job for run in {id(run): run for run in runs.values() if run}.values() for job in run.jobs()]
        return _after(out, jobs) if jobs else out

    def _item(self, place: "ListPath", item: Any, path: Path, runs: dict[type[Any], Run | None]) -> Any:
        kind = kind_of(item)
        if kind not in runs:
            of = self.programs.type_of(self.schema, place.of, kind)
            unit = self.unit(of, place.details) if of else None
            runs[kind] = Run.of(self, unit, path) if unit else None
        run = runs[kind]
        return FALLEN if run is None or item is None else run.attempt(item, path)


@dataclass(frozen=True, slots=True)
class ListPath:
    """The place of a list in a response, from which the paths of its items are made."""

    of: GraphQLOutputType
    details: FieldDetailsList
    info: GraphQLResolveInfo[Any]
    path: Path


async def _after(made: Any, jobs: Sequence[Coroutine[Any, Any, None]]) -> Any:
    await all_of(jobs)
    return made


def executor(settings: ExecutionSettings) -> type[ProblemExecutor]:
    """Return the executor of one schema: with code of its own, or as graphql-core's."""
    return type("Compiled", (Compiling,), {"programs": Programs(settings.compiled_documents)}) if settings.compile else ProblemExecutor
