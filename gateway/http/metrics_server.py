"""Serve /metrics on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.http.header_limit import HeaderLimitProtocol
from telegraphql.gateway.http.health import metrics_route
from telegraphql.gateway.http.thread_server import bind_socket
from telegraphql.gateway.http.uvicorn_internals import EmbeddedServer
from telegraphql.gateway.runtime import Runtime


@asynccontextmanager
async def telemetry_lifespan(engine: Runtime) -> AsyncIterator[None]:
    """Serve the metrics until the gateway stops, then close its instruments."""
    try:
        async with metrics_server(engine):
            yield
    finally:
        await asyncio.to_thread(engine.instruments.close)


@asynccontextmanager
async def metrics_server(engine: Runtime) -> AsyncIterator[int | None]:
    """Serve the metrics if the settings give them a port of their own, and yield it."""
    chosen = engine.settings.metrics
    if not chosen.enabled or chosen.port is None:
        yield None
        return
    try:
        sock = bind_socket(chosen.host, chosen.port)
    except OSError:
        raise SettingsError(f"metrics.port: cannot listen on {chosen.host}:{chosen.port}; choose another") from None
    app = Starlette(routes=[metrics_route(engine, anybody=True)])
    config = uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, lifespan="off", http=HeaderLimitProtocol)
    server = EmbeddedServer(config)
    running = asyncio.create_task(server.serve([sock]))
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await running
        sock.close()
