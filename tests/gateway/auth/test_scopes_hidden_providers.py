"""A provider that a caller may not see is, byte for byte, one that there never was."""

from typing import Any

import httpx
import pytest

from tests.gateway.auth.gateways import PROVIDERS, Callers, asked, client, codes, house, settings
from tests.gateway.auth.root_fields import Root, roots

KEYS = Callers()
KEY = KEYS.add("acme", "read", "media", "write", "admin", providers=["seen"])
ROOTS = list(roots("hidden"))
EVENTS = {"accept": "text/event-stream"}
SEEN = {"providers": {"seen": PROVIDERS["seen"]}}


async def told(made: httpx.AsyncClient, root: Root) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer but its own id."""
    answer = await made.post("/graphql", json={"query": root.document}, headers=EVENTS if root.operation == "subscription" else {})
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    return answer.status_code, answer.content, headers


def test_every_root_field_is_tried() -> None:
    assert {root.field for root in ROOTS} >= {
        "calls",
        "node",
        "nodes",
        "provider",
        "deleteRecordings",
        "deleteAll",
        "reportProgress",
        "callEnded",
    }
    assert len(ROOTS) > 100


@pytest.mark.parametrize("field", sorted({root.field for root in ROOTS}))
async def test_a_hidden_provider_is_one_that_never_was(field: str) -> None:
    hiding, without = house({"keys": KEYS}), house({"keys": KEYS}, **SEEN)
    async with client(hiding, KEY) as one, client(without, KEY) as two:
        for root in (each for each in ROOTS if each.field == field):
            first = await told(one, root)
            assert first == await told(two, root), root.document
            assert first == await told(one, root), root.document
    store: Any = hiding.providers["hidden"].provider
    await hiding.aclose()
    await without.aclose()
    assert store.store.asked == []


@pytest.mark.parametrize("path", ["/readyz", "/metrics", "/healthz"])
async def test_how_the_gateway_is_does_not_name_it(path: str) -> None:
    engine = house({"keys": KEYS}, providers=PROVIDERS | {"hidden-too": {"plugin": "broken"}})
    async with client(engine, KEY) as made:
        await asked(made, "{ calls { nodes { id } } }")
        answer = await made.get(path)
    await engine.aclose()
    assert (answer.status_code, "hidden" in answer.text) == (200, False)


LISTS = (
    "query ($after: String, $first: Int) { calls(first: $first, after: $after) { nodes { id provider { name } } pageInfo { endCursor } } }"
)


async def test_a_cursor_that_stands_at_a_hidden_provider_goes_on_all_the_same() -> None:
    keys = Callers()
    key = keys.add("acme", "read")
    engine = house({"keys": keys})
    async with client(engine, key) as made:
        whole = (await asked(made, LISTS, first=6))["data"]["calls"]["nodes"]
        places = [(await asked(made, LISTS, first=number))["data"]["calls"]["pageInfo"]["endCursor"] for number in range(1, 6)]
    keys["acme"]["providers"] = ["seen"]
    engine.settings = settings({"keys": keys})
    engine.authentication = house({"keys": keys}).authentication
    async with client(engine, key) as made:
        rests = [(await asked(made, LISTS, after=after))["data"]["calls"]["nodes"] for after in places]
    await engine.aclose()
    assert rests == [[each for each in whole[number:] if each["provider"]["name"] == "seen"] for number in range(1, 6)]
    assert {each["provider"]["name"] for each in whole[:3]} == {"seen", "hidden"}


async def test_a_cursor_of_another_caller_or_with_a_change_is_refused() -> None:
    keys = Callers()
    mine, other = keys.add("acme", "read"), keys.add("other", "read")
    engine = house({"keys": keys})
    async with client(engine, mine) as one, client(engine, other) as two:
        cursor = (await asked(one, LISTS, first=1))["data"]["calls"]["pageInfo"]["endCursor"]
        foreign = await asked(two, LISTS, after=cursor)
        changed = await asked(one, LISTS, after=cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB"))
        good = await asked(one, LISTS, after=cursor)
    await engine.aclose()
    assert (codes(foreign), codes(changed), codes(good)) == (["BAD_CURSOR"], ["BAD_CURSOR"], [])
    assert [answer["errors"][0]["message"] for answer in (foreign, changed)] == [
        "this cursor was made for another caller; start again without it",
        "this is not a cursor of this gateway; take one from pageInfo or an edge",
    ]


async def test_cursors_survive_restarts_and_replicas() -> None:
    async def first(callers: dict[str, Any], media: dict[str, Any], after: str | None) -> Any:
        engine = house(callers, media=media)
        async with client(engine, KEY) as made:
            answer = await asked(made, LISTS, first=1, after=after)
        await engine.aclose()
        return answer["data"]["calls"]

    for callers in ({"keys": KEYS}, {}):
        for media in ({}, {"secret": "y" * 32}):
            begun = await first(callers, media, None)
            went_on = await first(callers, media, begun["pageInfo"]["endCursor"])
            assert [begun["nodes"] == went_on["nodes"], len(went_on["nodes"])] == [False, 1]
