"""Internals of redis-py that the cluster uses beyond its docs, read from redis 8.1.0: a pool's connections and their SSL context."""

from typing import Any

from redis.asyncio import Redis, SSLConnection


def share_ssl_context(client: Redis) -> None:
    """Let all connections share one SSL context: the client would read the certificate authorities, which takes 20 ms, for each of them.

    Raises:
        OSError: if the authorities cannot be read.
    """
    pool = client.connection_pool
    context = SSLConnection(**pool.connection_kwargs).ssl_context
    context.get()

    class SharedContextConnection(SSLConnection):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.ssl_context = context

    pool.connection_class = SharedContextConnection
