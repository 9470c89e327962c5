"""Sockets: GraphQL over WebSocket (graphql-transport-ws), by Strawberry's handler with what it leaves open settled."""

from collections.abc import Mapping
from typing import Any, cast

from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage, Message, SubscribeMessage

from telegraphql.gateway.errors import Refusal, RequestError
from telegraphql.gateway.graphql.validation.request import GraphQLRequest
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.schema.strawberry_internals import PersistentWebSocketHandler

# RFC 6455, section 5.5: a control frame holds 125 bytes, two of which are the code.
LONGEST_REASON = 123


class TooManyOperations(RequestError):
    """More operations on one connection than it may have."""

    code = "TOO_MANY_OPERATIONS"


class WebSocketAdapter(ASGIWebSocketAdapter):
    """One connection."""

    async def close(self, code: int, reason: str) -> None:
        """End it; reasons repeat what clients sent, and may not be long."""
        await super().close(code, reason.encode()[:LONGEST_REASON].decode("utf-8", "ignore"))


class GraphQLWebSocketHandler(PersistentWebSocketHandler[RequestContext]):
    """What is said on one connection."""

    async def handle_message(self, message: Message) -> None:
        """One message; what has no shape of the protocol ends the connection."""
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            await self.handle_invalid_message("a message is an object with a type")
        elif message["type"] == "complete" and not isinstance(message.get("id"), str):
            await self.handle_invalid_message("complete needs the id of an operation")
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """The first message, which may say who the client is. Clients come back again and again after 4403, but not after 4401."""
        payload = message.get("payload") or {}
        if self.context.authenticate is not None and not self.connection_init_received:
            try:
                self.context.caller = await self.context.authenticate(payload)
            except Refusal as error:
                await self.websocket.close(4401, f"{error.code}: {error}")
                return
        await super().handle_connection_init(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """An operation; what is wrong with it is its own error, and others on the connection go on."""
        id, payload = message.get("id"), message.get("payload")
        if not isinstance(id, str) or not id or not isinstance(payload, dict):
            await self.handle_invalid_message("subscribe needs an id and a payload")
            return
        if not self.connection_acknowledged or id in self.operations:
            await super().handle_subscribe(message)
            return
        try:
            self._check_room()
            given = self._given(GraphQLRequest.of(payload))
        except Refusal as error:
            told = [{"message": str(error), "extensions": error.extensions}]
            await self.send_message(cast(Message, {"id": id, "type": "error", "payload": told}))
        else:
            await super().handle_subscribe(cast(SubscribeMessage, {"id": id, "type": "subscribe", "payload": given}))

    def _given(self, asked: GraphQLRequest) -> Mapping[str, Any]:
        text = self.context.persisted_queries.document(asked, self.context.caller)
        return {"query": text, "variables": asked.variables, "operationName": asked.operation_name, "extensions": asked.extensions}

    def _check_room(self) -> None:
        most = self.context.limits.operations_per_websocket
        if len(self.operations) >= most:
            told = (
                f"{most} operations are under way on this connection already (limits.operations_per_websocket); end some, or open another"
            )
            raise TooManyOperations(told)
