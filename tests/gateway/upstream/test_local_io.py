"""What is read on this machine: in threads, guarded and counted as requests are, every failure one of our errors that tells no path."""

import asyncio
import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import httpx
import pytest

from telegraphql.gateway.errors import Forbidden, NotFound, TimedOut, Unavailable, UpstreamError
from telegraphql.gateway.upstream.cache import AccountCache, Cache, CacheSettings
from telegraphql.gateway.upstream.client import Request, Upstream, still_wanted
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.local_io import CHUNK, Local, NoNetwork, Unwanted
from telegraphql.gateway.upstream.request_budget import RequestBudget, changing, running
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from telegraphql.schema.enums import BreakerState

BODY = bytes(range(256)) * 4096
QUICK = {"retry_wait": "0s", "requests_per_second": 10_000.0}


class Account:
    """A provider without credentials."""

    name = id = "disk"

    async def authorize(self, request: Request) -> None:
        raise AssertionError("nothing is signed that does not leave the machine")

    async def renew(self) -> None:
        raise AssertionError("nothing runs out")

    def refusal(self, answer: Any) -> None:
        return None


def upstream(local: Local | None = None, cache: AccountCache | None = None, **limits: Any) -> Upstream:
    health = Health()
    guard = Resilience(ResilienceSettings(**{**QUICK, **limits}), health)
    made = Upstream(httpx.AsyncClient(transport=NoNetwork(), trust_env=False), "", (), health, guard, cache, local)
    made.provider = Account()
    return made


def failing(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


async def test_what_is_read_is_read_in_another_thread_and_counted() -> None:
    disk = upstream()
    with running(RequestBudget()) as operation:
        found = await disk.run("read records", threading.current_thread)
    assert found is not threading.main_thread()
    assert operation.requests == {("disk", "read records"): 1}
    assert disk.health.up is True
    await disk.aclose()


COMPLAINTS = [
    (
        FileNotFoundError(2, "no", "/a/secret/path"),
        Unavailable,
        "a file or folder of it is missing; check the paths in this provider's settings",
    ),
    (
        NotADirectoryError(20, "no", "/a/secret/path"),
        Unavailable,
        "a file or folder of it is missing; check the paths in this provider's settings",
    ),
    (PermissionError(13, "no", "/a/secret/path"), Forbidden, "the gateway's user may not read its files; let that user read them"),
    (TimeoutError(110, "no"), TimedOut, "reading its files took too long; try again later"),
    (OSError(5, "no", "/a/secret/path"), Unavailable, "its files cannot be read (OSError 5); try again later"),
    (NotFound("has no such file"), NotFound, "has no such file"),
]


@pytest.mark.parametrize(("given", "kind", "message"), COMPLAINTS, ids=lambda each: type(each).__name__)
async def test_what_the_system_complains_of_is_told_without_its_words(given: Exception, kind: type[UpstreamError], message: str) -> None:
    disk = upstream(max_attempts=1)
    with pytest.raises(kind) as caught:
        await disk.run("read", failing(given))
    assert (type(caught.value), caught.value.message, caught.value.provider) == (kind, message, "disk")
    await disk.aclose()


async def test_a_read_that_failed_is_tried_again_and_a_commands_is_not() -> None:
    disk, failures = upstream(), [FileNotFoundError(), FileNotFoundError()]

    def work() -> str:
        if failures:
            raise failures.pop()
        return "there"

    with running(RequestBudget()) as operation:
        assert await disk.run("read", work) == "there"
    assert operation.requests == {("disk", "read"): 3}
    failures.append(FileNotFoundError())
    with changing(), pytest.raises(Unavailable):
        await disk.run("delete", work)
    await disk.aclose()


async def test_a_disk_that_fails_again_and_again_is_left_alone() -> None:
    disk, asked = upstream(max_attempts=1, breaker_failures=2), []
    for _ in range(3):
        with pytest.raises(Unavailable):
            await disk.run("read", lambda: asked.append(1) or failing(OSError(5, "no"))())
    assert len(asked) == 2
    assert disk.health.state is BreakerState.OPEN
    await disk.aclose()


async def test_a_read_that_nobody_waits_for_any_more_ends() -> None:
    disk, begun, ended = upstream(), threading.Event(), threading.Event()

    def work() -> None:
        try:
            while True:
                begun.set()
                still_wanted()
        except Unwanted:
            ended.set()
            raise

    task = asyncio.create_task(disk.run("read", work))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 10)
    await disk.aclose()


