"""The GraphQL schema as it is served: how its operations run, and what clients are told of errors."""

import logging
from collections.abc import Iterable
from functools import partial
from importlib.metadata import version
from typing import Any

from graphql import GraphQLError, MiddlewareManager, specified_rules
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from telegraphql.gateway.errors import Refusal
from telegraphql.gateway.federation.entities import federated_schema
from telegraphql.gateway.federation.settings import FederationSettings
from telegraphql.gateway.graphql.compiler.executor import Compiling, executor
from telegraphql.gateway.graphql.compiler.known_query import KnownQuery, known_query
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.graphql.compiler.startup_check import why_not_compiled
from telegraphql.gateway.graphql.error_codes import CODES_BY_EXCEPTION, set_code, shortened
from telegraphql.gateway.graphql.provider_descriptions import describe_providers
from telegraphql.gateway.graphql.validation.document_cache import DocumentCache
from telegraphql.gateway.graphql.validation.introspection import remove_suggestion
from telegraphql.gateway.http.invalid_values import report_invalid_value, with_invalid_value_reports
from telegraphql.gateway.http.operation_runner import OperationRunner, run_known
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.telemetry.unexpected_errors import mask_error
from telegraphql.gateway.tracebacks import drop_tracebacks
from telegraphql.schema.scalars import Misfit
from telegraphql.schema.schema import DescribedSchema, build
from telegraphql.schema.strawberry_internals import ExtensibleSchema, core_schema


def is_public_error(error: GraphQLError) -> bool:
    """Return True if clients may read an error: the gateway raised it on purpose, or it is about their document."""
    cause = error.original_error
    # Scalars raise ValueError for a literal or variable, before execution: the error has no path yet.
    is_about_value = isinstance(cause, ValueError) and error.path is None and bool(error.nodes)
    return cause is None or is_about_value or isinstance(cause, (Refusal, GraphQLError, Misfit, *CODES_BY_EXCEPTION))


NOT_COMPILED = (
    "compiled selections are off, so that queries take several times as long: %s. This version of TelegraphQL does not know the installed "
    "versions of Strawberry (%s) and graphql-core (%s); install those that its requirements allow"
)
log = logging.getLogger("telegraphql")


class GatewaySchema(ExtensibleSchema, DescribedSchema):
    """The schema as the gateway serves it: with its own stages of an operation and error handling."""

    validation_rules = specified_rules
    middleware = MiddlewareManager()

    def __init__(self, *types: Any, **options: Any) -> None:
        super().__init__(*types, **options)
        self.keep_documents(DocumentCache())
        found: type[Any] = self.execution_context_class
        # The class that executes operations with compiled selections, or None if graphql-core's does.
        self.compiling_executor: type[Compiling] | None = found if issubclass(found, Compiling) else None

    def keep_documents(self, documents: DocumentCache) -> None:
        """Keep the documents of operations in a cache."""
        self.documents = documents
        self.create_extensions_runner = partial(OperationRunner, documents)  # type: ignore[method-assign]

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Return the result of a query or mutation. Only what is not known yet of a query goes through the stages of Strawberry."""
        known = self._known(query, variable_values, context_value, operation_name) if root_value is None else None
        if known is not None:
            return await run_known(self, *known, context_value, operation_extensions)
        return await super().execute(
            query, variable_values, context_value, root_value, operation_name, allowed_operation_types, operation_extensions
        )

    def _known(self, query: object, variables: dict[str, Any] | None, context: Any, name: str | None) -> tuple[KnownQuery, int] | None:
        """Return a query that only has to be run, and its cost; None if something of it is left to find out, to check, or to register."""
        executor, document = self.compiling_executor, self.documents.get(query) if type(query) is str else None
        if document is None or executor is None or document.uses_introspection or not isinstance(context, RequestContext):
            return None
        if not name and len(document.costs) == 1:
            (name,) = document.costs
        found = known_query(executor, core_schema(self), document.document, name or None, variables)
        if found is None or document.checked_limits is not context.limits:
            return None
        cost = document.cost(found.prepared.name, variables)
        return (found, cost) if cost <= context.limits.cost else None

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Set the codes of errors, mask and log unexpected ones, and drop the frames of all: they would keep the operation's data alive."""
        for error in errors:
            cause = error.original_error
            report_invalid_value(error)
            name_provider(error, execution_context)
            if not getattr(getattr(execution_context, "context", None), "introspection", True):
                error.message = remove_suggestion(error.message)
            if is_public_error(error):
                set_code(error)
                error.message = shortened(error.message)
            else:
                mask_error(error)
            drop_tracebacks(error)
            drop_tracebacks(cause)


def name_provider(error: GraphQLError, execution_context: Any) -> None:
    """Replace the id of the provider in an error's extensions by its name."""
    context: Any = getattr(execution_context, "context", None)
    id = (error.extensions or {}).get("provider")
    if id and isinstance(context, RequestContext):
        error.extensions = {**(error.extensions or {}), "provider": context.provider_names().get(id, id)}


def create_schema(execution: ExecutionSettings | None = None, federation: FederationSettings | None = None) -> GatewaySchema:
    """Return the schema as it is served. If a known selection does not compile, log why; then graphql-core executes everything."""
    settings = execution or ExecutionSettings()
    schema = _create_schema(settings, federation)
    compiling = schema.compiling_executor
    reason = why_not_compiled(core_schema(schema), compiling) if compiling else None
    if reason is None:
        return schema
    log.warning(NOT_COMPILED, reason, *map(version, ("strawberry-graphql", "graphql-core")))
    return _create_schema(settings.model_copy(update={"compile": False}), federation)


def _create_schema(execution: ExecutionSettings, federation: FederationSettings | None) -> GatewaySchema:
    factory = build if federation is not None and not federation.enabled else federated_schema
    execution_context_class = with_invalid_value_reports(executor(execution))
    schema = factory(cls=GatewaySchema, execution_context_class=execution_context_class)
    assert isinstance(schema, GatewaySchema)
    return describe_providers(schema, plugins().found)
