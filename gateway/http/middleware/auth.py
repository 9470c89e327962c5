"""Check the host name, the caller's credentials and the origin of a request, before it reaches a route."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from telegraphql.gateway.auth.authentication import credential_from_headers, credential_from_payload
from telegraphql.gateway.auth.caller import NOBODY, Caller
from telegraphql.gateway.auth.loopback import is_allowed_host
from telegraphql.gateway.auth.settings import is_loopback
from telegraphql.gateway.errors import NotAllowed, Refusal, Unauthenticated, Unverifiable
from telegraphql.gateway.http.request_headers import header
from telegraphql.gateway.runtime import Runtime

GRAPHQL = "/graphql"
# Without authentication: the pages and their files, and the liveness check.
PUBLIC_PATHS = ("/", "/healthz", "/graphiql", "/console/config")
PUBLIC_FOLDERS = ("/graphiql/", "/console/assets/")
# Credentials are optional: readiness shows less without them, and a media link is a credential itself.
OPTIONAL_PATHS = ("/readyz", "/media/")
STATUS = {Unauthenticated: HTTPStatus.UNAUTHORIZED, NotAllowed: HTTPStatus.FORBIDDEN, Unverifiable: HTTPStatus.SERVICE_UNAVAILABLE}
WRONG_HOST = "an open gateway accepts only local host names; list others in server.allowed_hosts, or configure callers"
CROSS_SITE = "a page of another site sent this request; list its origin in server.cors_origins to allow it"


class AuthMiddleware:
    """ASGI middleware that puts the caller into the scope.

    "caller": the Caller. For a WebSocket it is NOBODY until its first message.
    "authenticate": for a WebSocket, an async function from the payload of its first message to the Caller.
    """

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with an error code."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            _check_origin(scope, self._runtime)
            scope["caller"] = await self._caller(scope)
            if scope["type"] == "websocket":
                scope["authenticate"] = self._authenticator(scope)
        except Refusal as error:
            await _refuse(scope, receive, send, error)
            return
        await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        path = scope["path"]
        if scope["type"] == "websocket" or path in PUBLIC_PATHS or path.startswith(PUBLIC_FOLDERS) or scope["method"] == "OPTIONS":
            return NOBODY
        authentication, credential = self._runtime.authentication, credential_from_headers(scope["headers"])
        if credential is None and not authentication.is_open and (path.startswith(OPTIONAL_PATHS) or _is_page_request(scope)):
            return NOBODY
        return await authentication.authenticate(credential)

    def _authenticator(self, scope: Scope) -> Callable[[object], Awaitable[Caller]]:
        """Return the function that authenticates a WebSocket. Browsers cannot set headers on one, so its first message counts too."""

        async def authenticate(payload: object) -> Caller:
            credential = credential_from_headers(scope["headers"])
            return await self._runtime.authentication.authenticate(credential_from_payload(payload) if credential is None else credential)

        return authenticate


def _check_origin(scope: Scope, runtime: Runtime) -> None:
    """Refuse what the page of another site makes a browser send.

    At an open gateway on loopback a foreign host name may be that of such a page (DNS rebinding). A page of another site cannot read the
    response to a query in a URL, but it would cost requests.
    """
    server, (address, _) = runtime.settings.server, scope.get("server") or ("", None)
    if runtime.authentication.is_open and is_loopback(address) and not is_allowed_host(header(scope, b"host"), server.allowed_hosts):
        raise NotAllowed(WRONG_HOST)
    if not scope["query_string"] or scope["path"] != GRAPHQL or scope["type"] != "http" or scope["method"] == "OPTIONS":
        return
    if _is_foreign(scope) and not {"*", header(scope, b"origin")} & {*server.cors_origins}:
        raise NotAllowed(CROSS_SITE)


def _is_foreign(scope: Scope) -> bool:
    """Return True if the page of another origin sent a request, as the browser says. A proxy may have taken the scheme away."""
    site, origin = header(scope, b"sec-fetch-site"), header(scope, b"origin")
    return site == "cross-site" or (bool(origin) and site != "same-origin" and origin.partition("://")[2] != header(scope, b"host"))


def _is_page_request(scope: Scope) -> bool:
    has_no_query = scope["path"] == GRAPHQL and scope["method"] in ("GET", "HEAD") and not scope["query_string"]
    return bool(has_no_query) and "text/html" in header(scope, b"accept")


async def _refuse(scope: Scope, receive: Receive, send: Send, error: Refusal) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4403, "reason": error.code})
        return
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    await _error_response(scope, status, error)(scope, receive, send)


def _error_response(scope: Scope, status: HTTPStatus, error: Refusal) -> JSONResponse:
    message, extensions = str(error), error.extensions
    headers = {"cache-control": "no-store"}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = "10"
    # Under /graphql a GraphQL response; elsewhere the form of the media routes' errors.
    if scope["path"] == GRAPHQL:
        return JSONResponse({"errors": [{"message": message, "extensions": extensions}]}, status, headers)
    return JSONResponse({"error": {"message": message, **extensions}}, status, headers)
