"""The GraphQL endpoint and its schema: extensions, error handling, HTTP and WebSocket."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError, MiddlewareManager, specified_rules
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import SchemaExtension
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionContext

from telegraphql.gateway.auth.caller import LOCAL, Caller
from telegraphql.gateway.errors import Refusal
from telegraphql.gateway.federation.entities import federated_schema
from telegraphql.gateway.federation.settings import FederationSettings
from telegraphql.gateway.frames import drop_frames
from telegraphql.gateway.graphql.compiler.executor import Compiling, executor
from telegraphql.gateway.graphql.compiler.probe import why_not_compiled
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.gateway.graphql.error_codes import CODES_BY_EXCEPTION, set_code
from telegraphql.gateway.graphql.validation.document_cache import DocumentCache
from telegraphql.gateway.graphql.validation.introspection import remove_suggestion
from telegraphql.gateway.graphql.validation.operation_name import OperationNameExtension
from telegraphql.gateway.http.error_responses import http_error_response
from telegraphql.gateway.http.extension_runner import ExtensionHooks, ExtensionRunner
from telegraphql.gateway.http.graphql_http import GraphQLEndpoint
from telegraphql.gateway.http.invalid_values import report_invalid_value, with_invalid_value_reports
from telegraphql.gateway.http.responses import encode_json
from telegraphql.gateway.http.result_extension import ResultExtension
from telegraphql.gateway.http.telemetry_extension import TelemetryExtension
from telegraphql.gateway.http.validation_extension import ValidationExtension
from telegraphql.gateway.http.websocket import GraphQLWebSocketHandler, WebSocketAdapter
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.telemetry.unexpected_errors import mask_error
from telegraphql.gateway.upstream.request_budget import enter
from telegraphql.schema.scalars import Misfit
from telegraphql.schema.schema import DescribedSchema, build
from telegraphql.schema.strawberry_internals import ExtensibleSchema, core_schema

# From the connection to the client's connection_init message.
CONNECTION_INIT_TIMEOUT = timedelta(seconds=10)


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
    """The schema as the gateway serves it: with its own extension runner and error handling."""

    _hooks: ExtensionHooks | None = None
    validation_rules = specified_rules
    middleware = MiddlewareManager()

    def create_extensions_runner(self, execution_context: ExecutionContext, extensions: list[SchemaExtension]) -> ExtensionRunner:
        """Return the runner of one operation's extensions."""
        if self._hooks is None:
            self._hooks = ExtensionHooks.of(extensions)
        return ExtensionRunner(execution_context, extensions, self._hooks)

    @property
    def compiling_executor(self) -> type[Compiling] | None:
        """The class that executes operations with compiled selections, or None if graphql-core's does."""
        found: type[Any] = self.execution_context_class
        return found if issubclass(found, Compiling) else None

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Set the codes of errors, mask and log unexpected ones, and drop the frames of all: they would keep the operation's data alive."""
        for error in errors:
            cause = error.original_error
            report_invalid_value(error)
            if not getattr(getattr(execution_context, "context", None), "introspection", True):
                error.message = remove_suggestion(error.message)
            if is_public_error(error):
                set_code(error)
            else:
                mask_error(error)
            drop_frames(error)
            drop_frames(cause)


class OperationContextExtension(SchemaExtension):
    """Sets up the context of an operation. On a WebSocket each operation gets its own; the connection's context is the template."""

    def on_operation(self) -> Iterator[None]:
        """Enter the request budget. At the end, stop the data loaders."""
        context = self.execution_context.context
        if not isinstance(context, RequestContext):
            yield
            return
        if context.is_template:
            self.execution_context.context = context = context.for_next_operation()
        previous = enter(context.budget)
        try:
            yield
        finally:
            enter(previous)
            context.loaders.stop()
            context.row_projection = None


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
    documents = DocumentCache()
    extensions = [
        OperationContextExtension,
        OperationNameExtension,
        TelemetryExtension,
        lambda: ValidationExtension(documents),
        ResultExtension,
    ]
    execution_context_class = with_invalid_value_reports(executor(execution))
    schema = factory(cls=GatewaySchema, extensions=extensions, execution_context_class=execution_context_class)
    assert isinstance(schema, GatewaySchema)
    return schema


class GraphQLApp(GraphQL[RequestContext, None]):
    """The GraphQL endpoint: HTTP by GraphQLEndpoint, WebSocket by Strawberry."""

    websocket_adapter_class = WebSocketAdapter
    graphql_transport_ws_handler_class = GraphQLWebSocketHandler

    def __init__(self, schema: strawberry.Schema, create_context: Callable[[Caller], RequestContext], origins: Sequence[str] = ()) -> None:
        super().__init__(
            schema,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=CONNECTION_INIT_TIMEOUT,
            max_subscriptions_per_connection=None,  # GraphQLWebSocketHandler limits them
            allowed_origins=origins,
        )
        self._create_context = create_context
        self._endpoint = GraphQLEndpoint(schema, self._context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] == "websocket":
            await self.run(WebSocket(scope, receive, send))
            return
        try:
            response = await self._endpoint(scope, receive)
        except HTTPException as error:
            response = await http_error_response(Request(scope), error)
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext:
        """Return the context of a connection."""
        return self._context(request.scope)

    def _context(self, scope: Scope) -> RequestContext:
        context = self._create_context(scope.get("caller", LOCAL))
        context.authenticate = scope.get("authenticate")
        context.is_template = scope["type"] == "websocket"
        return context

    async def create_websocket_response(self, request: WebSocket, subprotocol: str | None) -> WebSocket:
        """Accept a connection. One without a common protocol is accepted too: else the client would not see the close code 4406."""
        await request.accept(subprotocol or next(iter(request["subprotocols"]), None))
        return request

    def encode_json(self, data: object) -> str:
        """Encode a message as JSON text."""
        return encode_json(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        """Decode a message."""
        return orjson.loads(data)
