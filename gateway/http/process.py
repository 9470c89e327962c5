"""Serve in a process: check the providers at start-up, and shut down without dropping requests."""

import asyncio
import gc
import logging
import signal
import time

import uvicorn
from starlette.types import ASGIApp

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.http.connection_limits import create_protocol
from telegraphql.gateway.http.uvicorn_internals import SignalServer
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.request_budget import RequestBudget, running

log = logging.getLogger("telegraphql")
# New objects before a collection of the youngest generation; collections of it before the next, and so on (gc.set_threshold).
THRESHOLDS = (50_000, 20, 50)
# Seconds for the requests on connections that were accepted last.
LET_IN = 0.1


def server_config(app: ASGIApp, runtime: Runtime, host: str, port: int) -> uvicorn.Config:
    """Return uvicorn's configuration for a gateway."""
    settings = runtime.settings
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        access_log=False,
        http=create_protocol(settings.server.request_timeout, settings.server.max_connections_per_ip, runtime.shutdown),
        # Messages a little too long get an error (BodyLimit); much longer ones are not read.
        ws_max_size=2 * settings.limits.body_bytes,
    )


class ServerProcess(SignalServer):
    """A gateway that serves until SIGTERM or SIGINT and ends within `shutdown_timeout`."""

    def __init__(self, config: uvicorn.Config, engine: Runtime) -> None:
        server = engine.settings.server
        self._drain_delay, self._shutdown = server.drain_delay, engine.shutdown
        config.timeout_graceful_shutdown = max(1, round(server.shutdown_timeout - server.drain_delay))
        super().__init__(config)
        self._engine = engine
        self._probing: asyncio.Task[None] | None = None

    def on_signal(self, number: int) -> None:
        """Begin to drain. Ctrl-C skips the drain delay."""
        if number == signal.SIGINT:
            self._drain_delay = 0.0
        self._shutdown.draining = True

    def on_startup(self) -> None:
        """Send each provider one request, in the background."""
        tune_garbage_collection()
        if self._engine.settings.server.startup_check:
            self._probing = asyncio.create_task(log_provider_health(self._engine))

    async def before_shutdown(self) -> None:
        """Accept connections for `drain_delay` more seconds, then none; requests in progress are completed."""
        if self._probing is not None:
            self._probing.cancel()
        await asyncio.sleep(self._drain_delay)
        self.stop_accepting()
        await asyncio.sleep(LET_IN)
        self._shutdown.closing.set()


def tune_garbage_collection() -> None:
    """Exclude the objects that exist by now from garbage collection, and collect less often.

    With Python's own thresholds the objects of a large page are scanned several times while it is made.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


async def log_provider_health(engine: Runtime) -> None:
    """Call `check` of each provider once, so that an idle gateway knows their health, and log those that fail."""
    await asyncio.gather(*(_probed(serving, engine.settings.limits.deadline) for serving in engine.providers.values()))


async def _probed(serving: BoundProvider, seconds: float) -> None:
    with running(RequestBudget(deadline=time.monotonic() + seconds)):
        try:
            await serving.provider.check()
        except UpstreamError as error:
            log.warning("the provider %s is not well: %s (%s)", serving.name, error.message, error.problem.name)
        except Exception as error:  # a bug of a plugin must not end the server
            log.error("the check of the provider %s failed with %s", serving.name, type(error).__name__)
