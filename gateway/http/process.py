"""The server process: a health check of the providers at start-up, and a graceful shutdown on SIGTERM or SIGINT."""

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
# gc.set_threshold: allocations before a young collection, and collections of each generation before one of the next.
GC_THRESHOLDS = (50_000, 20, 50)
# Seconds in which the connections accepted last send their requests.
LAST_REQUESTS_SECONDS = 0.1


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
        # Messages a little too long get an error (BodyLimitMiddleware); much longer ones are not read.
        ws_max_size=2 * settings.limits.body_bytes,
    )


class ServerProcess(SignalServer):
    """Serves until SIGTERM or SIGINT, and then ends within `server.shutdown_timeout`."""

    def __init__(self, config: uvicorn.Config, runtime: Runtime) -> None:
        server = runtime.settings.server
        self._drain_delay, self._shutdown = server.drain_delay, runtime.shutdown
        config.timeout_graceful_shutdown = max(1, round(server.shutdown_timeout - server.drain_delay))
        super().__init__(config)
        self._runtime = runtime
        self._startup_check: asyncio.Task[None] | None = None

    def on_signal(self, number: int) -> None:
        """Start to drain. After SIGINT there is no delay: a user at a terminal has no load balancer."""
        if number == signal.SIGINT:
            self._drain_delay = 0.0
        self._shutdown.draining = True

    def on_startup(self) -> None:
        """Check the health of the providers."""
        tune_garbage_collection()
        if self._runtime.settings.server.startup_check:
            self._startup_check = asyncio.create_task(check_provider_health(self._runtime))

    async def before_shutdown(self) -> None:
        """Serve on until load balancers have noticed. Then refuse new connections, and complete the requests in progress."""
        if self._startup_check is not None:
            self._startup_check.cancel()
        await asyncio.sleep(self._drain_delay)
        self.stop_accepting()
        await asyncio.sleep(LAST_REQUESTS_SECONDS)
        self._shutdown.closing.set()


def tune_garbage_collection() -> None:
    """Exclude the objects made so far from garbage collection, and make collections rarer.

    With Python's thresholds, the objects of a large page are traversed several times while it is built.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


async def check_provider_health(runtime: Runtime) -> None:
    """Send one cheap request to each provider, so that /readyz knows its state, and log those that fail."""
    await asyncio.gather(*(_check(each, runtime.settings.limits.deadline) for each in runtime.providers.values()))


async def _check(bound: BoundProvider, seconds: float) -> None:
    with running(RequestBudget(deadline=time.monotonic() + seconds)):
        try:
            await bound.provider.check()
        except UpstreamError as error:
            log.warning("the start-up check of the provider %s failed: %s (%s)", bound.name, error.message, error.problem.name)
        except Exception as error:  # a plugin's bug must not end the server
            log.error("the start-up check of the provider %s failed unexpectedly: %s", bound.name, type(error).__name__)
