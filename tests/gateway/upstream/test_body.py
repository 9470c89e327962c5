"""The bounded reader: no answer takes more memory or blocks longer than an honest one, however it is compressed."""

import asyncio
import gzip
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from telegraphql.gateway.errors import BadAnswer, BadData, TooLarge, UpstreamError
from telegraphql.gateway.upstream.body import MAX_BODY_BYTES, Decompressor, read_body, readable
from telegraphql.gateway.upstream.client import Answer, Request, Upstream
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.http_transport import client
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings

MEGABYTE = 1024 * 1024
ROWS = msgspec.json.Decoder(list[msgspec.Raw])
TEXT = b'["' + b"".join(b"%d," % number for number in range(20_000)) + b'"]'


def response(content: bytes, encoding: str | None = None) -> httpx.Response:
    return httpx.Response(200, stream=Body(content), headers={"content-encoding": encoding} if encoding else {})


class Body(httpx.AsyncByteStream):
    """A body in chunks of 10,000 bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self.content), 10_000):
            yield self.content[at : at + 10_000]


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ENCODED = [
    (None, TEXT),
    ("identity", TEXT),
    ("gzip", gzip.compress(TEXT)),
    ("GZip , identity", gzip.compress(TEXT)),
    ("x-gzip", gzip.compress(TEXT)),
    ("gzip", gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:])),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", raw_deflate(TEXT)),
    ("gzip", b""),
]


@pytest.mark.parametrize(("encoding", "content"), ENCODED)
async def test_a_body_is_read_whatever_its_encoding(encoding: str | None, content: bytes) -> None:
    expected = TEXT if content else b""
    assert await read_body(response(content, encoding)) == expected
    opened = readable(response(content, encoding))
    assert b"".join([part async for part in opened.aiter_bytes()]) == expected
    assert "content-encoding" not in opened.headers


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "gzip,gzip,gzip,gzip", "nonsense"])
async def test_several_layers_and_other_encodings_are_refused_unread(encoding: str) -> None:
    for attempt in (lambda: read_body(response(b"x", encoding)), lambda: _async(readable(response(b"x", encoding)))):
        with pytest.raises(BadData, match=r"compressed its answer in a way that was not asked for") as raised:
            await attempt()
        assert (raised.value.problem.value, raised.value.retryable) == ("BAD_ANSWER", False)


async def _async(value: Any) -> Any:
    return value


@pytest.mark.parametrize("content", [b"not gzip", gzip.compress(TEXT)[:-9], gzip.compress(TEXT)[:500], gzip.compress(TEXT) + b"rest"])
async def test_compressed_bytes_that_are_broken_or_break_off_are_a_bad_answer(content: bytes) -> None:
    with pytest.raises(BadAnswer, match=r"sent compressed bytes that (are broken|break off)"):
        await read_body(response(content, "gzip"))


@pytest.mark.parametrize("encoding", [None, "gzip"])
async def test_a_body_is_bounded_while_it_is_unpacked(encoding: str | None) -> None:
    content = gzip.compress(TEXT) if encoding else TEXT
    assert await read_body(response(content, encoding), len(TEXT)) == TEXT
    with pytest.raises(TooLarge, match=f"sent an answer that is longer than {len(TEXT) - 1} bytes"):
        await read_body(response(content, encoding), len(TEXT) - 1)


async def test_a_ratio_that_no_honest_answer_has_is_refused() -> None:
    small, large = gzip.compress(b"0" * MEGABYTE), gzip.compress(b"0" * (2 * MEGABYTE))
    assert len(await read_body(response(small, "gzip"))) == MEGABYTE
    with pytest.raises(TooLarge, match="unpacks to more than 200 times its size"):
        await read_body(response(large, "gzip"))
    assert sum(map(len, Decompressor().pieces(large))) == 2 * MEGABYTE, "a file is passed on, not kept"


class Account:
    """A provider without credentials."""

    name = id = "acme"

    async def authorize(self, request: Request) -> None: ...

    async def renew(self) -> None: ...

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return None


@asynccontextmanager
async def served(head: bytes, body: Iterator[bytes]) -> AsyncIterator[Upstream]:
    """An upstream on a real socket that answers every request with these bytes."""
    pieces = list(body)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n" + head + b"\r\n\r\n")
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    settings, health = ResilienceSettings(max_attempts=1), Health()
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        upstream = Upstream(client(settings), address, (), health, Resilience(settings, health))
        upstream.provider = Account()
        yield upstream
        await upstream.aclose()


async def watched(work: Awaitable[Any]) -> tuple[Any, float]:
    """Return the result or error of some work, and the longest time in seconds for which it blocked the loop.

    Time that other processes took is left out: the processor time of this process passes no slower than that of a blocked loop."""
    longest, task = 0.0, asyncio.ensure_future(work)
    while not task.done():
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(0)
        longest = max(longest, min(time.perf_counter() - began, time.process_time() - cpu))
    return (await asyncio.gather(task, return_exceptions=True))[0], longest


def chunks(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 65_536] for at in range(0, len(data), 65_536))


def layers(data: Iterator[bytes]) -> bytes:
    """Return the bytes, packed twice, without keeping what they unpack to."""
    packer = zlib.compressobj(9, wbits=31)
    inner = b"".join([*(packer.compress(piece) for piece in data), packer.flush()])
    return gzip.compress(inner, 9)


HOSTILE: dict[str, tuple[bytes, Callable[[], bytes]]] = {
    "gzip in gzip": (b"content-encoding: gzip, gzip", lambda: layers(b"0" * MEGABYTE for _ in range(256))),
    "a bomb": (b"content-encoding: gzip", lambda: gzip.compress(b"0" * (64 * MEGABYTE))),
    "a million objects": (b"x: y", lambda: b"[" + b"{}," * 1_000_000 + b"{}]"),
    "many rows": (b"x: y", lambda: b"[" + b'{"id":1},' * 800_000 + b"{}]"),
    "a million short texts": (b"x: y", lambda: b"[" + b'"ab",' * 1_500_000 + b'""]'),
    "more than is read": (b"x: y", lambda: b'["' + b"a" * (MAX_BODY_BYTES + 10) + b'"]'),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_answer_is_refused_within_64_mb_and_without_blocking_the_loop(name: str) -> None:
    head, body = HOSTILE[name]
    async with served(head, chunks(body())) as upstream:
        answer, blocked = await watched(upstream.read(Request(operation="calls", path="/calls"), ROWS))
        tracemalloc.start()
        try:
            again, _ = await watched(upstream.read(Request(operation="calls", path="/calls"), ROWS))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    for each in (answer, again):
        assert isinstance(each, BadData)
        assert (each.problem.value, each.provider, each.retryable) == ("BAD_ANSWER", "acme", False)
    assert blocked < 0.05
    assert peak < 64 * MEGABYTE


HONEST: dict[str, bytes] = {
    "escapes": b'["' + rb"\u0041" * (7 * MEGABYTE // 6) + b'"]',
    "rows": b"[" + b",".join(b'{"id":"%d","text":"%s"}' % (number, b"words " * 60) for number in range(18_000)) + b"]",
    "half characters": b'["' + rb"\ud83d" * (MEGABYTE // 4) + b'"]',
    "bytes that are no UTF-8": b'["' + b"abc\xfc" * (7 * MEGABYTE // 4) + b'"]',
}


@pytest.mark.parametrize("name", HONEST)
async def test_a_long_answer_is_read_within_64_mb_and_without_blocking_the_loop(name: str) -> None:
    async with served(b"x: y", chunks(HONEST[name])) as upstream:
        answer, blocked = await watched(upstream.read(Request(operation="calls", path="/calls"), ROWS))
        tracemalloc.start()
        try:
            again, _ = await watched(upstream.read(Request(operation="calls", path="/calls"), ROWS))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(answer) == len(again) == (18_000 if name == "rows" else 1)
    assert blocked < 0.05
    assert peak < 64 * MEGABYTE


@pytest.mark.parametrize("length", [b"0" * 5000, b"9" * 5000, b"1" + b"0" * 30, b"\xe9", b"-1"])
async def test_a_content_length_that_is_none_is_an_error_of_the_upstream(length: bytes) -> None:
    async with served(b"content-length: " + length, iter([b"[]"])) as upstream:
        answer, _ = await watched(upstream.read(Request(operation="calls", path="/calls"), ROWS))
    assert isinstance(answer, UpstreamError)
    assert answer.problem.value in ("BAD_ANSWER", "UNAVAILABLE", "TIMEOUT")
