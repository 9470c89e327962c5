"""What is raised over one provider's answer is its problem in exports, subscriptions, relations and nodes too."""

import asyncio
from typing import Any

import pytest

from telegraphql.gateway.export.reader import ExportReader
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import LoaderBatch
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.record import global_id
from telegraphql.schema.values import Party
from tests.gateway.pagination.test_provider_faults import BAD_ROWS, SECRET, STEPS, good_ids, raising, servings
from tests.gateway.subscriptions.subscribers import events, eventually, following
from tests.support.graphql_client import ask
from tests.support.memory_provider import Memory, Store
from tests.support.records import at, call

SHARED = [step for step in STEPS if step != "filtering"]


def reader(served: list[BoundProvider]) -> ExportReader:
    return ExportReader(kind=Call, time="startedAt", range=None, select=Selection.of("id"), size=100, serving=served)


@pytest.mark.parametrize("step", SHARED)
async def test_an_export_names_the_provider_that_fails_and_goes_on_without_it(step: str) -> None:
    served = servings()
    with STEPS[step]():
        failed = await reader(served).take(None)
        assert [(error.provider, error.extensions["code"]) for error in failed.failures] == [("bad", "BAD_ANSWER")]
        whole = reader(served[1:])
        rest = await whole.take(None)
        await whole.aclose()
    assert [(rest.done, record.id()) for _, record in rest.records] == [(True, each) for each in reversed(good_ids())]


FILTERED = {"filter": {"number": {"contains": "7"}}}


@pytest.mark.parametrize("step", STEPS)
async def test_a_subscription_goes_on_with_the_others_and_names_the_provider_that_fails(step: str) -> None:
    served = servings()
    stores: list[Store] = [each.provider.store for each in served]  # type: ignore[attr-defined]
    for store in stores:
        store.calls.clear()
    whole, fields = following(served, poll_interval="10ms"), "{ nativeId provider { name } } problems { provider { name } code }"
    found, blamed = set[tuple[str, str]](), set[str]()
    with STEPS[step]():
        async with events(whole, fields, FILTERED if step == "filtering" else {}) as results:
            listening = asyncio.create_task(collect(results, found, blamed))
            await eventually(lambda: "good" in whole.pollers and whole.pollers["good"].is_ready)
            now = asyncio.get_running_loop().time()
            for each, store, number in zip(served, stores, (BAD_ROWS, 2), strict=True):
                party = Party(number="+41225101877")
                store.calls += [call(name, now, each.name, ended_at=at(now), from_=party, to=party) for name in range(number)]
            await eventually(lambda: len(found) == 2 and blamed == {"bad"}, patience=10)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    assert found == {("good", "0"), ("good", "1")}


async def collect(results: Any, found: set[tuple[str, str]], blamed: set[str]) -> None:
    async for result in results:
        assert SECRET not in str(result)
        assert result.errors is None
        event = result.data["callEnded"]
        blamed |= {problem["provider"]["name"] for problem in event["problems"]}
        if event["call"] is not None:
            found.add((event["call"]["provider"]["name"], event["call"]["nativeId"]))


LOADING: dict[str, Any] = {
    "reading": lambda: raising(Memory, "calls_by_id", of=lambda plugin, *_: plugin.name),
    "indexing": lambda: raising(LoaderBatch, "_indexed", of=lambda batch, *_: batch.serving.name),
    "answering": lambda: raising(BoundProvider, "answer", of=lambda serving, *_: serving.name),
}


@pytest.mark.parametrize("step", LOADING)
async def test_a_node_of_a_provider_that_fails_costs_no_other_node(step: str) -> None:
    ids = [global_id("Call", provider, "1") for provider in ("bad", "good")]
    with LOADING[step]():
        answer = await ask(servings(), "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert answer.data is not None
    assert [each and each["id"] for each in answer.data["nodes"]] == [None, ids[1]]
    assert "INTERNAL_SERVER_ERROR" not in str(answer.errors)
    assert SECRET not in str(answer)
