"""The server process: a health check of the providers at start-up, and a graceful shutdown on SIGTERM or SIGINT."""

import asyncio
import gc
import signal

import uvicorn
from starlette.types import ASGIApp

from telegraphql.gateway.http.connection_limits import create_protocol
from telegraphql.gateway.http.provider_checks import check_idle_providers, check_providers
from telegraphql.gateway.http.uvicorn_internals import SignalServer, WebSocketConnection
from telegraphql.gateway.runtime import Runtime

# gc.set_threshold: allocations before a young collection, and collections of each generation before one of the next.
GC_THRESHOLDS = (50_000, 20, 50)
# Seconds in which the connections accepted last send their requests.
LAST_REQUESTS_SECONDS = 0.1


def server_config(app: ASGIApp, runtime: Runtime, host: str, port: int) -> uvicorn.Config:
    """Return uvicorn's configuration for a gateway."""
    settings = runtime.settings
    server, memory = settings.server, runtime.concurrency_limit.memory
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        access_log=False,
        http=create_protocol(server.request_timeout, server.max_connections_per_ip, runtime.shutdown, server.write_timeout, memory),
        ws=type("WebSocketConnection", (WebSocketConnection,), {"write_timeout": server.write_timeout, "memory": memory}),
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
        self._checks: list[asyncio.Task[None]] = []

    def on_signal(self, number: int) -> None:
        """Start to drain. After SIGINT there is no delay: a user at a terminal has no load balancer."""
        if number == signal.SIGINT:
            self._drain_delay = 0.0
        self._shutdown.draining = True

    def on_startup(self) -> None:
        """Check the health of the providers, at once and whenever one has been idle."""
        tune_garbage_collection()
        if self._runtime.settings.server.startup_check:
            self._checks.append(asyncio.create_task(check_providers(self._runtime)))
        self._checks.append(asyncio.create_task(check_idle_providers(self._runtime)))

    async def before_shutdown(self) -> None:
        """Serve on until load balancers have noticed. Then refuse new connections, and complete the requests in progress."""
        for check in self._checks:
            check.cancel()
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
