"""Checking: the way of each document - found or parsed, weighed, validated, priced - before anything is executed."""

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

TOO_MANY_TOKENS = re.compile(r"more than \d+ tokens")
TOO_DEEP = "nested too deeply"


class ValidationExtension(SchemaExtension):
    """Holds one operation to its limits."""

    def __init__(self, documents: DocumentCache) -> None:
        self.documents = documents
        self.known: CachedDocument | None = None
        self.cost: int | None = None

    def on_parse(self) -> Iterator[None]:
        """Take the document from those that are known; tell what the parser would not take as we tell everything."""
        asked = self.execution_context
        if asked.graphql_document is None:
            self.known = self.documents.find(asked.query)
            asked.graphql_document = self.known.document if self.known else None
            asked.parse_options = {"max_tokens": self._limits.tokens}
        yield
        for error in asked.pre_execution_errors or ():
            _reworded(error, self._limits)

    def on_validate(self) -> Iterator[None]:
        """Find what is wrong with the document."""
        asked = self.execution_context
        assert asked.graphql_document is not None
        try:
            asked.pre_execution_errors = self._wrong(asked.graphql_document)
        except RecursionError:
            asked.pre_execution_errors = [limit_errors.nesting_error(self._limits)]
        yield

    def on_execute(self) -> ExecutionSlot:  # type: ignore[override]  # not a generator, which would take longer than a place that is free
        """A place among the operations under way, to be waited for."""
        context = self.execution_context.context
        admission = context.concurrency_limit if isinstance(context, RequestContext) else ConcurrencyLimit()
        return admission.admitted()

    def get_results(self) -> dict[str, Any]:
        """What the operation costs."""
        if self.cost is None or not self._limits.report_cost:
            return {}
        return {"cost": {"requested": self.cost, "limit": self._limits.cost}}

    @property
    def _limits(self) -> Limits:
        context = self.execution_context.context
        return context.limits if isinstance(context, RequestContext) else Limits()

    def _wrong(self, document: DocumentNode) -> list[GraphQLError]:
        asked, limits = self.execution_context, self._limits
        known = self.known or CachedDocument(document, measure(document), {})
        if known.within is not limits:
            if errors := limit_errors.size_errors(known.weights, limits):
                return errors
            known.within = limits
        if known.introspects and not getattr(asked.context, "introspection", True):
            return [limit_errors.introspection_error()]
        if self.known is None:
            schema = core_schema(asked.schema)
            if errors := validate_document(schema, document, asked.validation_rules):
                return [limit_errors.with_depth_code(error) for error in errors]
            known.prices = operation_costs(schema, document)
            self.documents.remember(asked.query, known, limits.document_cache_bytes)
        self.cost = known.prices[asked.operation_name or ""].cost(asked.variables)
        return limit_errors.cost_errors(self.cost, limits)


def _reworded(error: GraphQLError, limits: Limits) -> None:
    """Put a limit's words and code in place of the parser's."""
    if isinstance(error, GraphQLSyntaxError) and TOO_MANY_TOKENS.search(error.message):
        refusal = limit_errors.token_error(limits)
    elif isinstance(error.original_error, RecursionError) or (isinstance(error, GraphQLSyntaxError) and TOO_DEEP in error.message):
        refusal = limit_errors.nesting_error(limits)
    else:
        return
    error.message, error.extensions, error.original_error = refusal.message, refusal.extensions, refusal.original_error
