"""Exchanges: work that passes a step to an upstream as the request of a plugin would."""

from collections.abc import Awaitable, Callable
from typing import Any

from telegraphql.gateway.upstream.coalescing import Coalescer
from telegraphql.gateway.upstream.messages import Exchange, Request
from telegraphql.gateway.upstream.resilience import Resilience

Work = Callable[[], Awaitable[Any]]


async def read(protection: Resilience, work: Work) -> Any:
    """Do what a read would do, under protection."""
    return await protection.protect(lambda _: work(), Exchange(Request(operation="GET /calls")))


async def change(protection: Resilience, work: Work) -> Any:
    """Do what a command would do, under protection."""
    return await protection.protect(lambda _: work(), Exchange(Request(operation="POST /calls"), is_command=True))


async def share(coalescer: Coalescer, path: str, work: Work) -> Any:
    """Do what a read of this path would do, unless it is under way already."""
    return await coalescer.share(lambda _: work(), Exchange(Request(operation="GET /calls", path=path)))
