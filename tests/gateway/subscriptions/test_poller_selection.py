"""What a listener selects is asked for with the look where that costs nothing, and for its own events where it costs a request."""

import asyncio
from decimal import Decimal
from typing import Any

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, TimeWindowJoin, gets, lists
from telegraphql.gateway.upstream.request_budget import current
from telegraphql.schema.call import Call
from telegraphql.schema.recording import Recording
from telegraphql.schema.values import Money
from tests.gateway.subscriptions.subscribers import Client, events, following, listening
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call, recording
from tests.support.virtual_time import leaping


class Detailed(Memory):
    """Tells the cost only call by call, and remembers which answers had to be new."""

    plugin = "detailed"
    fresh: list[bool]

    @lists(Call, pages=Keyset(most=100), detail=["cost"])
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        self.fresh.append(current().fresh)
        return await self._slice(self.store.calls, ask)

    @gets(Call, at_most=1)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """A call."""
        await self.store.answer(wanted)
        return Page(records=[call(wanted.keys[0], cost=Money(amount=Decimal(7), currency="CHF"))], read=1)


class Reluctant(Memory):
    """Does not say at once what was recorded."""

    plugin = "reluctant"

    @lists(Recording, pages=Keyset(most=100), joins={"call": TimeWindowJoin()})
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings."""
        self.store.failing.setdefault(f"{len(self.store.failing)}", Unavailable("is down"))
        if len(self.store.failing) < 3:
            raise Unavailable("is down")
        return await self._slice(self.store.recordings, ask)


async def told(whole: Any, fields: str, store: Store) -> list[Any]:
    """The events of three listeners for one call, of whom the last selects other fields."""

    async def first(fields: str) -> Any:
        async with events(whole, fields) as results:
            return (await anext(results)).data["callEnded"]["call"]

    tasks = [asyncio.create_task(first(each)) for each in ("{ nativeId }", "{ nativeId durationSeconds }", fields)]
    await asyncio.sleep(4)
    now = asyncio.get_running_loop().time()
    store.calls.append(call(1, now - 9, ended_at=at(now), duration_seconds=9))
    return list(await asyncio.gather(*tasks))


def test_a_field_that_costs_a_request_is_asked_for_only_for_those_who_select_it() -> None:
    async def story() -> tuple[list[Any], int, list[bool]]:
        store = Store()
        detailed = serving("a", Detailed, store)
        seen: list[bool] = []
        assert isinstance(detailed.provider, Detailed)
        detailed.provider.fresh = seen
        found = await told(following([detailed]), "{ nativeId cost { amount } }", store)
        return found, len(store.wanted), seen

    found, gets, fresh = leaping(story())
    assert found == [{"nativeId": "1"}, {"nativeId": "1", "durationSeconds": 9}, {"nativeId": "1", "cost": {"amount": "7"}}]
    assert (gets, set(fresh)) == (1, {True})


def test_a_look_asks_for_what_any_listener_selects_or_filters_by() -> None:
    async def story() -> set[str]:
        store = Store()
        whole = following([serving("a", Memory, store)])
        clients = [
            Client(whole, fields="{ nativeId provider { name } session { nativeId } }"),
            Client(whole, {"filter": {"hasRecording": True}}),
        ]
        tasks = [asyncio.create_task(client.listen()) for client in clients]
        await asyncio.sleep(4)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return set(store.asks[-1].select)

    assert leaping(story()) == {"nativeId", "provider", "session", "recordings"}


def test_a_filter_that_an_upstream_cannot_answer_now_loses_nothing() -> None:
    async def story() -> list[list[str]]:
        store = Store()
        client = Client(following([serving("a", Reluctant, store)]), {"filter": {"hasRecording": True}})
        async with listening(client):
            now = asyncio.get_running_loop().time()
            store.recordings.append(recording("r", 2, now))
            store.calls += [call(number, now, refs={"recordings": str(number)}, ended_at=at(now + number)) for number in (1, 2)]
            await asyncio.sleep(20)
        return client.told

    assert leaping(story()) == [["a2"]]
