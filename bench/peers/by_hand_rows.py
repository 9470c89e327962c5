"""By hand, of VoIPstudio's rows: the endpoint of `by_hand`, which also maps what the upstream sends to what the answer shows."""

import asyncio
import heapq
from base64 import urlsafe_b64encode
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers import fetching

Row = dict[str, Any]
DIRECTION = {"LOCAL_CALL": "INBOUND", "PSTN_CALL": "OUTBOUND"}
STATUS = {"Normal call clearing": "ANSWERED", "No answer": "NO_ANSWER", "User busy": "BUSY"}
fetch: fetching.Fetch | None = None


async def answer(request: Request) -> Response:
    """The answer to one of the bench's questions, by its name."""
    global fetch
    fetch = fetch or fetching.client()
    await request.body()
    data = await ANSWERS[request.path_params["name"]]()
    return Response(orjson.dumps({"data": data}), media_type="application/json")


def shown(row: Row, account: str) -> Row:
    """The fields that are asked for, in the answer's words and forms."""
    began = datetime.fromisoformat(row["calldate"])
    return {
        "id": global_id(f"Call:{account}:{row['id']}"),
        "startedAt": f"{began.isoformat()}Z",
        "endedAt": f"{(began + timedelta(seconds=row['duration'])).isoformat()}Z",
        "isEndedAtDerived": True,
        "direction": DIRECTION[row["context"]],
        "status": STATUS[row["t_cause"]],
        "hangupCause": row["t_cause"],
        "callerIdShown": row["clid"].rpartition("<")[2].rstrip(">"),
        "durationSeconds": row["duration"],
        "talkSeconds": row["billsec"],
        "userId": str(row["user_id"]),
        "from": {"number": row["src"], "name": row["src_name"]},
        "to": {"number": row["dst"], "name": row["dst_name"] if row["type"] == "I" else None},
    }


def global_id(text: str) -> str:
    """The opaque id of a record."""
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


async def rows(account: str, first: int) -> list[Row]:
    """The newest calls of an account, as the upstream sends them."""
    assert fetch
    found: list[Row] = orjson.loads(await fetch(f"/{account}/v1.2/voipstudio/cdrs?limit={first}&page=1&sort=calldate&dir=DESC"))["data"]
    return found


async def listed(first: int) -> Row:
    """One list."""
    return {"calls": {"nodes": [shown(row, "a") for row in await rows("a", first)]}}


async def lists() -> Row:
    """Four lists side by side."""
    found = await asyncio.gather(*(rows(account, 100) for account in fetching.ACCOUNTS))
    return {account: {"nodes": [shown(row, account) for row in each]} for account, each in zip(fetching.ACCOUNTS, found, strict=True)}


async def related() -> Row:
    """A list with what hangs on its records."""
    assert fetch
    found, recorded = await asyncio.gather(rows("a", 100), fetch("/a/v1.2/voipstudio/monitors"))
    of: dict[int, list[Row]] = defaultdict(list)
    for each in orjson.loads(recorded)["data"]:
        of[each["live_id"]].append({"id": global_id(f"Recording:a:{each['id']}"), "durationSeconds": each["duration"]})
    return {"calls": {"nodes": [shown(row, "a") | {"recordings": of[row["live_id"]]} for row in found]}}


async def merged() -> Row:
    """The newest of four."""
    found = await asyncio.gather(*(rows(account, 100) for account in fetching.ACCOUNTS))
    named = [[(row, account) for row in each] for account, each in zip(fetching.ACCOUNTS, found, strict=True)]
    newest = heapq.merge(*named, key=lambda each: each[0]["calldate"], reverse=True)
    return {"calls": {"nodes": [shown(row, account) for (row, account), _ in zip(newest, range(100), strict=False)]}}


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
