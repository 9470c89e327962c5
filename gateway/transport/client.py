"""Client: httpx over reqwest, which asks with a fraction of the processor time that httpx's own transport takes."""

import ssl
from datetime import timedelta
from pathlib import Path

import httpx
from pyreqwest.client import ClientBuilder
from pyreqwest.compatibility.httpx import HttpxTransport

from gateway.transport.guard import GuardSettings


def client(limits: GuardSettings, ca_file: str | None = None) -> httpx.AsyncClient:
    """The client of one upstream: no redirects, no proxies of the environment, the system's authorities and those of a file."""
    made = ClientBuilder().follow_redirects(False).referer(False).no_proxy().http1_only()
    # httpx unpacks: were it done beneath, nobody could tell what was packed.
    made = made.gzip(False).brotli(False).zstd(False).deflate(False)
    made = made.connect_timeout(timedelta(seconds=limits.connect_timeout)).read_timeout(timedelta(seconds=limits.read_timeout))
    # The guard counts requests; files being downloaded come on top of them.
    made = made.max_connections(None).pool_max_idle_per_host(limits.at_once)
    if ca_file:
        made = made.add_root_certificate_pem(_authorities(ca_file))
    # Timeouts are the transport's: httpx's own would be added up to one for the whole exchange.
    return httpx.AsyncClient(transport=HttpxTransport(made.build()), timeout=None, trust_env=False)


def _authorities(ca_file: str) -> bytes:
    """The content of a PEM file; OSError where it is none, which reqwest would take for an empty one."""
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
    return Path(ca_file).read_bytes()
