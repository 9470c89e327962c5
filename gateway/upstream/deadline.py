"""Deadline: end a wait when the running operation has no time left."""

import asyncio
from types import TracebackType

from telegraphql.gateway.errors import TimedOut
from telegraphql.gateway.upstream.request_budget import current

LATE = "did not answer within the deadline of this operation; try again, or ask for less"


class within_deadline:  # noqa: N801 - reads as words in `async with within_deadline():`
    """Limit a wait to what the running operation has left; TimedOut if that is not enough."""

    __slots__ = ("_timeout",)

    async def __aenter__(self) -> None:
        self._timeout = asyncio.timeout(current().left())
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise TimedOut(LATE) from None
        if isinstance(error, TimeoutError):
            raise TimedOut(LATE) from None
