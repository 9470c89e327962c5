"""Scraping: /metrics on a port of its own, as long as the server runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from gateway.engine import Engine
from gateway.errors import SettingsError
from gateway.http.heads import Heads
from gateway.http.servers import Quiet, listening
from gateway.server.probes import scraped


@asynccontextmanager
async def watched(engine: Engine) -> AsyncIterator[None]:
    """Count and trace what the engine does, and show it, until the server stops."""
    try:
        async with scrapable(engine):
            yield
    finally:
        await asyncio.to_thread(engine.watch.close)


@asynccontextmanager
async def scrapable(engine: Engine) -> AsyncIterator[int | None]:
    """Listen where the settings say so; gives the port."""
    chosen = engine.settings.metrics
    if not chosen.enabled or chosen.port is None:
        yield None
        return
    try:
        sock = listening(chosen.host, chosen.port)
    except OSError:
        raise SettingsError(f"metrics.port: cannot listen on {chosen.host}:{chosen.port}; choose another") from None
    app = Starlette(routes=[scraped(engine, anybody=True)])
    server = Quiet(uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, lifespan="off", http=Heads))
    running = asyncio.create_task(server.serve([sock]))
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await running
        sock.close()
