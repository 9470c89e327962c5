"""GraphQL over WebSocket: the graphql-transport-ws protocol, based on Strawberry's handler."""

from collections.abc import Mapping
from typing import Any, cast

from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage, Message, SubscribeMessage

from telegraphql.gateway.errors import Refusal, RequestError
from telegraphql.gateway.graphql.validation.request import GraphQLRequest
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.schema.strawberry_internals import PersistentWebSocketHandler

# RFC 6455, section 5.5: a control frame holds 125 bytes, two of which are the close code.
MAX_REASON_BYTES = 123


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
