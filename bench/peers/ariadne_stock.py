"""Ariadne: schema first, rows as dicts, as its documentation shows it."""

import asyncio
import heapq
from collections import defaultdict
from operator import itemgetter
from typing import Any

import orjson
from aiodataloader import DataLoader
from ariadne import ObjectType, QueryType, make_executable_schema
from ariadne.asgi import GraphQL

from bench.peers import fetching
from bench.peers.words import SDL

query, call = QueryType(), ObjectType("Call")
fetch: fetching.Fetch | None = None
Row = dict[str, Any]


async def listed(account: str, first: int) -> list[Row]:
    assert fetch
    found: list[Row] = orjson.loads(await fetch(fetching.calls(account, first)))
    return found


@query.field("calls")
async def calls(_: Any, info: Any, first: int, filter: Row | None = None) -> Row:
    if filter and "providers" in filter:
        return {"nodes": await listed(filter["providers"][0], first)}
    found = await asyncio.gather(*(listed(account, first) for account in fetching.ACCOUNTS))
    newest = heapq.merge(*found, key=itemgetter("startedAt"), reverse=True)
    return {"nodes": [each for each, _ in zip(newest, range(first), strict=False)]}


@call.field("recordings")
async def recordings(row: Row, info: Any) -> Any:
    return await info.context["recordings"].load(row["live_id"])


async def recorded(keys: list[int]) -> list[list[Row]]:
    assert fetch
    of: dict[int, list[Row]] = defaultdict(list)
    for each in orjson.loads(await fetch(fetching.recordings("a"))):
        of[each["liveId"]].append(each)
    return [of[key] for key in keys]


async def context(request: Any, _: Any = None) -> Row:
    global fetch
    fetch = fetch or fetching.client()
    return {"recordings": DataLoader(recorded)}


app = GraphQL(make_executable_schema(SDL, query, call), context_value=context)
