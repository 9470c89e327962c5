"""Ordinary: Strawberry and its ASGI view as the documentation shows them, with a dataloader for the relation."""

import asyncio
import heapq
import os
from collections import defaultdict
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any

import orjson
import strawberry
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

from bench.peers import fetching

Direction = strawberry.enum(Enum("Direction", "INBOUND OUTBOUND"), name="Direction")
Status = strawberry.enum(Enum("Status", "ANSWERED NO_ANSWER BUSY"), name="Status")
fetch: fetching.Fetch | None = None


@strawberry.type
class Recording:
    id: strawberry.ID
    duration_seconds: int


@strawberry.type
class Party:
    number: str | None
    name: str | None


@strawberry.type
class Call:
    id: strawberry.ID
    started_at: str
    ended_at: str | None
    is_ended_at_derived: bool
    direction: Direction  # type: ignore[valid-type]
    status: Status  # type: ignore[valid-type]
    hangup_cause: str | None
    caller_id_shown: str | None
    duration_seconds: int | None
    talk_seconds: int | None
    user_id: str | None
    from_: Party = strawberry.field(name="from")
    to: Party
    live_id: strawberry.Private[int]

    @strawberry.field
    async def recordings(self, info: Info) -> list[Recording]:
        found: list[Recording] = await info.context["recordings"].load(self.live_id)
        return found


def call(row: dict[str, Any]) -> Call:
    return Call(
        id=row["id"],
        started_at=row["startedAt"],
        ended_at=row["endedAt"],
        is_ended_at_derived=row["isEndedAtDerived"],
        direction=Direction[row["direction"]],
        status=Status[row["status"]],
        hangup_cause=row["hangupCause"],
        caller_id_shown=row["callerIdShown"],
        duration_seconds=row["durationSeconds"],
        talk_seconds=row["talkSeconds"],
        user_id=row["userId"],
        from_=Party(**row["from"]),
        to=Party(**row["to"]),
        live_id=row["live_id"],
    )


async def listed(account: str, first: int) -> list[Call]:
    assert fetch
    return [call(row) for row in orjson.loads(await fetch(fetching.calls(account, first)))]


@strawberry.type
class Calls:
    nodes: list[Call]


@strawberry.input
class TimeRange:
    until: datetime | None = None


@strawberry.input
class CallFilter:
    providers: list[str] | None = None
    started_at: TimeRange | None = None


@strawberry.type
class Query:
    @strawberry.field
    async def calls(self, first: int, filter: CallFilter | None = None) -> Calls:
        if filter and filter.providers:
            return Calls(nodes=await listed(filter.providers[0], first))
        found = await asyncio.gather(*(listed(account, first) for account in fetching.ACCOUNTS))
        newest = heapq.merge(*found, key=attrgetter("started_at"), reverse=True)
        return Calls(nodes=[each for each, _ in zip(newest, range(first), strict=False)])


async def recorded(keys: list[int]) -> list[list[Recording]]:
    assert fetch
    of: dict[int, list[Recording]] = defaultdict(list)
    for each in orjson.loads(await fetch(fetching.recordings("a"))):
        of[each["liveId"]].append(Recording(id=each["id"], duration_seconds=each["durationSeconds"]))
    return [of[key] for key in keys]


class View(GraphQL[Any, None]):
    async def get_context(self, request: Any, response: Any = None) -> Any:
        global fetch
        fetch = fetch or fetching.client()
        return {"recordings": DataLoader(load_fn=recorded)}

    def encode_json(self, data: object) -> Any:
        return orjson.dumps(data) if TUNED else super().encode_json(data)


# Tuned: what Strawberry's documentation offers for speed, with the faster client.
TUNED = os.environ.get("BENCH_CLIENT") == "aiohttp"
schema = strawberry.Schema(query=Query, extensions=[ParserCache, ValidationCache] if TUNED else [])
app = View(schema)