async def test_what_takes_too_long_is_a_timeout_and_keeps_its_thread_until_it_ends() -> None:
    disk, go_on = upstream(Local(max_concurrency=1, seconds=0.05), max_attempts=1), threading.Event()
    with pytest.raises(TimedOut):
        await disk.run("hang", lambda: go_on.wait(10))
    with pytest.raises(TimedOut):
        await disk.run("read", lambda: "never begun")
    go_on.set()
    assert await asyncio.wait_for(_some(disk), 10) == "there"
    await disk.aclose()


async def _some(disk: Upstream) -> str:
    while True:
        try:
            return await disk.run("read", lambda: "there")
        except TimedOut:
            continue


async def test_a_provider_without_an_address_reaches_nothing_over_the_network() -> None:
    disk = upstream(max_attempts=1)
    with pytest.raises(Unavailable):
        await disk.ask(Request(operation="ask", path="/x", auth=False))
    with pytest.raises(Forbidden):
        await disk.ask(Request(operation="ask", path="http://elsewhere.example/x", auth=False))
    await disk.aclose()


class Watched(io.BytesIO):
    """A file that tells when it is closed."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.gone = threading.Event()

    def close(self) -> None:
        super().close()
        self.gone.set()


PARTS = [
    (None, 200, {"content-length": "1048576"}, BODY),
    ("bytes=0-9", 206, {"content-range": "bytes 0-9/1048576", "content-length": "10"}, BODY[:10]),
    ("bytes=300000-", 206, {"content-range": "bytes 300000-1048575/1048576", "content-length": "748576"}, BODY[300000:]),
    ("bytes=-7", 206, {"content-range": "bytes 1048569-1048575/1048576", "content-length": "7"}, BODY[-7:]),
    ("bytes=5-2000000", 206, {"content-range": "bytes 5-1048575/1048576", "content-length": "1048571"}, BODY[5:]),
    ("bytes=1048576-", 416, {"content-range": "bytes */1048576"}, b""),
]


@pytest.mark.parametrize(("wanted", "status", "headers", "body"), PARTS, ids=[str(each[0]) for each in PARTS])
async def test_a_file_is_streamed_with_ranges_and_closed(wanted: str | None, status: int, headers: dict[str, str], body: bytes) -> None:
    disk, file = upstream(), Watched(BODY)
    request = Request(operation="sound", local=lambda: file, headers={"Range": wanted} if wanted else {})
    with running(RequestBudget()) as operation:
        async with disk.stream(request) as response:
            parts = [part async for part in response.aiter_bytes()]
    assert (response.status_code, dict(response.headers), b"".join(parts)) == (status, headers, body)
    assert all(len(part) <= CHUNK for part in parts)
    assert operation.requests == {("disk", "sound"): 1}
    assert await asyncio.to_thread(file.gone.wait, 10)
    await disk.aclose()


async def test_a_file_that_becomes_shorter_is_an_error_and_not_the_end() -> None:
    disk, file = upstream(), Watched(BODY)

    async def shortened() -> None:
        async with disk.stream(Request(operation="sound", local=lambda: file)) as response:
            async for _ in response.aiter_bytes():
                file.truncate(CHUNK)

    with pytest.raises(Unavailable, match="became shorter"):
        await shortened()
    assert await asyncio.to_thread(file.gone.wait, 10)
    await disk.aclose()


async def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    disk = upstream(max_attempts=1)

    def opens() -> BinaryIO:
        raise NotFound("has no such file")

    with pytest.raises(NotFound):
        async with disk.stream(Request(operation="sound", local=opens)):
            pass
    await disk.aclose()


async def test_what_a_command_does_here_ends_what_was_kept_of_the_account() -> None:
    cache = Cache.of(CacheSettings())
    assert cache is not None
    disk = upstream(cache=cache.for_account("disk", {}), max_attempts=1)
    before = cache.store.changes("disk")
    await disk.run("read", lambda: None)
    assert cache.store.changes("disk") == before
    with changing(), pytest.raises(Forbidden):
        await disk.run("delete", failing(PermissionError()))
    assert cache.store.changes("disk") == before + 1  # type: ignore[operator]
    await disk.aclose()
