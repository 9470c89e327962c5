"""App: the routes of the server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

from telegraphql.gateway import graphiql
from telegraphql.gateway.config import GatewaySettings
from telegraphql.gateway.http.error_responses import refused, unexpected
from telegraphql.gateway.http.fast_route import Shortcut
from telegraphql.gateway.http.graceful_shutdown import EndStreams
from telegraphql.gateway.http.graphql_app import View, schema
from telegraphql.gateway.http.health import routes as observing
from telegraphql.gateway.http.metrics_server import watched
from telegraphql.gateway.http.middleware.auth import AuthMiddleware
from telegraphql.gateway.http.middleware.body_limit import BodyLimit
from telegraphql.gateway.http.middleware.cancel_on_disconnect import CancelOnDisconnect
from telegraphql.gateway.http.middleware.compression import wrappings
from telegraphql.gateway.http.reload import reloadable
from telegraphql.gateway.media import streaming
from telegraphql.gateway.runtime import Runtime

METHODS = ("GET", "HEAD", "POST", "OPTIONS")


def build(engine: Runtime, reread: Callable[[], GatewaySettings] | None = None) -> Starlette:
    """The server over an engine, which is closed with it; `reread` gives the configuration as it is now."""
    engine.observe()
    server = engine.settings.server
    view = View(schema(engine.settings.execution, engine.settings.federation), engine.context, server.cors_origins)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if engine.sharing is not None:
            engine.sharing.start()
        async with watched(engine), reloadable(engine, reread):
            yield
        await engine.aclose()

    async def home(request: Request) -> Response:
        return RedirectResponse("/graphql")

    async def file(request: Request) -> Response:
        return await streaming.stream_file(request, engine.files, engine.serving, engine.authentication.may_fetch)

    def most_bytes() -> int:
        return engine.settings.limits.body_bytes

    http = BodyLimit(CancelOnDisconnect(EndStreams(view, engine.departure)), most_bytes)
    routes = [
        Route("/", home),
        Route("/graphql", http, methods=METHODS),
        WebSocketRoute("/graphql", BodyLimit(view, most_bytes)),
        Route("/media/{token}", file, methods=["GET", "HEAD"]),
        *observing(engine),
        *graphiql.routes(),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            *wrappings(server.cors_origins, server.compress, engine.settings.logs.access),
            Middleware(AuthMiddleware, engine=engine),
            Middleware(Shortcut, path="/graphql", methods=METHODS, to=http),
        ],
        exception_handlers={HTTPException: refused, Exception: unexpected},
    )
    app.state.hides_graphiql = lambda: not engine.settings.shows_graphiql
    return app
