"""The frame of a simulated upstream: its journal, its faults, and the truth of its records."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from telegraphql.gateway.http.thread_server import serve_in_thread
from telegraphql.gateway.plugin import sandbox
from telegraphql.gateway.plugin.sandbox import LocalSandbox, Row, Sandbox
from tests.support.clock import FIXED_NOW

NOW = FIXED_NOW.replace(microsecond=5)


class Toy(Sandbox):
    """An upstream with calls, in the smallest wire protocol there is."""

    plugin = "toy"
    port_offset = 1
    base_path = "/api"

    def generate(self) -> None:
        self.records["calls"] = [{"id": number, "at": self.past(timedelta(days=1)).isoformat()} for number in range(self.count)]

    def routes(self) -> Sequence[Route]:
        return [Route("/api/calls", self.calls, methods=["GET", "POST"])]

    async def calls(self, request: Request) -> Response:
        return JSONResponse({"calls": self.records["calls"], "sent": (await request.body()).decode()})

    def operation(self, request: Request, body: bytes) -> str:
        return f"{request.method} {request.url.path}"

    def add(self, kind: str, given: Row) -> Row:
        if kind != "calls":
            raise KeyError(kind)
        self.records[kind].append({"id": len(self.records[kind]), **given})
        return self.records[kind][-1]

    def configuration(self, folder: Path) -> Row:
        return {"plugin": self.plugin, "base_url": self.base_url}

    def refuse(self, mode: str) -> Response:
        return PlainTextResponse(mode, 429 if mode == "rate_limit" else 401)


@pytest.fixture
def toy() -> Toy:
    return Toy(records=3, now=NOW)


@pytest.fixture
async def client(toy: Toy) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(toy.app()), base_url="http://toy") as client:
        yield client


def test_the_same_seed_number_and_moment_give_the_same_records() -> None:
    one, other, third = Toy(records=9, now=NOW), Toy(records=9, now=NOW), Toy(records=9, seed=2, now=NOW)
    assert one.records == other.records != third.records
    assert (len(one.records["calls"]), one.now) == (9, NOW.replace(microsecond=0))
    past = [datetime.fromisoformat(each["at"]) for each in one.records["calls"]]
    assert min(past) >= one.now - timedelta(days=1)
    assert max(past) <= one.now - timedelta(minutes=1)


def test_the_clock_starts_at_now_which_is_the_current_time_by_default() -> None:
    assert timedelta() <= Toy(now=NOW).current_time() - NOW < timedelta(seconds=30)
    assert abs(Toy().current_time() - datetime.now(UTC)) < timedelta(seconds=1)


async def test_what_was_asked_is_told_without_credentials_until_it_is_cleared(client: httpx.AsyncClient) -> None:
    await client.get("/api/calls?page=1&api_key=s3cr3t")
    await client.post("/api/calls", content="x")
    told = (await client.get("/_sandbox/requests")).json()
    assert told == [
        {"method": "GET", "path": "/api/calls", "operation": "GET /api/calls", "parameters": {"page": "1"}},
        {"method": "POST", "path": "/api/calls", "operation": "POST /api/calls", "parameters": {}},
    ]
    assert (await client.delete("/_sandbox/requests")).json() == []
    assert (await client.get("/_sandbox/requests")).json() == []


async def test_the_truth_can_be_read_and_added_to(client: httpx.AsyncClient) -> None:
    added = await client.post("/_sandbox/records?kind=calls", json={"note": "x"})
    assert (added.status_code, added.json()) == (201, {"id": 3, "note": "x"})
    truth = await client.get("/_sandbox/records?kind=calls")
    assert [each["id"] for each in truth.json()] == [0, 1, 2, 3]
    assert (await client.get("/api/calls")).json()["calls"] == truth.json()


async def test_a_kind_that_is_not_there_is_named(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/_sandbox/records?kind=cats"), await client.post("/_sandbox/records?kind=cats", json={})]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [
        (404, "kind must be one of calls"),
        (400, "cannot add a record of kind 'cats': 'cats'"),
    ]


FAULTS: list[tuple[dict[str, Any], int, str]] = [
    ({"status": 503}, 503, "simulated failure"),
    ({"mode": "status", "status": 418}, 418, "simulated failure"),
    ({"mode": "html"}, 200, "<html><body><h1>Maintenance</h1></body></html>"),
    ({"mode": "rate_limit"}, 429, "rate_limit"),
    ({"mode": "unauthorized"}, 401, "unauthorized"),
]


@pytest.mark.parametrize(("fault", "status", "text"), FAULTS)
async def test_a_bad_day_is_simulated_until_it_is_over(client: httpx.AsyncClient, fault: dict[str, Any], status: int, text: str) -> None:
    told = await client.put("/_sandbox/faults", json=fault)
    assert (
        told.json()
        == {
            "latency_ms": 0,
            "rate": 1.0,
            "status": 503,
            "mode": "status",
            "operation": None,
            "rows": None,
            "shift_seconds": 252_460_800,
            "origin": None,
        }
        | fault
    )
    answer = await client.get("/api/calls")
    assert (answer.status_code, answer.text) == (status, text)
    assert (await client.delete("/_sandbox/faults")).json()["mode"] is None
    assert (await client.get("/api/calls")).status_code == 200


async def test_an_answer_may_break_off_in_the_middle(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/api/calls")).content
    await client.put("/_sandbox/faults", json={"mode": "truncate"})
    assert (await client.get("/api/calls")).content == whole[: len(whole) // 2]


async def test_an_upstream_may_only_be_slow(client: httpx.AsyncClient) -> None:
    await client.put("/_sandbox/faults", json={"latency_ms": 30})
    began = asyncio.get_running_loop().time()
    answer = await client.post("/api/calls", content="kept")
    assert (answer.status_code, answer.json()["sent"]) == (200, "kept")
    assert asyncio.get_running_loop().time() - began >= 0.03


async def test_a_share_of_the_requests_fails_the_same_each_time(toy: Toy) -> None:
    async def statuses() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(toy.app()), base_url="http://toy") as client:
            await client.put("/_sandbox/faults", json={"rate": 0.5, "status": 500})
            return [(await client.get("/api/calls")).status_code for _ in range(60)]

    first = await statuses()
    assert first == await statuses()
    assert 15 < first.count(500) < 45


WRONG = [["x"], {"colour": 1}, {"mode": "nonsense"}, {"status": "many"}, {"rate": None}, {"operation": 1}, {"rows": None}]


@pytest.mark.parametrize("fault", WRONG)
async def test_a_fault_that_is_none_is_refused_and_changes_nothing(client: httpx.AsyncClient, fault: Any) -> None:
    assert (await client.put("/_sandbox/faults", json=fault)).status_code == 400
    assert (await client.get("/_sandbox/faults")).json()["mode"] is None


@pytest.mark.parametrize(("mode", "kind"), [("drop", httpx.RemoteProtocolError), ("timeout", httpx.ReadTimeout)])
async def test_a_connection_may_break_or_never_answer(toy: Toy, mode: str, kind: type[Exception]) -> None:
    with serve_in_thread(toy.app()) as url:
        async with httpx.AsyncClient(base_url=url, timeout=0.2, trust_env=False) as client:
            await client.put("/_sandbox/faults", json={"mode": mode})
            with pytest.raises(kind):
                await client.get("/api/calls")


class LocalToy(LocalSandbox):
    """An upstream of this machine, which nobody requests anything of."""

    plugin = "local-toy"
    port_offset = 2

    def generate(self) -> None:
        self.made = threading.Event()

    def add(self, kind: str, given: Row) -> Row:
        self.made.set()
        return given

    def configuration(self, folder: Path) -> Row:
        return {"plugin": self.plugin}


def test_a_local_upstream_makes_its_new_calls_without_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "TICK_SECONDS", 0.01)
    local = LocalToy(records=0)
    local.live(6000)
    with serve_in_thread(local.app()):
        assert local.made.wait(5)
    local.made.clear()
    assert not local.made.wait(0.1)
