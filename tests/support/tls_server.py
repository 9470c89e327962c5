"""TLS server: an ASGI app on loopback, served over https in a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from telegraphql.gateway.http.thread_server import bind_socket
from tests.support.self_signed_certificate import Certificate


@contextmanager
def served_over_tls(app: ASGIApp, certificate: Certificate) -> Iterator[int]:
    """Serve an app with a certificate. Yields the port."""
    sock = bind_socket("127.0.0.1", 0)
    files = {"ssl_certfile": certificate.path, "ssl_keyfile": certificate.key}
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", **files))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    # Who connects before the server accepts waits.
    sock.listen()
    thread.start()
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        sock.close()
