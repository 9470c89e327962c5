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
from telegraphql.gateway.http.error_responses import http_error_response, unexpected_error_response
from telegraphql.gateway.http.fast_route import FastRoute
from telegraphql.gateway.http.graceful_shutdown import EndStreamsOnShutdown
from telegraphql.gateway.http.graphql_app import GraphQLApp, create_schema
from telegraphql.gateway.http.health import health_routes as observing
from telegraphql.gateway.http.metrics_server import telemetry_lifespan
from telegraphql.gateway.http.middleware.auth import AuthMiddleware
from telegraphql.gateway.http.middleware.body_limit import BodyLimitMiddleware
from telegraphql.gateway.http.middleware.cancel_on_disconnect import CancelOnDisconnectMiddleware
from telegraphql.gateway.http.middleware.compression import wrappings
from telegraphql.gateway.http.reload import reload_on_sighup
from telegraphql.gateway.media import streaming
from telegraphql.gateway.runtime import Runtime

METHODS = ("GET", "HEAD", "POST", "OPTIONS")


def create_app(engine: Runtime, reread: Callable[[], GatewaySettings] | None = None) -> Starlette:
    """The server over an engine, which is closed with it; `reread` gives the configuration as it is now."""
    engine.start_telemetry()
    server = engine.settings.server
    schema = create_schema(engine.settings.execution, engine.settings.federation)
    view = GraphQLApp(schema, engine.context, server.cors_origins)
    if engine.settings.execution.compile and engine.instruments.metrics is not None:
        engine.instruments.metrics.report_compilation(schema.compiling_executor is not None)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if engine.shared_state is not None:
            engine.shared_state.start()
        async with telemetry_lifespan(engine), reload_on_sighup(engine, reread):
            yield
        await engine.aclose()

    async def home(request: Request) -> Response:
        return RedirectResponse("/graphql")

    async def file(request: Request) -> Response:
        return await streaming.stream_file(request, engine.files, engine.providers, engine.authentication.may_download)

    def most_bytes() -> int:
        return engine.settings.limits.body_bytes

    http = BodyLimitMiddleware(CancelOnDisconnectMiddleware(EndStreamsOnShutdown(view, engine.shutdown)), most_bytes)
    routes = [
        Route("/", home),
        Route("/graphql", http, methods=METHODS),
        WebSocketRoute("/graphql", BodyLimitMiddleware(view, most_bytes)),
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
            Middleware(FastRoute, path="/graphql", methods=METHODS, to=http),
        ],
        exception_handlers={HTTPException: http_error_response, Exception: unexpected_error_response},
    )
    app.state.hides_graphiql = lambda: not engine.settings.shows_graphiql
    return app
