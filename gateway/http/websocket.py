"""GraphQL over WebSocket: the graphql-transport-ws protocol, based on Strawberry's handler."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

import orjson
import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage, Message, SubscribeMessage

from telegraphql.gateway.auth.caller import LOCAL, Caller
from telegraphql.gateway.errors import Refusal, RequestError
from telegraphql.gateway.graphql.validation.request import GraphQLRequest
from telegraphql.gateway.http.responses import encode_json
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.schema.strawberry_internals import PersistentWebSocketHandler

# RFC 6455, section 5.5: a control frame holds 125 bytes, two of which are the close code.
MAX_REASON_BYTES = 123
# From the connection to the client's connection_init message.
CONNECTION_INIT_TIMEOUT = timedelta(seconds=10)


class TooManyOperations(RequestError):
    """The connection has too many operations."""

    code = "TOO_MANY_OPERATIONS"


class WebSocketAdapter(ASGIWebSocketAdapter):
    """Sends and receives the messages of one connection."""

    async def close(self, code: int, reason: str) -> None:
        """Close the connection. The reason is cut to its maximum length, since it may contain what the client sent."""
        await super().close(code, reason.encode()[:MAX_REASON_BYTES].decode("utf-8", "ignore"))


class GraphQLWebSocketHandler(PersistentWebSocketHandler[RequestContext]):
    """Handles the messages of one connection."""

    async def handle_message(self, message: Message) -> None:
        """Handle a message. A malformed message closes the connection."""
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            await self.handle_invalid_message("a message must be an object with a type")
        elif message["type"] == "complete" and not isinstance(message.get("id"), str):
            await self.handle_invalid_message("complete needs the id of an operation")
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Authenticate the client by its first message.

        A wrong credential closes the connection with 4401. After Strawberry's 4403, graphql-ws would retry forever.
        """
        payload = message.get("payload") or {}
        if self.context.authenticate is not None and not self.connection_init_received:
            try:
                self.context.caller = await self.context.authenticate(payload)
            except Refusal as error:
                await self.websocket.close(4401, f"{error.code}: {error}")
                return
        await super().handle_connection_init(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Start an operation. If the request is wrong, an error is sent for this operation, and the connection stays open."""
        id, payload = message.get("id"), message.get("payload")
        if not isinstance(id, str) or not id or not isinstance(payload, dict):
            await self.handle_invalid_message("subscribe needs an id and a payload")
            return
        if not self.connection_acknowledged or id in self.operations:
            await super().handle_subscribe(message)
            return
        try:
            self._check_operation_limit()
            request = self._resolve_document(GraphQLRequest.parse(payload))
        except Refusal as error:
            errors = [{"message": str(error), "extensions": error.extensions}]
            await self.send_message(cast(Message, {"id": id, "type": "error", "payload": errors}))
        else:
            await super().handle_subscribe(cast(SubscribeMessage, {"id": id, "type": "subscribe", "payload": request}))

    def _resolve_document(self, request: GraphQLRequest) -> Mapping[str, Any]:
        document = self.context.persisted_queries.document(request, self.context.caller)
        return {
            "query": document,
            "variables": request.variables,
            "operationName": request.operation_name,
            "extensions": request.extensions,
        }

    def _check_operation_limit(self) -> None:
        limit = self.context.limits.operations_per_websocket
        if len(self.operations) >= limit:
            raise TooManyOperations(
                f"this connection has {limit} operations (limits.operations_per_websocket); complete some, or open another connection"
            )


class GraphQLWebSocket(GraphQL[RequestContext, None]):
    """The endpoint of WebSocket connections, as an ASGI app."""

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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await self.run(WebSocket(scope, receive, send))

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext:
        """Return the context of a connection, the template of its operations' contexts."""
        context = self._create_context(request.scope.get("caller", LOCAL))
        context.authenticate = request.scope.get("authenticate")
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
