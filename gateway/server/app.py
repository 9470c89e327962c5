"""App: the routes of the server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

from gateway import graphiql
from gateway.engine import Engine
from gateway.server import media
from gateway.server.disconnects import StopOnDisconnect
from gateway.server.refusals import refused, unexpected
from gateway.server.reloading import reloadable
from gateway.server.view import View, schema
from gateway.settings import GatewaySettings


def build(engine: Engine, reread: Callable[[], GatewaySettings] | None = None) -> Starlette:
    """The server over an engine, which is closed with it; `reread` gives the configuration as it is now."""
    view = View(schema(), engine.context)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with reloadable(engine, reread):
            yield
        await engine.aclose()

    async def home(request: Request) -> Response:
        return RedirectResponse("/graphql")

    async def file(request: Request) -> Response:
        return await media.serve(request, engine.files, engine.serving)

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(request: Request) -> Response:
        states = {name: _state(engine, name) for name in engine.serving}
        return JSONResponse({"status": "ready", "providers": states | {name: {"state": "BROKEN"} for name in engine.broken}})

    routes = [
        Route("/", home),
        Route("/graphql", StopOnDisconnect(view), methods=["GET", "POST"]),
        WebSocketRoute("/graphql", view),
        Route("/media/{token}", file, methods=["GET", "HEAD"]),
        Route("/healthz", alive),
        Route("/readyz", ready),
        *graphiql.routes(),
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: refused, Exception: unexpected})


def _state(engine: Engine, name: str) -> dict[str, str | None]:
    health = engine.healths[name].shown()
    problem = health.last_problem
    return {"state": health.state.name, "lastProblem": problem.code.name if problem else None}
