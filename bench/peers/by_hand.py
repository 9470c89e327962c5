"""By hand: a REST endpoint as one writes it in Starlette, orjson in and out, only the fields that are shown."""

import asyncio
import heapq
from collections import defaultdict
from operator import itemgetter
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers import fetching

Row = dict[str, Any]
PLAIN = [
    "id",
    "startedAt",
    "endedAt",
    "isEndedAtDerived",
    "direction",
    "status",
    "hangupCause",
    "callerIdShown",
    "durationSeconds",
    "talkSeconds",
    "userId",
    "from",
    "to",
]
fetch: fetching.Fetch | None = None


async def answer(request: Request) -> Response:
    """The answer to one of the bench's questions, by its name."""
    global fetch
    fetch = fetch or fetching.client()
    await request.body()
    data = await ANSWERS[request.path_params["name"]]()
    return Response(orjson.dumps({"data": data}), media_type="application/json")


def shown(row: Row) -> Row:
    """The fields that are asked for."""
    return {name: row[name] for name in PLAIN}


async def rows(account: str, first: int) -> list[Row]:
    """The newest calls of an account."""
    assert fetch
    found: list[Row] = orjson.loads(await fetch(fetching.calls(account, first)))
    return found


async def listed(first: int) -> Row:
    """One list."""
    return {"calls": {"nodes": [shown(row) for row in await rows("a", first)]}}


async def lists() -> Row:
    """Four lists side by side."""
    found = await asyncio.gather(*(rows(account, 100) for account in fetching.ACCOUNTS))
    return {account: {"nodes": [shown(row) for row in each]} for account, each in zip(fetching.ACCOUNTS, found, strict=True)}


async def related() -> Row:
    """A list with what hangs on its records."""
    assert fetch
    found, recorded = await asyncio.gather(rows("a", 100), fetch(fetching.recordings("a")))
    of: dict[int, list[Row]] = defaultdict(list)
    for each in orjson.loads(recorded):
        of[each["liveId"]].append({"id": each["id"], "durationSeconds": each["durationSeconds"]})
    return {"calls": {"nodes": [shown(row) | {"recordings": of[row["live_id"]]} for row in found]}}


async def merged() -> Row:
    """The newest of four."""
    found = await asyncio.gather(*(rows(account, 100) for account in fetching.ACCOUNTS))
    newest = heapq.merge(*found, key=itemgetter("startedAt"), reverse=True)
    return {"calls": {"nodes": [shown(row) for row, _ in zip(newest, range(100), strict=False)]}}


ANSWERS = {
    "25": lambda: listed(25),
    "100": lambda: listed(100),
    "500": lambda: listed(500),
    "1000": lambda: listed(1000),
    "4x100": lists,
    "relation": related,
    "merged": merged,
}
app = Starlette(routes=[Route("/{name}", answer, methods=["POST"])])
