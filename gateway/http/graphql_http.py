"""Endpoint: GraphQL over HTTP, as the specification of that name says."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope
from strawberry import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from telegraphql.gateway import graphiql
from telegraphql.gateway.errors import Refusal
from telegraphql.gateway.graphql.validation.operation_name import OperationNotFound
from telegraphql.gateway.graphql.validation.request import DOCUMENT_ID_KEYS, BadRequest, GraphQLRequest
from telegraphql.gateway.http.content_negotiation import EVENT_STREAM, GRAPHQL, HTML, JSON, accepts_explicitly, negotiate
from telegraphql.gateway.http.headers import header, headers
from telegraphql.gateway.http.responses import NO_STORE, error_body, result_response, told
from telegraphql.gateway.http.sse import event_stream_response, single_event_response
from telegraphql.gateway.resolvers.context import RequestContext

METHODS = "GET, HEAD, POST, OPTIONS"
DOCUMENT = {"query", "extensions", *DOCUMENT_ID_KEYS}
READING = frozenset({OperationType.QUERY})
ANY = frozenset({OperationType.QUERY, OperationType.MUTATION})
STREAM = frozenset({OperationType.SUBSCRIPTION})
CREDENTIALS = frozenset({b"authorization", b"x-api-key", b"cookie"})
OFFERS = (JSON, GRAPHQL, EVENT_STREAM)
PLAIN = JSON.encode()

Contexts = Callable[[Scope], RequestContext]


class GraphQLEndpoint:
    """Answers one request after the other; each has a context of its own."""

    def __init__(self, schema: Schema, context: Contexts) -> None:
        self.schema = schema
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive) -> Response:
        """The response to a request of any method."""
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers={"Allow": METHODS, "Accept-Post": JSON})
        given = None if scope["method"] == "POST" else QueryParams(scope["query_string"])
        bare = given is not None and not DOCUMENT & given.keys()
        wanted = negotiate(header(scope, b"accept"), (*OFFERS, HTML) if bare else OFFERS)
        if wanted == HTML:
            return await graphiql.page(Request(scope))
        if wanted is None:
            raise HTTPException(406, f"answers are {JSON}, {GRAPHQL} or {EVENT_STREAM}; name one of them in Accept")
        try:
            asked = GraphQLRequest.of(await _posted(scope, receive) if given is None else _queried(given))
            return await self._answered(scope, asked, wanted)
        except Refusal as error:
            return _refused(error, wanted)

    async def _answered(self, scope: Scope, asked: GraphQLRequest, wanted: str) -> Response:
        context = self._context(scope)
        text = context.persisted_queries.document(asked, context.caller)
        allowed = ANY if scope["method"] == "POST" else READING
        if wanted == EVENT_STREAM:
            return event_stream_response(await self.schema.stream(text, **_arguments(asked, context, allowed | STREAM)))
        try:
            result = await self.schema.execute(text, **_arguments(asked, context, allowed))
        except CannotGetOperationTypeError as error:
            raise OperationNotFound(error.as_http_error_reason()) from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise HTTPException(405, "a mutation is sent by POST", {"Allow": "POST"}) from None
            if not accepts_explicitly(header(scope, b"accept"), EVENT_STREAM):
                raise BadRequest(f"a subscription needs Accept: {EVENT_STREAM}, or a WebSocket (graphql-transport-ws)") from None
            return event_stream_response(await self.schema.stream(text, **_arguments(asked, context, STREAM)))
        # An explanation is asked for by a header, too, and meant for one caller.
        special = result.errors or "explain" in (result.extensions or {})
        return result_response(result, wanted, NO_STORE if special else cache_control(scope, asked, context))


def _refused(error: Refusal, wanted: str) -> Response:
    content = error_body(str(error), error.extensions)
    if isinstance(error, BadRequest):
        return told(content, JSON if wanted == EVENT_STREAM else wanted, 400)
    return single_event_response(content) if wanted == EVENT_STREAM else told(content, wanted, 400 if wanted == GRAPHQL else 200)


def cache_control(scope: Scope, asked: GraphQLRequest, context: RequestContext) -> str:
    """Who may keep a good answer, and for how long: nobody, unless a persisted document was asked for by GET and nothing is missing."""
    age = context.persisted_queries.settings.max_age
    if not age or scope["method"] == "POST" or context.problem_codes or (asked.document_id is None and asked.digest is None):
        return NO_STORE
    whose = "private" if CREDENTIALS & headers(scope).keys() else "public"
    return f"{whose}, max-age={age:.0f}"


def _arguments(asked: GraphQLRequest, context: RequestContext, allowed: Iterable[OperationType]) -> dict[str, Any]:
    return {
        "variable_values": asked.variables,
        "context_value": context,
        "operation_name": asked.operation_name,
        "operation_extensions": asked.extensions,
        "allowed_operation_types": allowed,
    }


async def _posted(scope: Scope, receive: Receive) -> object:
    """The decoded body."""
    if headers(scope).get(b"content-type") != PLAIN and not _is_json(header(scope, b"content-type")):
        raise HTTPException(415, f"post {JSON}, in UTF-8", {"Accept-Post": JSON})
    return _decoded(await _body(receive), "the body")


def _is_json(content_type: str) -> bool:
    kind, _, parameters = content_type.partition(";")
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    return kind.strip().lower() == JSON and charset in {"", "utf-8", "utf8"}


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _queried(parameters: QueryParams) -> dict[str, object]:
    """What an address holds: texts, of which two are JSON."""
    found: dict[str, object] = dict(parameters)
    for name in ("variables", "extensions"):
        if name in found:
            found[name] = _decoded(parameters[name] or "null", name)
    return found


def _decoded(text: str | bytes, where: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequest(f"{where} is not JSON") from None
