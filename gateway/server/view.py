"""View: GraphQL over HTTP and WebSocket, with our own page for people and our own way with errors."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import strawberry
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.asgi import HTTPException as NotGraphQL  # type: ignore[attr-defined]  # of a library under strawberry
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UNSET

from gateway import graphiql
from gateway.context import RequestContext
from gateway.errors import Refusal
from gateway.transport.operation import enter
from schema.scalars import Misfit
from schema.schema import build

log = logging.getLogger("telegraphql")


def is_ours(error: GraphQLError) -> bool:
    """Whether clients may read an error: it is ours, or says what is wrong with their document."""
    cause = error.original_error
    # A scalar refuses a value of the document, or of a variable, with a ValueError before anything has a path.
    refused = isinstance(cause, ValueError) and error.path is None and bool(error.nodes)
    return cause is None or refused or isinstance(cause, Refusal | GraphQLError | Misfit)


def misfits(error: GraphQLError) -> bool:
    """Whether a field's type cannot hold what an upstream sent, such as a number beyond 32 bits."""
    cause = error.original_error
    return error.path is not None and (type(cause) is GraphQLError or isinstance(cause, Misfit)) and not error.extensions


class Schema(strawberry.Schema):
    """Only what we did not foresee is logged; refusals are answers, not accidents."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log what we did not foresee, and keep to ourselves the value that does not fit."""
        for error in errors:
            if misfits(error):
                error.message = "the upstream sent a value that this field cannot hold"
                error.extensions = {"code": "BAD_ANSWER", "retryable": False}
            if not is_ours(error):
                log.error("unexpected %s at %s", type(error.original_error).__name__, error.path, exc_info=error.original_error)


def masking() -> MaskErrors:
    """An extension for one operation: it remembers which, so that no two may share it."""
    return MaskErrors(should_mask_error=lambda error: not is_ours(error), error_message="something unexpected happened; it has been logged")


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


def schema() -> strawberry.Schema:
    """The schema as it is served."""
    return build(cls=Schema, extensions=[masking, Anew])


class View(GraphQL[RequestContext, None]):
    """The GraphQL endpoint."""

    def __init__(self, made: strawberry.Schema, context: Callable[[], RequestContext]) -> None:
        super().__init__(made, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,), allow_queries_via_get=True)
        self._context = context

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """The answer to a request; what is no request of GraphQL is refused as the rest of the server refuses."""
        try:
            return await super().run(request, context, root_value)
        except NotGraphQL as error:
            raise HTTPException(error.status_code, error.reason) from None

    def parse_json(self, data: str | bytes) -> Any:
        """The object that a request's JSON is; null is an empty one."""
        try:
            parsed = super().parse_json(data)
        except (UnicodeDecodeError, RecursionError):
            raise HTTPException(400, "Unable to parse request body as JSON") from None
        if not isinstance(parsed, dict | list | None):
            raise HTTPException(400, "A GraphQL request is a JSON object")
        return {} if parsed is None else parsed

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext:
        """A fresh context."""
        return self._context()

    async def render_graphql_ide(self, request: Request) -> Any:
        """Our own page."""
        return await graphiql.page(request)
