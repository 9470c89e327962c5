"""App: the routes of the server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

from gateway import graphiql
from gateway.documents.bodies import BodyLimit
from gateway.engine import Engine
from gateway.http.departure import EndStreams
from gateway.media import sending
from gateway.server.disconnects import StopOnDisconnect
from gateway.server.door import Door
from gateway.server.probes import routes as observing
from gateway.server.refusals import refused, unexpected
from gateway.server.reloading import reloadable
from gateway.server.scraping import watched
from gateway.server.shortcut import Shortcut
from gateway.server.view import View, schema
from gateway.server.wrapping import wrappings
from gateway.settings import GatewaySettings

METHODS = ("GET", "HEAD", "POST", "OPTIONS")


def build(engine: Engine, reread: Callable[[], GatewaySettings] | None = None) -> Starlette:
    """The server over an engine, which is closed with it; `reread` gives the configuration as it is now."""
    engine.observe()
    server = engine.settings.server
    view = View(schema(engine.settings.execution, engine.settings.federation), engine.context, server.origins)

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
        return await sending.serve(request, engine.files, engine.serving, engine.authentication.may_fetch)

    def most_bytes() -> int:
        return engine.settings.limits.body_bytes

    http = BodyLimit(StopOnDisconnect(EndStreams(view, engine.departure)), most_bytes)
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
            *wrappings(server.origins, server.compress, engine.settings.logs.access),
            Middleware(Door, engine=engine),
            Middleware(Shortcut, path="/graphql", methods=METHODS, to=http),
        ],
        exception_handlers={HTTPException: refused, Exception: unexpected},
    )
    app.state.hides_graphiql = lambda: not engine.settings.shows_graphiql
    return app
