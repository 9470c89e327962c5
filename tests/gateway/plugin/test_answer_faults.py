"""What each fault makes of the answers of a simulated upstream."""

import gzip
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from telegraphql.gateway.plugin.answer_faults import BOMB_BYTES, AnswerShape
from telegraphql.gateway.plugin.fault_modes import FAULT_MODES, WRONG_ANSWERS
from telegraphql.gateway.plugin.sandbox import Row, Sandbox

ROWS = 40
LISTED: Mapping[str, Any] = {"totals": ("total",), "size": "limit", "sort": "sort", "filter": "^name=", "ids": r"(?:^ids=|(?<=,))(\d+)"}


class Phones(Sandbox):
    """A list of calls, each with two times, a length, a name and a part, and a file."""

    plugin = "phones"
    port_offset = 1
    answer_shapes: ClassVar = {
        "GET /calls": AnswerShape(
            kind="calls", rows=("data", "rows"), time="at", times=("ended",), lengths=("seconds", "size"), texts=("name",), **LISTED
        )
    }
    file_operations = frozenset({"GET /file"})

    def generate(self) -> None:
        for number in range(self.count):
            part = {"ended": f"2026-01-01 01:00:{number:02}", "seconds": 2}
            row = {
                "id": number,
                "at": f"2026-01-01 00:00:{number:02}",
                "ended": None,
                "seconds": 60,
                "size": "3000",
                "name": "Ann",
                "on": True,
            }
            self.records["calls"].append(row | {"parts": [part]})

    def routes(self) -> Sequence[Route]:
        return [Route("/calls", self.calls), Route("/file", lambda request: PlainTextResponse("bytes"))]

    async def calls(self, request: Request) -> Response:
        found = self.records["calls"] if "name" not in request.query_params else []
        rows = found[: int(request.query_params.get("limit", ROWS))]
        return JSONResponse({"data": {"rows": rows}, "total": len(found)})

    def operation(self, request: Request, body: bytes) -> str:
        return f"GET {request.url.path}"

    def add(self, kind: str, given: Row) -> Row:
        raise KeyError(kind)

    def configuration(self, folder: Path) -> Row:
        return {}

    def refuse(self, mode: str) -> Response:
        return PlainTextResponse(mode, 401)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    sandbox = Phones(records=ROWS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app()), base_url="http://phones") as client:
        yield client


async def answer(client: httpx.AsyncClient, mode: str, path: str = "/calls", **fault: Any) -> httpx.Response:
    """The answer under a fault."""
    (await client.put("/_sandbox/faults", json={"mode": mode, **fault})).raise_for_status()
    return await client.get(path)


async def rows(client: httpx.AsyncClient, mode: str, path: str = "/calls", **fault: Any) -> tuple[list[Row], Any]:
    """The rows and the total of an answer under a fault."""
    document = (await answer(client, mode, path, **fault)).json()
    return document["data"]["rows"], document.get("total")


async def test_bytes_are_put_where_no_decoder_expects_them(client: httpx.AsyncClient) -> None:
    healthy = (await client.get("/calls")).content
    assert (await answer(client, "byte_order_mark")).content == b"\xef\xbb\xbf" + healthy
    for mode, stray in (("bad_byte", b"\xfc"), ("control_character", b"\x01")):
        body = (await answer(client, mode)).content
        assert body.count(b'"A' + stray + b'nn"') == 14
        assert body.replace(stray, b"") == healthy


