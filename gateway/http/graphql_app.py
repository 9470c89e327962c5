"""View: GraphQL over HTTP and WebSocket, with our own page for people and our own way with errors."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
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
from telegraphql.gateway.graphql.compiler.executor import executor
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
from telegraphql.gateway.http.stale_extension import StaleExtension
from telegraphql.gateway.http.telemetry_extension import TelemetryExtension
from telegraphql.gateway.http.validation_extension import ValidationExtension
from telegraphql.gateway.http.websocket import GraphQLWebSocketHandler, WebSocketAdapter
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.subscriptions.cursor_extension import CursorExtension
from telegraphql.gateway.telemetry.unexpected_errors import mask_error
from telegraphql.gateway.upstream.request_budget import enter
from telegraphql.schema.scalars import Misfit
from telegraphql.schema.schema import DescribedSchema, build
from telegraphql.schema.strawberry_internals import ExtensibleSchema

# From the connection to the client's first message.
INIT_WAIT = timedelta(seconds=10)


def is_public_error(error: GraphQLError) -> bool:
    """Whether clients may read an error: it is ours, or says what is wrong with their document."""
    cause = error.original_error
    # A scalar refuses a value of the document, or of a variable, with a ValueError before anything has a path.
    of_a_value = isinstance(cause, ValueError) and error.path is None and bool(error.nodes)
    return cause is None or of_a_value or isinstance(cause, (Refusal, GraphQLError, Misfit, *CODES_BY_EXCEPTION))


class GatewaySchema(ExtensibleSchema, DescribedSchema):
    """Only what we did not foresee is logged; refusals are answers, not accidents."""

    _hooks: ExtensionHooks | None = None
    validation_rules = specified_rules
    middleware = MiddlewareManager()

    def create_extensions_runner(self, execution_context: ExecutionContext, extensions: list[SchemaExtension]) -> ExtensionRunner:
        """The stages of one operation."""
        if self._hooks is None:
            self._hooks = ExtensionHooks.of(extensions)
        return ExtensionRunner(execution_context, extensions, self._hooks)

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log what we did not foresee, and keep to ourselves the value that does not fit; nobody looks at their frames after that."""
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
    """Each operation of a WebSocket has its own limits and loaders; the connection's context is only their pattern."""

    def on_operation(self) -> Iterator[None]:
        """Begin, anew on a WebSocket; nothing goes on loading after the end, whoever ends it."""
        context = self.execution_context.context
        if not isinstance(context, RequestContext):
            yield
            return
        if context.is_template:
            self.execution_context.context = context = context.for_next_operation()
        before = enter(context.budget)
        try:
            yield
        finally:
            enter(before)
            context.loaders.stop()
            context.row_projection = None


def create_schema(execution: ExecutionSettings | None = None, federation: FederationSettings | None = None) -> strawberry.Schema:
    """The schema as it is served."""
    made = build if federation is not None and not federation.enabled else federated_schema
    documents = DocumentCache()
    extensions = [
        OperationContextExtension,
        OperationNameExtension,
        TelemetryExtension,
        lambda: ValidationExtension(documents),
        CursorExtension,
        StaleExtension,
    ]
    return made(
        cls=GatewaySchema,
        extensions=extensions,
        execution_context_class=with_invalid_value_reports(executor(execution or ExecutionSettings())),
    )


class GraphQLApp(GraphQL[RequestContext, None]):
    """The GraphQL endpoint: over HTTP by our own hand, over WebSocket by Strawberry's."""

    websocket_adapter_class = WebSocketAdapter
    graphql_transport_ws_handler_class = GraphQLWebSocketHandler

    def __init__(self, made: strawberry.Schema, context: Callable[[Caller], RequestContext], origins: Sequence[str] = ()) -> None:
        super().__init__(
            made,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WAIT,
            max_subscriptions_per_connection=None,  # the conversation counts
            allowed_origins=origins,
        )
        self._context = context
        self._endpoint = GraphQLEndpoint(made, self._for_one)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one connection."""
        if scope["type"] == "websocket":
            await self.run(WebSocket(scope, receive, send))
            return
        try:
            response = await self._endpoint(scope, receive)
        except HTTPException as error:
            response = await http_error_response(Request(scope), error)
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext:
        """A fresh context of whoever asks."""
        return self._for_one(request.scope)

    def _for_one(self, scope: Scope) -> RequestContext:
        context = self._context(scope.get("caller", LOCAL))
        context.authenticate = scope.get("recognize")
        context.is_template = scope["type"] == "websocket"
        return context

    async def create_websocket_response(self, request: WebSocket, subprotocol: str | None) -> WebSocket:
        """Accept a connection. Clients would drop one that names none of their protocols without having seen why it is closed (4406)."""
        await request.accept(subprotocol or next(iter(request["subprotocols"]), None))
        return request

    def encode_json(self, data: object) -> str:
        """JSON as text: a WebSocket's messages are."""
        return encode_json(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        """What a message says."""
        return orjson.loads(data)
