"""Pages of other origins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.http import app
from tests.clients.gateway_servers import engine

DESK, ELSEWHERE = "https://desk.example", "https://elsewhere.example"
SHORT = {"query": "{ __typename }"}
PREFLIGHT = {"origin": DESK, "access-control-request-method": "POST", "access-control-request-headers": "content-type,x-api-key"}


@asynccontextmanager
async def asking(**server: Any) -> AsyncIterator[httpx.AsyncClient]:
    made = engine(server=server)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(made)), base_url="http://127.0.0.1") as client:
        yield client
    await made.aclose()


async def test_no_other_origin_is_let_in_unless_it_is_configured() -> None:
    async with asking() as client:
        answer = await client.post("/graphql", json=SHORT, headers={"origin": DESK})
        preflight = await client.options("/graphql", headers=PREFLIGHT)
    assert [name for each in (answer, preflight) for name in each.headers if name.startswith("access-control")] == []


async def test_a_configured_origin_may_ask_and_read_what_it_needs() -> None:
    async with asking(cors_origins=[DESK]) as client:
        preflight = await client.options("/graphql", headers=PREFLIGHT)
        answer = await client.post("/graphql", json=SHORT, headers={"origin": DESK})
        other = await client.post("/graphql", json=SHORT, headers={"origin": ELSEWHERE})
    assert preflight.status_code == 200
    told = {name: value for name, value in preflight.headers.items() if name.startswith("access-control")}
    assert told == {
        "access-control-allow-origin": DESK,
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-allow-headers": "content-type,x-api-key",
        "access-control-max-age": "7200",
    }
    assert answer.headers["access-control-allow-origin"] == DESK
    assert {"Retry-After", "X-Request-ID", "Content-Range"} <= set(answer.headers["access-control-expose-headers"].split(", "))
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-origin" not in other.headers


async def test_all_origins_may_be_let_in() -> None:
    async with asking(cors_origins=["*"]) as client:
        answer = await client.post("/graphql", json=SHORT, headers={"origin": ELSEWHERE})
    assert (answer.headers["access-control-allow-origin"], "access-control-allow-credentials" in answer.headers) == ("*", False)


@pytest.mark.parametrize("origin", ["desk.example", "https://desk.example/", "https://desk.example/x", "https://", "*.example"])
def test_what_is_no_origin_is_a_wrong_setting(origin: str, tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match=r"^server\.cors_origins: .* is not an origin: write scheme, host and port"):
        build_config({"server": {"cors_origins": [origin]}}, tmp_path)
