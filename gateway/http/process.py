"""Process: the server as a process of its own - it learns how the upstreams are when it starts, and ends without dropping anybody."""

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
# Objects made and not yet gone, before the youngest are looked through; and how many times that is done before the older ones are.
THRESHOLDS = (50_000, 20, 50)
# Seconds in which whoever was let in last says what it wants.
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
    """Serves until SIGTERM or SIGINT; ends by itself, not by the signal, within the grace."""

    def __init__(self, config: uvicorn.Config, engine: Runtime) -> None:
        server = engine.settings.server
        self._drain_delay, self._shutdown = server.drain_delay, engine.shutdown
        config.timeout_graceful_shutdown = max(1, round(server.shutdown_timeout - server.drain_delay))
        super().__init__(config)
        self._engine = engine
        self._probing: asyncio.Task[None] | None = None

    def on_signal(self, number: int) -> None:
        """Begin to end. Somebody at a keyboard does not wait for load balancers to notice."""
        if number == signal.SIGINT:
            self._drain_delay = 0.0
        self._shutdown.draining = True

    def on_startup(self) -> None:
        """Check how the providers are."""
        tune_garbage_collection()
        if self._engine.settings.server.startup_check:
            self._probing = asyncio.create_task(log_provider_health(self._engine))

    async def before_shutdown(self) -> None:
        """Serve on until load balancers have noticed; then let nobody in, and answer those who have asked."""
        if self._probing is not None:
            self._probing.cancel()
        await asyncio.sleep(self._drain_delay)
        self.stop_accepting()
        await asyncio.sleep(LET_IN)
        self._shutdown.closing.set()


def tune_garbage_collection() -> None:
    """What has been made by now stays; the collector of cycles need not look at it again and again, nor at each page that passes by.

    With Python's own thresholds it looks through the objects of a large page several times while that is made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


async def log_provider_health(engine: Runtime) -> None:
    """Ask each provider its cheapest question once: an idle gateway knows how they are, and the log says who is down."""
    await asyncio.gather(*(_probed(serving, engine.settings.limits.deadline) for serving in engine.providers.values()))


async def _probed(serving: BoundProvider, seconds: float) -> None:
    with running(RequestBudget(deadline=time.monotonic() + seconds)):
        try:
            await serving.provider.check()
        except UpstreamError as error:
            log.warning("the provider %s is not well: %s (%s)", serving.name, error.message, error.problem.name)
        except Exception as error:  # a plugin's accident is no reason to end
            log.error("the check of the provider %s failed with %s", serving.name, type(error).__name__)
