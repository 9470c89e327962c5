"""View: GraphQL over HTTP and WebSocket, with our own page for people and our own way with errors."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from gateway.callers.caller import LOCAL, Caller
from gateway.context import RequestContext
from gateway.documents.checking import Checking
from gateway.documents.choosing import Choosing
from gateway.documents.introspection import without_suggestion
from gateway.documents.known import Documents
from gateway.errors import Refusal
from gateway.executing.executor import executor
from gateway.executing.settings import Execution
from gateway.following.cursors import Cursors
from gateway.observing.accidents import mask
from gateway.observing.operations import Observed
from gateway.server.answers import written
from gateway.server.codes import ACCIDENT, CHOICE, give_code
from gateway.server.endpoint import Endpoint
from gateway.server.misfits import tell, telling
from gateway.server.sockets import Conversation, Socket
from gateway.server.staleness import Staleness
from gateway.transport.operation import enter
from schema.scalars import Misfit
from schema.schema import build

# From the connection to the client's first message.
INIT_WAIT = timedelta(seconds=10)
MASKED = "something unexpected happened; it has been logged"


def is_ours(error: GraphQLError) -> bool:
    """Whether clients may read an error: it is ours, or says what is wrong with their document."""
    cause = error.original_error
    # A scalar refuses a value of the document, or of a variable, with a ValueError before anything has a path.
    refused = isinstance(cause, ValueError) and error.path is None and bool(error.nodes)
    return cause is None or refused or isinstance(cause, (Refusal, GraphQLError, Misfit, *CHOICE))


class Schema(strawberry.Schema):
    """Only what we did not foresee is logged; refusals are answers, not accidents."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log what we did not foresee, and keep to ourselves the value that does not fit."""
        for error in errors:
            tell(error)
            if not getattr(getattr(execution_context, "context", None), "introspection", True):
                error.message = without_suggestion(error.message)
            if is_ours(error):
                give_code(error)
            else:
                mask(error)


class Masking(MaskErrors):
    """What we did not foresee is told as an accident. It remembers for one operation, so that no two may share it."""

    def __init__(self) -> None:
        super().__init__(should_mask_error=lambda error: not is_ours(error), error_message=MASKED)

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """An error without its words."""
        masked = super().anonymise_error(error)
        masked.extensions = {"code": ACCIDENT}
        return masked


class Anew(SchemaExtension):
    """Each operation of a WebSocket has its own limits and loaders; the connection's context is only their pattern."""

    def on_operation(self) -> Iterator[None]:
        """Begin anew; nothing goes on loading after the end, whoever ends it."""
        context = self.execution_context.context
        if not isinstance(context, RequestContext):
            yield
            return
        self.execution_context.context = context = context.anew()
        enter(context.operation)
        try:
            yield
        finally:
            context.loaders.stop()


def schema(execution: Execution | None = None) -> strawberry.Schema:
    """The schema as it is served."""
    documents = Documents()
    extensions = [Masking, Anew, Choosing, Observed, lambda: Checking(documents), Cursors, Staleness]
    return build(cls=Schema, extensions=extensions, execution_context_class=telling(executor(execution or Execution())))


class View(GraphQL[RequestContext, None]):
    """The GraphQL endpoint: over HTTP by our own hand, over WebSocket by Strawberry's."""

    websocket_adapter_class = Socket
    graphql_transport_ws_handler_class = Conversation

    def __init__(self, made: strawberry.Schema, context: Callable[[Caller], RequestContext], origins: Sequence[str] = ()) -> None:
        super().__init__(
            made,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_WAIT,
            max_subscriptions_per_connection=None,  # the conversation counts
            allowed_origins=origins,
        )
        self._context = context
        self._endpoint = Endpoint(made, self._for_one)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one connection."""
        if scope["type"] == "websocket":
            await self.run(WebSocket(scope, receive, send))
            return
        response = await self._endpoint(Request(scope, receive))
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext:
        """A fresh context of whoever asks."""
        context = self._context(request.scope.get("caller", LOCAL))
        context.recognize = request.scope.get("recognize")
        return context

    async def _for_one(self, request: Request) -> RequestContext:
        return await self.get_context(request, Response())

    async def create_websocket_response(self, request: WebSocket, subprotocol: str | None) -> WebSocket:
        """Accept a connection. Clients would drop one that names none of their protocols without having seen why it is closed (4406)."""
        await request.accept(subprotocol or next(iter(request["subprotocols"]), None))
        return request

    def encode_json(self, data: object) -> str:
        """JSON as text: a WebSocket's messages are."""
        return written(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        """What a message says."""
        return orjson.loads(data)
