"""The Strawberry extension that checks each document: from cache or parsed, measured, validated, with its cost."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from telegraphql.gateway.graphql.validation import limit_errors
from telegraphql.gateway.graphql.validation.complexity import operation_costs
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit, ExecutionSlot
from telegraphql.gateway.graphql.validation.document_cache import CachedDocument, DocumentCache
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.size import measure
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.schema.strawberry_internals import core_schema

# The messages of graphql-core's parser.
TOO_MANY_TOKENS = re.compile(r"more than \d+ tokens")
TOO_DEEP = "nested too deeply"


class ValidationExtension(SchemaExtension):
    """Enforces the limits of one operation."""

    def __init__(self, documents: DocumentCache) -> None:
        self.documents = documents
        self.cached: CachedDocument | None = None
        self.cost: int | None = None

    def on_parse(self) -> Iterator[None]:
        """Take the document from the cache, or let it be parsed with the limit of tokens."""
        execution = self.execution_context
        if execution.graphql_document is None:
            self.cached = self.documents.get(execution.query)
            execution.graphql_document = self.cached.document if self.cached else None
            execution.parse_options = {"max_tokens": self._limits.tokens}
        yield
        for error in execution.pre_execution_errors or ():
            _replace_parser_error(error, self._limits)

    def on_validate(self) -> Iterator[None]:
        """Check the size, the validity and the cost of the document."""
        execution = self.execution_context
        assert execution.graphql_document is not None
        try:
            execution.pre_execution_errors = self._errors(execution.graphql_document)
        except RecursionError:
            execution.pre_execution_errors = [limit_errors.nesting_error(self._limits)]
        yield

    def on_execute(self) -> ExecutionSlot:  # type: ignore[override]  # not a generator: entering one takes longer than taking a free slot
        """Return the context manager that waits for an execution slot."""
        context = self.execution_context.context
        limit = context.concurrency_limit if isinstance(context, RequestContext) else ConcurrencyLimit()
        return limit.slot()

    def get_results(self) -> dict[str, Any]:
        """Return `extensions.cost`."""
        if self.cost is None or not self._limits.report_cost:
            return {}
        return {"cost": {"requested": self.cost, "limit": self._limits.cost}}

    @property
    def _limits(self) -> Limits:
        context = self.execution_context.context
        return context.limits if isinstance(context, RequestContext) else Limits()

    def _errors(self, document: DocumentNode) -> list[GraphQLError]:
        execution, limits = self.execution_context, self._limits
        entry = self.cached or CachedDocument(document, measure(document), {})
        if entry.checked_limits is not limits:
            if errors := limit_errors.size_errors(entry.sizes, limits):
                return errors
            entry.checked_limits = limits
        if entry.uses_introspection and not getattr(execution.context, "introspection", True):
            return [limit_errors.introspection_error()]
        if self.cached is None:
            schema = core_schema(execution.schema)
            if errors := validate_document(schema, document, execution.validation_rules):
                return [limit_errors.with_depth_code(error) for error in errors]
            entry.costs = operation_costs(schema, document)
            self.documents.add(execution.query, entry, limits.document_cache_bytes)
        self.cost = entry.costs[execution.operation_name or ""].cost(execution.variables)
        return [limit_errors.cost_error(self.cost, limits)] if self.cost > limits.cost else []


def _replace_parser_error(error: GraphQLError, limits: Limits) -> None:
    """Replace the parser's error about a limit by the gateway's, with a code."""
    if isinstance(error, GraphQLSyntaxError) and TOO_MANY_TOKENS.search(error.message):
        replacement = limit_errors.token_error(limits)
    elif isinstance(error.original_error, RecursionError) or (isinstance(error, GraphQLSyntaxError) and TOO_DEEP in error.message):
        replacement = limit_errors.nesting_error(limits)
    else:
        return
    error.message, error.extensions, error.original_error = replacement.message, replacement.extensions, replacement.original_error
