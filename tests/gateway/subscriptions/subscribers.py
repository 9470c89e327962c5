"""Listening: clients of `callEnded`, and accounts whose calls appear in the history when they should."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegraphql.gateway.auth.caller import LOCAL
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from tests.support.graphql_client import context, served_schema
from tests.support.records import at

ENDED = """subscription ($filter: CallFilter, $after: String, $since: DateTime) {
  callEnded(filter: $filter, after: $after, since: $since) { cursor call %s } }"""


def now() -> datetime:
    """The moment by the clock of the loop."""
    return at(asyncio.get_running_loop().time())


def following(servings: Sequence[BoundProvider], **settings: Any) -> SubscriptionHub:
    """All listeners of a gateway over these providers."""
    return SubscriptionHub({each.name: each for each in servings}, SubscriptionSettings(**settings), now=now)


def asked(whole: SubscriptionHub, **options: Any) -> RequestContext:
    """What a connection has."""
    seen = options.get("caller", LOCAL).visible(whole.servings)
    return context(list(seen.values()), subscription_hub=whole, **options)


async def eventually(holds: Callable[[], bool], every: float = 0.02, patience: float = 60.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110  # nobody tells when
            await asyncio.sleep(every)


@dataclass
class Client:
    """One client: what it has been told, connection by connection."""

    whole: SubscriptionHub
    variables: dict[str, Any] = field(default_factory=dict)
    fields: str = "{ nativeId provider { name } }"
    options: dict[str, Any] = field(default_factory=dict)
    told: list[list[str]] = field(default_factory=list)
    cursor: str | None = None
    error: Any = None

    async def listen(self, most: int | None = None, rest: float = 0.0) -> None:
        """Connect, with the last cursor if there is one, and take events until there were enough or the subscription ends."""
        told: list[str] = []
        self.told.append(told)
        given = self.variables | ({"after": self.cursor, "since": None} if self.cursor else {})
        async with events(self.whole, self.fields, given, **self.options) as results:
            async for result in results:
                if result.errors:
                    (self.error,) = result.errors
                    self.cursor = self.error.extensions.get("cursor") or self.cursor
                    return
                told.append(f"{result.data['callEnded']['call']['provider']['name']}{result.data['callEnded']['call']['nativeId']}")
                self.cursor = result.data["callEnded"]["cursor"]
                if len(told) == most:
                    return
                await asyncio.sleep(rest)


@asynccontextmanager
async def events(whole: SubscriptionHub, fields: str = "{ nativeId }", variables: Any = None, **options: Any) -> AsyncIterator[Any]:
    """The results of a subscription, which ends with the block."""
    stream: Any = await served_schema().subscribe(ENDED % fields, variables or {}, context_value=asked(whole, **options))
    try:
        yield stream
    finally:
        await stream.aclose()


@asynccontextmanager
async def listening(client: Client, **how: Any) -> AsyncIterator[Client]:
    """A client that is connected during the block, from the first look on."""
    task = asyncio.create_task(client.listen(**how))
    await asyncio.sleep(0.01)
    try:
        yield client
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
