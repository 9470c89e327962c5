"""Credentials: renew those of one account when they have expired."""

import asyncio
from collections.abc import Awaitable, Callable

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.upstream.resilience import Resilience


class Credentials:
    """The credentials of one account, renewed once for all requests that found them expired."""

    def __init__(self, resilience: Resilience, renew: Callable[[], Awaitable[None]]) -> None:
        self._resilience, self._renew = resilience, renew
        self._lock = asyncio.Lock()
        self.renewals = 0
        self._failure: UpstreamError | None = None

    async def renew(self, seen: int) -> None:
        """Renew, unless another request has done so since `seen`: its outcome, good or bad, is shared.

        The breaker counts failures, so that refused credentials are not tried again and again.
        """
        async with self._lock:
            if self.renewals == seen:
                failure = None
                try:
                    await self._resilience.renew(self._renew)
                except UpstreamError as error:
                    failure = error
                self.renewals, self._failure = seen + 1, failure
            if self._failure is not None:
                raise self._failure
