"""Endpoint: GraphQL over HTTP, as the specification of that name says."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from strawberry import Schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from gateway import graphiql
from gateway.context import RequestContext
from gateway.documents.asked import IDS, Asked, BadRequest
from gateway.documents.choosing import NoOperation
from gateway.errors import Refusal
from gateway.server.accepting import EVENTS, GRAPHQL, JSON, PAGE, names, preferred
from gateway.server.answers import TO_NOBODY, answer, refusal, told
from gateway.server.events import only, streamed

METHODS = "GET, HEAD, POST, OPTIONS"
DOCUMENT = {"query", "extensions", *IDS}
READING = frozenset({OperationType.QUERY})
ANY = frozenset({OperationType.QUERY, OperationType.MUTATION})
STREAM = frozenset({OperationType.SUBSCRIPTION})
CREDENTIALS = ("authorization", "x-api-key", "cookie")

Contexts = Callable[[Request], Awaitable[RequestContext]]


class Endpoint:
    """Answers one request after the other; each has a context of its own."""

    def __init__(self, schema: Schema, context: Contexts) -> None:
        self.schema = schema
        self._context = context

    async def __call__(self, request: Request) -> Response:
        """The response to a request of any method."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": METHODS, "Accept-Post": JSON})
        reads = request.method != "POST"
        bare = reads and not DOCUMENT & request.query_params.keys()
        wanted = preferred(request.headers.get("accept"), (JSON, GRAPHQL, EVENTS, *([PAGE] if bare else [])))
        if wanted == PAGE:
            return await graphiql.page(request)
        if wanted is None:
            raise HTTPException(406, f"answers are {JSON}, {GRAPHQL} or {EVENTS}; name one of them in Accept")
        try:
            asked = Asked.of(_queried(request.query_params) if reads else await _posted(request))
            return await self._answered(request, asked, wanted)
        except Refusal as error:
            return _refused(error, wanted)

    async def _answered(self, request: Request, asked: Asked, wanted: str) -> Response:
        context = await self._context(request)
        text = context.persisted.text(asked, context.caller)
        allowed = ANY if request.method == "POST" else READING
        if wanted == EVENTS:
            return streamed(await self.schema.stream(text, **_arguments(asked, context, allowed | STREAM)))
        try:
            result = await self.schema.execute(text, **_arguments(asked, context, allowed))
        except CannotGetOperationTypeError as error:
            raise NoOperation(error.as_http_error_reason()) from None
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise HTTPException(405, "a mutation is sent by POST", {"Allow": "POST"}) from None
            if not names(request.headers.get("accept"), EVENTS):
                raise BadRequest(f"a subscription needs Accept: {EVENTS}, or a WebSocket (graphql-transport-ws)") from None
            return streamed(await self.schema.stream(text, **_arguments(asked, context, STREAM)))
        # An explanation is asked for by a header, too, and meant for one caller.
        special = result.errors or "explain" in (result.extensions or {})
        return answer(result, wanted, TO_NOBODY if special else keeping(request, asked, context))


def _refused(error: Refusal, wanted: str) -> Response:
    content = refusal(str(error), error.extensions)
    if isinstance(error, BadRequest):
        return told(content, JSON if wanted == EVENTS else wanted, 400)
    return only(content) if wanted == EVENTS else told(content, wanted, 400 if wanted == GRAPHQL else 200)


def keeping(request: Request, asked: Asked, context: RequestContext) -> str:
    """Who may keep a good answer, and for how long: nobody, unless a persisted document was asked for by GET and nothing is missing."""
    age = context.persisted.settings.max_age
    if not age or request.method == "POST" or context.missing or (asked.document_id is None and asked.digest is None):
        return TO_NOBODY
    whose = "private" if any(name in request.headers for name in CREDENTIALS) else "public"
    return f"{whose}, max-age={age}"


def _arguments(asked: Asked, context: RequestContext, allowed: Iterable[OperationType]) -> dict[str, Any]:
    return {
        "variable_values": asked.variables,
        "context_value": context,
        "operation_name": asked.operation_name,
        "operation_extensions": asked.extensions,
        "allowed_operation_types": allowed,
    }


async def _posted(request: Request) -> object:
    """The decoded body."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if kind.strip().lower() != JSON or charset not in {"", "utf-8", "utf8"}:
        raise HTTPException(415, f"post {JSON}, in UTF-8", {"Accept-Post": JSON})
    return _decoded(await request.body(), "the body")


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
