"""The ASGI application: routes, middleware and lifespan."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from telegraphql import __version__
from telegraphql.gateway import console, graphiql
from telegraphql.gateway.config.settings import GatewaySettings
from telegraphql.gateway.http.error_responses import http_error_response, unexpected_error_response
from telegraphql.gateway.http.graphql_http import METHODS, GraphQLEndpoint
from telegraphql.gateway.http.graphql_schema import create_schema
from telegraphql.gateway.http.health import health_routes
from telegraphql.gateway.http.health_server import health_server
from telegraphql.gateway.http.load_metrics import report_load
from telegraphql.gateway.http.loop_clock import LoopClock
from telegraphql.gateway.http.metrics_server import telemetry_lifespan
from telegraphql.gateway.http.middleware.access_log import AccessLogMiddleware
from telegraphql.gateway.http.middleware.auth import AuthMiddleware
from telegraphql.gateway.http.middleware.body_limit import BodyLimitMiddleware
from telegraphql.gateway.http.middleware.compression import CompressionMiddleware
from telegraphql.gateway.http.middleware.cors import cors_middleware
from telegraphql.gateway.http.reload import reload_on_sighup
from telegraphql.gateway.http.responses import NO_STORE
from telegraphql.gateway.http.websocket import GraphQLWebSocket
from telegraphql.gateway.media import streaming
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.metering import metered_task


def create_app(runtime: Runtime, read_config: Callable[[], GatewaySettings] | None = None, sandbox: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the application of a runtime, which it closes at its end.

    `read_config` reads the configuration again on SIGHUP. `sandbox` are the routes that control simulated providers.
    """
    runtime.start_telemetry()
    settings, clock = runtime.settings, LoopClock()
    schema = create_schema(settings.execution, settings.federation)
    endpoint = GraphQLEndpoint(schema, runtime.context, runtime.shutdown)
    websocket = GraphQLWebSocket(schema, runtime.context, settings.server.cors_origins)
    if settings.execution.compile and runtime.instruments.metrics is not None:
        runtime.instruments.metrics.report_compilation(schema.compiling_executor is not None)

    if runtime.instruments.metrics is not None:
        report_load(runtime.instruments.metrics, runtime.concurrency_limit, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_task_factory(metered_task)  # type: ignore[arg-type]  # typeshed wants any awaitable
        if runtime.shared_state is not None:
            runtime.shared_state.start()
        async with telemetry_lifespan(runtime), clock.running(), health_server(runtime, clock), reload_on_sighup(runtime, read_config):
            yield
        await runtime.aclose()

    def serves_page(name: str) -> bool:
        return runtime.settings.serves_graphiql if name == graphiql.PAGE.name else runtime.settings.serves_console

    async def home(request: Request) -> Response:
        if not serves_page(console.PAGE.name):
            return RedirectResponse("/graphql")
        tokens = runtime.settings.callers.jwt
        return await console.PAGE.respond(request, tokens.console_origins if tokens else ())

    async def console_config(request: Request) -> Response:
        parts = {"version": __version__, "graphiql": serves_page(graphiql.PAGE.name), "sandbox": bool(sandbox), "signIn": sign_in(runtime)}
        return JSONResponse(parts, headers={"Cache-Control": NO_STORE})

    async def media(request: Request) -> Response:
        owner_of, limit = runtime.authentication.link_owner, runtime.concurrency_limit
        return await streaming.stream_file(request, runtime.files, runtime.providers, owner_of, limit)

    async def without_slash(request: Request) -> Response:
        # Relative: neither the Host header nor a scheme before a proxy counts.
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"../{request.url.path.rstrip('/').rpartition('/')[2]}{query}")

    def max_body_bytes() -> int:
        return runtime.settings.limits.body_bytes

    graphql_http = BodyLimitMiddleware(endpoint, max_body_bytes)
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/graphql", graphql_http, methods=METHODS),
            Route("/graphql/", without_slash, methods=METHODS),
            Route("/graphiql/", without_slash),
            WebSocketRoute("/graphql", BodyLimitMiddleware(websocket, max_body_bytes)),
            Route("/media/{token}", media, methods=["GET", "HEAD"]),
            *health_routes(runtime, clock),
            Route("/console/config", console_config),
            *sandbox,
            *console.PAGE.routes(),
            *graphiql.PAGE.routes(),
        ],
        lifespan=lifespan,
        middleware=[*_middleware(runtime), Middleware(FastRoute, path="/graphql", methods=METHODS, endpoint=graphql_http)],
        exception_handlers={HTTPException: http_error_response, Exception: unexpected_error_response},
    )
    app.router.redirect_slashes = False
    app.state.serves_page = serves_page
    return app


def _middleware(runtime: Runtime) -> Iterator[Middleware]:
    """Yield the middleware from the outermost to the innermost."""
    server = runtime.settings.server
    yield Middleware(AccessLogMiddleware, access_log=runtime.settings.logs.access)
    if server.cors_origins:
        yield cors_middleware(server.cors_origins)
    if server.compress:
        yield Middleware(CompressionMiddleware)
    yield Middleware(AuthMiddleware, runtime=runtime)


def sign_in(runtime: Runtime) -> dict[str, Any] | None:
    """Return how the console signs people in at the issuer of tokens. None: with API keys only."""
    tokens = runtime.settings.callers.jwt
    if tokens is None or tokens.console is None:
        return None
    client = tokens.console
    return {"issuer": tokens.issuer, "clientId": client.client_id, "scope": client.scope, "parameters": client.parameters}


class FastRoute:
    """ASGI middleware that sends requests with one path and certain methods directly to their endpoint, since most are GraphQL requests."""

    def __init__(self, app: ASGIApp, path: str, methods: tuple[str, ...], endpoint: ASGIApp) -> None:
        self._app, self._path, self._methods, self._endpoint = app, path, methods, endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        matches = scope["type"] == "http" and scope["path"] == self._path and scope["method"] in self._methods
        await (self._endpoint if matches else self._app)(scope, receive, send)
