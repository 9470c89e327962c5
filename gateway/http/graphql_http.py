"""The GraphQL over HTTP specification: GET and POST requests, results as JSON or server-sent events."""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from telegraphql.gateway.auth.authentication import CREDENTIAL_HEADERS
from telegraphql.gateway.auth.caller import LOCAL, Caller
from telegraphql.gateway.errors import Refusal
from telegraphql.gateway.graphiql import PAGE
from telegraphql.gateway.graphql.validation.operation_name import OperationNotFound
from telegraphql.gateway.graphql.validation.request import DOCUMENT_ID_KEYS, BadRequest, GraphQLRequest
from telegraphql.gateway.http.error_responses import http_error_response
from telegraphql.gateway.http.graceful_shutdown import EndStreamOnShutdown
from telegraphql.gateway.http.request_headers import EVENT_STREAM, GRAPHQL, HTML, JSON, accepts_explicitly, header, headers, negotiate
from telegraphql.gateway.http.responses import NO_STORE, JsonResponse, error_body, result_response
from telegraphql.gateway.http.sse import event_stream_response, single_event_response
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.runtime import ShutdownState

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
DOCUMENT_KEYS = {"query", "extensions", *DOCUMENT_ID_KEYS}
GET_TYPES = frozenset({OperationType.QUERY})
POST_TYPES = frozenset({OperationType.QUERY, OperationType.MUTATION})
STREAM_TYPES = frozenset({OperationType.SUBSCRIPTION})
# A response to a request with one of these is kept by the caller alone.
PRIVATE_HEADERS = frozenset({*CREDENTIAL_HEADERS, b"cookie"})
OFFERS = (JSON, GRAPHQL, EVENT_STREAM)
JSON_CONTENT_TYPE = JSON.encode()

ContextFactory = Callable[[Caller], RequestContext]


class GraphQLEndpoint:
    """Serves GraphQL requests over HTTP, as an ASGI app. Each request has its own context."""

    def __init__(self, schema: Schema, create_context: ContextFactory, shutdown: ShutdownState) -> None:
        self.schema = schema
        self._create_context = create_context
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        response: ASGIApp
        try:
            response = await self._response(scope, receive)
        except HTTPException as error:
            response = await http_error_response(Request(scope), error)
        if isinstance(response, StreamingResponse):
            response = EndStreamOnShutdown(response, self._shutdown)
        await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> Response:
        """Return the response to a request of any method.

        Raises:
            HTTPException: The request is not a GraphQL request, or its method or media types are not supported.
        """
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(METHODS), "Accept-Post": JSON})
        parameters = None if scope["method"] == "POST" else QueryParams(scope["query_string"])
        has_no_document = parameters is not None and not DOCUMENT_KEYS & parameters.keys()
        media_type = negotiate(header(scope, b"accept"), (*OFFERS, HTML) if has_no_document else OFFERS)
        if media_type == HTML:
            return await PAGE.respond(Request(scope))
        if media_type is None:
            raise HTTPException(406, f"accept one of these media types: {JSON}, {GRAPHQL}, {EVENT_STREAM}")
        try:
            body = await _read_body(scope, receive) if parameters is None else _read_parameters(parameters)
            return await self._execute(scope, GraphQLRequest.parse(body), media_type)
        except Refusal as error:
            return _error_response(error, media_type)

    async def _execute(self, scope: Scope, request: GraphQLRequest, media_type: str) -> Response:
        context = self._create_context(scope.get("caller", LOCAL))
        context.is_template = False
        is_text = request.query is not None and request.digest is None and context.persisted_queries.accepts_any
        document = request.query if is_text else context.persisted_queries.document(request, context.caller)
        allowed = POST_TYPES if scope["method"] == "POST" else GET_TYPES
        arguments: dict[str, Any] = {
            "variable_values": request.variables,
            "context_value": context,
            "operation_name": request.operation_name,
            "operation_extensions": request.extensions,
        }
        if media_type == EVENT_STREAM:
            return event_stream_response(await self.schema.stream(document, **arguments, allowed_operation_types=allowed | STREAM_TYPES))
        try:
            result = await self.schema.execute(document, **arguments, allowed_operation_types=allowed)
        except CannotGetOperationTypeError as error:
            raise OperationNotFound(error.as_http_error_reason()) from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise HTTPException(405, "send mutations by POST", {"Allow": "POST"}) from None
            if not accepts_explicitly(header(scope, b"accept"), EVENT_STREAM):
                raise BadRequest(f"a subscription needs Accept: {EVENT_STREAM}, or a WebSocket (graphql-transport-ws)") from None
            return event_stream_response(await self.schema.stream(document, **arguments, allowed_operation_types=STREAM_TYPES))
        # An explain report can be requested by header, and is meant for one caller.
        is_private = scope["method"] == "POST" or result.errors or "explain" in (result.extensions or {})
        return result_response(result, media_type, NO_STORE if is_private else cache_control(scope, request, context))


def _error_response(error: Refusal, media_type: str) -> Response:
    body = error_body(str(error), error.extensions)
    if isinstance(error, BadRequest):
        return JsonResponse(body, JSON if media_type == EVENT_STREAM else media_type, 400)
    return (
        single_event_response(body) if media_type == EVENT_STREAM else JsonResponse(body, media_type, 400 if media_type == GRAPHQL else 200)
    )


def cache_control(scope: Scope, request: GraphQLRequest, context: RequestContext) -> str:
    """Return the Cache-Control header of a result: `no-store`, except for a complete result of a persisted query sent by GET."""
    max_age = context.persisted_queries.settings.max_age
    is_persisted = request.document_id is not None or request.digest is not None
    if not max_age or context.problems.codes or not is_persisted:
        return NO_STORE
    visibility = "private" if PRIVATE_HEADERS & headers(scope).keys() else "public"
    return f"{visibility}, max-age={max_age:.0f}"


async def _read_body(scope: Scope, receive: Receive) -> object:
    if headers(scope).get(b"content-type") != JSON_CONTENT_TYPE and not _is_json(header(scope, b"content-type")):
        raise HTTPException(415, f"send {JSON}, in UTF-8", {"Accept-Post": JSON})
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return _decode(b"".join(parts), "the body")


def _is_json(content_type: str) -> bool:
    kind, _, parameters = content_type.partition(";")
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    return kind.strip().lower() == JSON and charset in {"", "utf-8", "utf8"}


def _read_parameters(parameters: QueryParams) -> dict[str, object]:
    """Return the query parameters as a request body. `variables` and `extensions` are JSON."""
    body: dict[str, object] = dict(parameters)
    for name in ("variables", "extensions"):
        if name in body:
            body[name] = _decode(parameters[name] or "null", name)
    return body


def _decode(text: str | bytes, name: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequest(f"{name} is not JSON") from None
