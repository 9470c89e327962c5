"""Sending: the address of a request is written as everybody writes it."""

from urllib.parse import urlencode

import httpx
import pytest

from telegraphql.gateway.errors import NotFound
from telegraphql.gateway.upstream.instrumentation import Recorder, Sent
from telegraphql.gateway.upstream.messages import Request
from telegraphql.gateway.upstream.sender import Sender

WORDS = {
    "plain": {"limit": "42", "order": "NEWEST_FIRST"},
    "moments": {"from": "2026-01-01T00:00:00.5+01:00", "to": "2026-01-01 00:00:00Z"},
    "ascii": {"".join(map(chr, range(128))): "".join(map(chr, range(127, -1, -1)))},
    "others": {"Zürich": "Bär & Söhne", "日本": "\U0001f600"},
    "nothing": {"": ""},
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("path", ["/calls", "/calls?key=1"])
async def test_a_query_is_written_as_the_standard_library_writes_it(words: dict[str, str], path: str) -> None:
    sent: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.raw_path.decode())
        return httpx.Response(200)

    sender = Sender(httpx.AsyncClient(transport=httpx.MockTransport(handle)), "https://upstream.example", ())
    await sender.fetch(Request(operation="GET /calls", path=path, params=words), Sent(Recorder(), "GET /calls"))
    await sender.aclose()
    assert sent == [f"{path}{'&' if '?' in path else '?'}{urlencode(words)}"]


@pytest.mark.parametrize("key", [".", ".."])
async def test_an_id_does_not_lead_to_another_path(key: str) -> None:
    sent: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(200)

    sender = Sender(httpx.AsyncClient(transport=httpx.MockTransport(handle)), "https://upstream.example/api", ())
    for path in (f"/recordings/{key}/destroy", f"/recordings/{key}", f"/recordings/{key}?all=1"):
        with pytest.raises(NotFound, match="the id would lead to another path"):
            await sender.fetch(Request(operation="POST /destroy", method="POST", path=path), Sent(Recorder(), "POST /destroy"))
    await sender.fetch(Request(operation="GET /a", path="/..a/.b?c=/../d"), Sent(Recorder(), "GET /a"))
    await sender.aclose()
    assert sent == ["/api/..a/.b"]
