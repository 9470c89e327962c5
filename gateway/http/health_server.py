"""The separate server of /healthz and /readyz: a thread answers on a port of its own, also while the event loop is busy."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from telegraphql import __version__
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.http.health import readiness
from telegraphql.gateway.http.loop_clock import TICK, LoopClock
from telegraphql.gateway.http.thread_server import bind_socket
from telegraphql.gateway.runtime import Runtime

# A loop that is later than this is given up.
MAX_LAG = 60.0


class HealthServer(ThreadingHTTPServer):
    """Answers from the clock alone, so that it never waits for the event loop."""

    daemon_threads = True

    def __init__(self, sock: socket.socket, clock: LoopClock, runtime: Runtime) -> None:
        self.clock, self.runtime = clock, runtime
        # Its own socket would have no IPv6, and binding it would ask DNS for a name that is not used.
        super().__init__(sock.getsockname(), HealthRequest, bind_and_activate=False)
        self.socket.close()
        self.socket = sock
        self.server_activate()


class HealthRequest(BaseHTTPRequestHandler):
    """One request to the health server."""

    server: HealthServer
    timeout = 5.0

    def do_GET(self) -> None:
        """Answer /healthz or /readyz."""
        lag = self.server.clock.lag
        if self.path == "/healthz":
            status = "ok" if lag < MAX_LAG else "stuck"
        elif self.path == "/readyz":
            status = readiness(self.server.runtime, lag)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = json.dumps({"status": status, "version": __version__, "loopLagSeconds": round(lag, 3)}).encode()
        self.send_response(HTTPStatus.OK if status in ("ok", "ready") else HTTPStatus.SERVICE_UNAVAILABLE)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: probes come every few seconds."""


@asynccontextmanager
async def health_server(runtime: Runtime, clock: LoopClock) -> AsyncIterator[int | None]:
    """Run the health server if it is configured, and yield its port.

    Raises:
        SettingsError: The port is in use.
    """
    settings = runtime.settings.server
    if settings.health_port is None:
        yield None
        return
    try:
        server = HealthServer(bind_socket(settings.host, settings.health_port), clock, runtime)
    except OSError:
        raise SettingsError(f"server.health_port: cannot listen on {settings.host}:{settings.health_port}; choose another port") from None
    thread = threading.Thread(target=server.serve_forever, args=(TICK,), name="health", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
