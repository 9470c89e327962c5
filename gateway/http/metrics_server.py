"""The separate server of /metrics, on a port without authentication."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.http.connection_limits import ConnectionLimitsProtocol
from telegraphql.gateway.http.health import metrics_route
from telegraphql.gateway.http.thread_server import bind_socket
from telegraphql.gateway.http.uvicorn_internals import EmbeddedServer
from telegraphql.gateway.runtime import Runtime


@asynccontextmanager
async def telemetry_lifespan(runtime: Runtime) -> AsyncIterator[None]:
    """Run the metrics server, and export the remaining traces at the end."""
    try:
        async with metrics_server(runtime):
            yield
    finally:
        await asyncio.to_thread(runtime.instruments.close)


@asynccontextmanager
async def metrics_server(runtime: Runtime) -> AsyncIterator[int | None]:
    """Run the metrics server if it is configured, and yield its port.

    Raises:
        SettingsError: The port is in use.
    """
    settings = runtime.settings.metrics
    if not settings.enabled or settings.port is None:
        yield None
        return
    try:
        sock = bind_socket(settings.host, settings.port)
    except OSError:
        raise SettingsError(f"metrics.port: cannot listen on {settings.host}:{settings.port}; choose another port") from None
    app = Starlette(routes=[metrics_route(runtime, is_public=True)])
    server = EmbeddedServer(
        uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, lifespan="off", http=ConnectionLimitsProtocol)
    )
    serving = asyncio.create_task(server.serve([sock]))
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        sock.close()
