"""The stages of one operation: parsing, validation and execution, with the limits, metrics and traces around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from telegraphql.gateway.graphql.compiler.known_query import KnownQuery, run
from telegraphql.gateway.graphql.validation.document_cache import CachedDocument, DocumentCache, check_document
from telegraphql.gateway.graphql.validation.limit_errors import nesting_error, replace_parser_error
from telegraphql.gateway.graphql.validation.operation_name import check_operation_name
from telegraphql.gateway.graphql.validation.persisted import UnregisteredQuery
from telegraphql.gateway.http.operation_telemetry import OperationTelemetry, spent
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.upstream.metering import settle
from telegraphql.gateway.upstream.request_budget import enter
from telegraphql.schema.strawberry_internals import requested_operation_name


class OperationRunner(SchemaExtensionsRunner):
    """Runs what belongs around each stage. It takes the place of Strawberry's extensions, which look up their hooks for each operation."""

    def __init__(self, documents: DocumentCache, execution_context: ExecutionContext, extensions: list[SchemaExtension]) -> None:
        super().__init__(execution_context, extensions)
        self._documents = documents
        self._cached: CachedDocument | None = None
        self._cost: int | None = None
        self._subscriber: str | None = None
        self._has_begun = False
        self._telemetry: OperationTelemetry | None = None

    @asynccontextmanager
    async def operation(self) -> AsyncIterator[None]:  # type: ignore[override]  # Strawberry only enters it
        """Set up the context of the operation, and observe it until it is complete or the client has disconnected.

        On a WebSocket each operation gets a context of its own; the connection's context is the template.
        """
        context: RequestContext = self.execution_context.context
        if context.is_template:
            self.execution_context.context = context = context.for_next_operation()
        previous = enter(context.budget)
        try:
            self._telemetry = OperationTelemetry(context, self.execution_context.operation_extensions)
            try:
                yield
            except BaseException as error:
                self._end(self._telemetry, error)
                raise
            self._end(self._telemetry)
        finally:
            enter(previous)
            context.close()
            if self._subscriber is not None:
                context.concurrency_limit.subscriptions.release(self._subscriber)
            context.concurrency_limit.processor.end(context.budget.payer, context.budget.work.cpu_seconds, self._has_begun)

    def _end(self, telemetry: OperationTelemetry, error: BaseException | None = None) -> None:
        execution = self.execution_context
        settle(execution.context.budget)
        try:
            operation_type = execution.operation_type.value
        except RuntimeError:  # there is no document
            operation_type = "unknown"
        errors = execution.pre_execution_errors or getattr(execution.result, "errors", None)
        telemetry.end(operation_type, execution.operation_name, errors, error)

    @asynccontextmanager
    async def parsing(self) -> AsyncIterator[None]:  # type: ignore[override]
        """Take the document from the cache, or let it be parsed with the limit of tokens. Refuse an ambiguous operation."""
        execution = self.execution_context
        if execution.graphql_document is None:
            self._cached = self._documents.get(execution.query)
            execution.graphql_document = self._cached.document if self._cached else None
            execution.parse_options = {"max_tokens": execution.context.limits.tokens}
        yield
        for error in execution.pre_execution_errors or ():
            replace_parser_error(error, execution.context.limits)
        document = execution.graphql_document
        if document is not None and len(document.definitions) > 1:
            check_operation_name(document, requested_operation_name(execution))

    @asynccontextmanager
    async def validation(self) -> AsyncIterator[None]:  # type: ignore[override]
        """Check the size, the validity and the cost of the document."""
        execution = self.execution_context
        try:
            self._cost, errors = check_document(execution, self._cached, self._documents)
        except RecursionError:
            errors = [nesting_error(execution.context.limits)]
        execution.pre_execution_errors = errors
        if not errors and isinstance(execution.query, UnregisteredQuery):
            execution.context.persisted_queries.register(execution.query, execution.context.caller)
        yield

    @asynccontextmanager
    async def executing(self) -> AsyncIterator[None]:  # type: ignore[override]
        """Wait for the caller's turn. Let the operation take its place when it first waits for an upstream. Count an open subscription."""
        context: RequestContext = self.execution_context.context
        limit, budget = context.concurrency_limit, context.budget
        self._has_begun = True
        await limit.take_turn(budget.payer)
        if self.execution_context.operation_type is OperationType.SUBSCRIPTION and self._telemetry is not None:
            limit.subscribe(budget.payer)
            self._subscriber = budget.payer
            self._telemetry.count_subscription()
        place = limit.place(budget.payer)
        budget.take_place = place.take
        try:
            yield
        finally:
            budget.take_place = None
            place.leave()
        if place.refusal is not None:
            # Nothing of it can be answered: the client is told so as it is told of a full queue.
            raise place.refusal

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        """Return the `extensions` of the response."""
        return response_extensions(ctx.context, self._telemetry, self._cost)


async def run_known(schema: Any, query: KnownQuery, cost: int, given: Any, sent: dict[str, Any] | None) -> ExecutionResult:
    """Return the result of a query of which nothing is left to find out, with what belongs around it.

    `given` is its context, and `sent` are its extensions.
    """
    context: RequestContext = given.for_next_operation() if given.is_template else given
    limit, budget, result = context.concurrency_limit, context.budget, ExecutionResult(data=None, errors=None)
    failure: BaseException | None = None
    previous, place = enter(budget), limit.place(budget.payer)
    telemetry = OperationTelemetry(context, sent)
    try:
        await limit.take_turn(budget.payer)
        budget.take_place = place.take
        try:
            found = await run(schema.compiling_executor, query, context, sent)
            result = ExecutionResult(data=found.data, errors=found.errors)
        finally:
            budget.take_place = None
            place.leave()
        if place.refusal is not None:
            # Nothing of it can be answered: the client is told so as it is told of a full queue.
            raise place.refusal
    except Exception as error:
        failure = error
        own = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
        result = PreExecutionError(data=None, errors=[own])
    except BaseException as error:
        failure = error
        raise
    finally:
        if result.errors and failure is None:
            schema.process_errors(result.errors, SimpleNamespace(context=context))
        settle(budget)
        telemetry.end("query", query.prepared.name, result.errors, failure)
        enter(previous)
        context.close()
        limit.processor.end(budget.payer, budget.work.cpu_seconds)
    if failure is not None:
        schema.process_errors(result.errors, SimpleNamespace(context=context))
    result.extensions = response_extensions(context, telemetry, cost)
    return result


def response_extensions(context: RequestContext, telemetry: OperationTelemetry | None, cost: int | None) -> dict[str, Any]:
    """Return the `extensions` of a response: `cost`, `explain` if it was requested, and all `problems` with their paths."""
    results = telemetry.explanation() if telemetry is not None and telemetry.explain_is_requested else {}
    if cost is not None and context.limits.report_cost:
        settle(context.budget)
        results["cost"] = {"requested": cost, "limit": context.limits.cost, **spent(context.budget)}
    if not context.loaders.problems.is_empty:
        context.problems.add((), context.loaders.problems.all())
    if context.budget.stale:
        context.problems.add_stale(context.budget.stale)
    if context.problems.told or context.problems.failures:
        results["problems"] = context.problems.as_json(context.provider_names())
    return results
