"""Fetching: how the Python peers ask the upstream, by the client that BENCH_CLIENT names."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

UPSTREAM = os.environ["BENCH_UPSTREAM"]
ACCOUNTS = ("a", "b", "c", "d")
Fetch = Callable[[str], Awaitable[bytes]]


def client() -> Fetch:
    """The body behind a path; made inside the running loop."""
    return _aiohttp() if os.environ.get("BENCH_CLIENT") == "aiohttp" else _httpx()


def calls(account: str, first: int) -> str:
    """Where the newest calls of an account are."""
    return f"/shaped/{account}/calls?limit={first}"


def recordings(account: str) -> str:
    """Where the recordings of an account's newest calls are; a file stands for whatever ids would be asked for."""
    return f"/shaped/{account}/recordings"


def _httpx() -> Fetch:
    import httpx

    asking = httpx.AsyncClient(base_url=UPSTREAM, limits=httpx.Limits(max_connections=None, max_keepalive_connections=200))

    async def fetch(path: str) -> bytes:
        answer = await asking.get(path)
        return answer.content

    return fetch


def _aiohttp() -> Fetch:
    import aiohttp

    asking: Any = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def fetch(path: str) -> bytes:
        async with asking.get(UPSTREAM + path) as answer:
            found: bytes = await answer.read()
            return found

    return fetch