async def test_pages_are_shorter_than_requested_and_name_no_total(client: httpx.AsyncClient) -> None:
    short, total = await rows(client, "short_page")
    assert (0 < ROWS - len(short) < ROWS // 4, total) == (True, None)
    again, _ = await rows(client, "short_page", "/calls?limit=39")
    assert [row["id"] for row in again] == [row["id"] for row in short if row["id"] < 39]
    clamped, total = await rows(client, "clamped_page", "/calls?limit=30", rows=7)
    assert (len(clamped), total) == (7, None)
    assert len((await rows(client, "clamped_page", "/calls?limit=30"))[0]) == 20
    assert len((await rows(client, "clamped_page", "/calls?limit=3"))[0]) == 3


async def test_totals_contradict_the_rows(client: httpx.AsyncClient) -> None:
    assert [(await rows(client, "wrong_total", f"/calls?limit={limit}"))[1] for limit in (3, 4)] == [3, 0]


async def test_times_and_lengths_are_none(client: httpx.AsyncClient) -> None:
    before = (await client.get("/calls")).json()["data"]["rows"]
    zero, _ = await rows(client, "zero_times")
    changed = [row for row, healthy in zip(zero, before, strict=True) if row != healthy]
    assert 5 < len(changed) < 25
    assert (
        {row["ended"] for row in changed}
        == {row["parts"][0]["ended"] for row in changed}
        <= {
            "0001-01-01T00:00:00Z",
            "1970-01-01 00:00:00",
            "0000-00-00 00:00:00",
            "",
            " ",
        }
    )
    assert [row["at"] for row in zero] == [row["at"] for row in before]
    impossible, _ = await rows(client, "impossible_lengths")
    changed = [row for row, healthy in zip(impossible, before, strict=True) if row != healthy]
    assert {(row["seconds"], row["size"]) for row in changed} == {(-1_606_755_000, "-1606755000"), (4_294_967_295, "4294967295")}


async def test_numbers_are_texts_and_the_other_way_round(client: httpx.AsyncClient) -> None:
    texts, _ = await rows(client, "text_numbers")
    assert texts[3] | {"parts": []} == {
        "id": "3",
        "at": "2026-01-01 00:00:03",
        "ended": None,
        "seconds": "60",
        "size": 3000,
        "name": "Ann",
        "on": True,
        "parts": [],
    }


async def test_rows_are_out_of_place_and_out_of_the_window(client: httpx.AsyncClient) -> None:
    misordered, _ = await rows(client, "misorder", "/calls?limit=5")
    assert [row["id"] for row in misordered] == [1, 2, 0, 3, 4]
    outside, _ = await rows(client, "outlier")
    years = [row["at"][:4] for row in outside]
    assert (set(years), 0 < years.count("2018") < 8) == ({"2018", "2026"}, True)
    assert {row["ended"] for row in outside} == {None}


async def test_every_sixth_row_has_the_id_of_the_row_before(client: httpx.AsyncClient) -> None:
    twins, _ = await rows(client, "duplicate_ids")
    assert [row["id"] for row in twins[:9]] == [0, 0, 2, 3, 4, 5, 6, 6, 8]


async def test_nothing_is_said_in_other_words(client: httpx.AsyncClient) -> None:
    bodies = {(await answer(client, "empty_words", f"/calls?name={limit}")).content for limit in range(3)}
    assert bodies <= {b"null", b"{}", b"[]", b""}
    assert (await rows(client, "empty_words", "/calls?limit=2"))[1] == "40"


async def test_too_much_is_sent(client: httpx.AsyncClient) -> None:
    assert len((await rows(client, "oversize", "/calls?limit=2"))[0]) >= 5_000
    await client.put("/_sandbox/faults", json={"mode": "compressed_bomb"})
    async with client.stream("GET", "/calls") as bomb:
        raw = b"".join([part async for part in bomb.aiter_raw()])
    assert (bomb.headers["content-encoding"], len(raw) < 80_000) == ("gzip", True)
    assert len(gzip.decompress(raw)) == BOMB_BYTES


@pytest.mark.parametrize(
    ("mode", "refused", "accepted"),
    [
        ("refuse_value", "/calls?name=x", "/calls?limit=3"),
        ("refuse_sort", "/calls?sort=asc", "/calls?limit=3"),
        ("unknown_id_refuses_batch", "/calls?ids=1,99", "/calls?ids=1,2"),
        ("unknown_id_refuses_batch", "/calls?ids=1,99", "/calls?ids=99"),
    ],
)
async def test_only_what_the_fault_is_about_is_refused(client: httpx.AsyncClient, mode: str, refused: str, accepted: str) -> None:
    assert [(await answer(client, mode, path)).status_code for path in (refused, accepted)] == [400, 200]


async def test_files_are_behind_a_redirect_to_the_same_host(client: httpx.AsyncClient) -> None:
    moved = await answer(client, "redirected_file", "/file?id=1")
    assert (moved.status_code, moved.headers["location"]) == (302, "/file?id=1&_moved=1")
    assert (await client.get(moved.headers["location"])).text == "bytes"
    assert (await client.get("/calls")).status_code == 200


async def test_only_the_named_operation_fails(client: httpx.AsyncClient) -> None:
    assert (await answer(client, "status", "/calls", operation="GET /file")).status_code == 200
    assert (await client.get("/file")).status_code == 503


async def test_an_answer_without_a_known_form_stays_as_it_is(client: httpx.AsyncClient) -> None:
    for mode in WRONG_ANSWERS.keys() - {"compressed_bomb"}:
        assert (await answer(client, mode, "/file")).text == "bytes"


@pytest.mark.parametrize("mode", FAULT_MODES)
def test_a_mode_is_described_in_a_sentence(mode: str) -> None:
    sentence = FAULT_MODES[mode]
    assert (sentence[0].isupper(), sentence[-1]) == (True, ".")
