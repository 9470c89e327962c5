"""Check the host name, the caller's credentials and the origin of a request, before it reaches a route."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from telegraphql.gateway.auth.caller import NOBODY, Caller
from telegraphql.gateway.auth.credentials import credential_from_headers, credential_from_payload
from telegraphql.gateway.auth.loopback import is_allowed_host
from telegraphql.gateway.auth.settings import is_loopback
from telegraphql.gateway.errors import NotAllowed, Refusal, Unauthenticated, Unverifiable
from telegraphql.gateway.http.headers import header
from telegraphql.gateway.runtime import Runtime

GRAPHQL = "/graphql"
# GraphiQL's page and files, the way to them, and whether the process is alive: the same for everybody.
FOR_ALL = ("/", "/healthz", "/graphiql")
# A link is its own credential, and readiness tells strangers less.
ASKING = ("/readyz", "/media/")
STATUS = {Unauthenticated: HTTPStatus.UNAUTHORIZED, NotAllowed: HTTPStatus.FORBIDDEN, Unverifiable: HTTPStatus.SERVICE_UNAVAILABLE}
STRANGE = "this gateway is open, and answers only to the names of its own machine; list others in server.allowed_hosts"
FORGED = "a page of another site sent this; list its origin in server.cors_origins if it may"


class AuthMiddleware:
    """Puts who calls into the scope as "caller". A WebSocket may say so in its first message: then its caller is NOBODY at first."""

    def __init__(self, app: ASGIApp, engine: Runtime) -> None:
        self._app = app
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or refuse with a code."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            _check_host(scope, self._engine)
            _check_site(scope, self._engine)
            scope["caller"] = await self._caller(scope)
            if scope["type"] == "websocket":
                scope["recognize"] = self._recognizing(scope)
        except Refusal as error:
            await _refuse(scope, receive, send, error)
            return
        await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        path = scope["path"]
        if scope["type"] == "websocket" or path in FOR_ALL or path.startswith("/graphiql/") or _is_preflight(scope):
            return NOBODY
        authentication, credential = self._engine.authentication, credential_from_headers(scope["headers"])
        if credential is None and not authentication.is_open and (path.startswith(ASKING) or _is_for_the_page(scope)):
            return NOBODY
        return await authentication.authenticate(credential)

    def _recognizing(self, scope: Scope) -> Callable[[object], Awaitable[Caller]]:
        """Browsers cannot give a WebSocket headers: there its first message says who it is."""

        async def recognized(payload: object) -> Caller:
            credential = credential_from_headers(scope["headers"])
            return await self._engine.authentication.authenticate(credential_from_payload(payload) if credential is None else credential)

        return recognized


def _check_host(scope: Scope, engine: Runtime) -> None:
    """NotAllowed for a name that is not this machine's where only its own programs should get in."""
    reached, _ = scope.get("server") or ("", None)
    if (
        engine.authentication.is_open
        and is_loopback(reached)
        and not is_allowed_host(header(scope, b"host"), engine.settings.server.allowed_hosts)
    ):
        raise NotAllowed(STRANGE)


def _check_site(scope: Scope, engine: Runtime) -> None:
    """NotAllowed for a query that a page of a strange site steers a browser to: it could not read the answer, but would make us ask."""
    if scope["path"] != GRAPHQL or header(scope, b"sec-fetch-site") != "cross-site" or _is_preflight(scope):
        return
    origins = engine.settings.server.cors_origins
    if scope["type"] == "http" and scope["query_string"] and header(scope, b"origin") not in origins and "*" not in origins:
        raise NotAllowed(FORGED)


def _is_preflight(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "OPTIONS")


def _is_for_the_page(scope: Scope) -> bool:
    is_bare = scope["path"] == GRAPHQL and scope["method"] in ("GET", "HEAD") and not scope["query_string"]
    return bool(is_bare) and "text/html" in header(scope, b"accept")


async def _refuse(scope: Scope, receive: Receive, send: Send, error: Refusal) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4403, "reason": error.code})
        return
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    await _answer(scope, status, error)(scope, receive, send)


def _answer(scope: Scope, status: HTTPStatus, error: Refusal) -> JSONResponse:
    message, extensions = str(error), error.extensions
    headers = {"cache-control": "no-store"}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = "10"
    # Under /graphql the way GraphQL's clients read errors, elsewhere the way media's are told.
    if scope["path"] == GRAPHQL:
        return JSONResponse({"errors": [{"message": message, "extensions": extensions}]}, status, headers)
    return JSONResponse({"error": {"message": message, **extensions}}, status, headers)
