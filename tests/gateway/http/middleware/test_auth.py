"""The door: who is let in, to what, and how the others are told."""

from typing import Any

import httpx
import pytest

from telegraphql import __version__
from tests.gateway.auth.gateways import CALLS, Callers, asked, client, codes, house

KEYS = Callers()
READER = KEYS.add("reader", "read")
FETCHER = KEYS.add("fetcher", "media")
CLOSED = {"keys": KEYS}


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer tgq_x"}, {"authorization": "Basic eDp5"}, {"x-api-key": ""}, {"cookie": f"key={READER}"}],
    ids=["none", "unknown", "another scheme", "empty", "a cookie"],
)
async def test_without_good_credentials_nothing_is_asked(headers: dict[str, str]) -> None:
    engine = house(CLOSED)
    async with client(engine) as made:
        posted = await made.post("/graphql", json={"query": CALLS}, headers=headers)
        got = await made.get("/graphql", params={"query": CALLS}, headers=headers)
    await engine.aclose()
    for answer in (posted, got):
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert [serving.provider.store.asked for serving in engine.providers.values()] == [[], []]  # type: ignore[attr-defined]


@pytest.mark.parametrize("headers", [{"authorization": f"Bearer {READER}"}, {"x-api-key": READER}, {"Authorization": f"bearer {READER}"}])
async def test_a_key_opens(headers: dict[str, str]) -> None:
    engine = house(CLOSED)
    async with client(engine) as made:
        answer = await made.post("/graphql", json={"query": CALLS}, headers=headers)
    await engine.aclose()
    assert (answer.status_code, len(answer.json()["data"]["calls"]["nodes"])) == (200, 6)


async def test_the_page_and_health_are_for_all_and_tell_strangers_no_names() -> None:
    engine = house(CLOSED, server={"graphiql": True})
    async with client(engine) as stranger, client(engine, READER) as reader:
        assert (await stranger.get("/graphql", headers={"accept": "text/html"})).headers["content-type"].startswith("text/html")
        assert (await stranger.get("/healthz")).json() == {"status": "ok", "version": __version__}
        ready = await stranger.get("/readyz")
        known = await reader.get("/readyz")
        assert (await stranger.get("/")).headers["content-type"].startswith("text/html")
        assert (await stranger.get("/console/config")).json()["version"] == __version__
    await engine.aclose()
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "loopLagSeconds": 0.0, "providers": {}})
    assert set(known.json()["providers"]) == {"seen", "hidden"}


async def test_the_page_does_not_let_queries_in() -> None:
    engine = house(CLOSED)
    async with client(engine) as made:
        for query in ({"query": CALLS}, {"query": ""}, {"documentId": "x"}, {"extensions": "{}"}):
            assert (await made.get("/graphql", params=query, headers={"accept": "text/html"})).status_code == 401
        answer = await made.post("/graphql", json={"query": CALLS}, headers={"accept": "text/html"})
    await engine.aclose()
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/metrics", "/nothing", "/graphql/", "/graphql/x", "/Graphql", "/media"])
async def test_what_is_not_for_all_is_for_callers(path: str) -> None:
    engine = house(CLOSED)
    async with client(engine) as made:
        answer = await made.get(path)
    await engine.aclose()
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_metrics_need_admin_and_name_only_what_the_caller_sees() -> None:
    keys = Callers()
    reader, admin = keys.add("reader", "read"), keys.add("admin", "admin", providers=["seen"])
    engine = house({"keys": keys})
    async with client(engine, reader) as low, client(engine, admin) as high:
        refused, told = await low.get("/metrics"), await high.get("/metrics")
    await engine.aclose()
    assert (refused.status_code, told.status_code, "hidden" in told.text) == (403, 200, False)


async def test_an_answer_is_told_not_to_be_kept() -> None:
    engine = house(CLOSED)
    async with client(engine) as made:
        assert (await made.get("/graphql")).headers["cache-control"] == "no-store"
    await engine.aclose()


HOSTS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "localhost": ({}, "localhost:8000", True),
    "an address": ({}, "127.0.0.1:8000", True),
    "a long address": ({}, "[::1]:8000", True),
    "a page's own name": ({}, "evil.example", False),
    "a name that begins well": ({}, "localhost.evil.example", False),
    "a name that hides": ({}, "localhost@evil.example", False),
    "nothing": ({}, "", False),
    "half an address": ({}, "[::1", False),
    "a name that is listed": ({"server": {"allowed_hosts": ["gateway.example"]}}, "gateway.example:8000", True),
    "any, where callers are asked": ({"callers": CLOSED}, "evil.example", True),
}


@pytest.mark.parametrize(("tables", "host", "good"), HOSTS.values(), ids=HOSTS)
async def test_an_open_gateway_on_loopback_answers_to_its_own_names_only(tables: dict[str, Any], host: str, good: bool) -> None:
    callers = tables.get("callers")
    engine = house(callers, **{name: table for name, table in tables.items() if name != "callers"})
    async with client(engine, READER, reached="127.0.0.1") as made:
        answer = await made.post("/graphql", json={"query": CALLS}, headers={"host": host})
        alive = await made.get("/healthz", headers={"host": host})
    await engine.aclose()
    assert (answer.status_code, alive.status_code) == ((200, 200) if good else (403, 403))
    assert codes(answer.json()) == ([] if good else ["FORBIDDEN"])


FORGED: dict[str, tuple[dict[str, str], int]] = {
    "an image": ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
    "a link": ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 403),
    "a script": ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "origin": "https://evil.example"}, 403),
    "a script in an older browser": ({"origin": "https://evil.example"}, 403),
    "a script of a sibling": ({"sec-fetch-site": "same-site", "origin": "https://other.localhost"}, 403),
    "a script on another port": ({"origin": "http://localhost:8081"}, 403),
    "a script without an origin": ({"origin": "null"}, 403),
    "our own script in an older browser": ({"origin": "http://localhost"}, 200),
    "our own script behind a proxy": ({"sec-fetch-site": "same-origin", "origin": "https://gateway.example"}, 200),
    "a script of ours in an older browser": ({"origin": "https://desk.example"}, 200),
    "a script of ours": ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "origin": "https://desk.example"}, 200),
    "our own page": ({"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, 200),
    "no browser": ({}, 200),
}


@pytest.mark.parametrize(("headers", "status"), FORGED.values(), ids=FORGED)
async def test_a_page_of_another_site_cannot_steer_a_browser_here(headers: dict[str, str], status: int) -> None:
    engine = house(server={"cors_origins": ["https://desk.example"]})
    async with client(engine, reached="127.0.0.1") as made:
        base = {"host": "localhost", "accept": "application/json"}
        answer = await made.get("/graphql", params={"query": CALLS}, headers=base | headers)
        page = await made.get("/graphql", headers={"host": "localhost", "accept": "text/html"} | headers)
    await engine.aclose()
    assert (answer.status_code, page.status_code) == (status, 200)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/plain;application/json"]
)
async def test_what_a_form_can_post_is_no_query(kind: str) -> None:
    engine = house()
    async with client(engine) as made:
        headers = {"content-type": kind, "origin": "https://evil.example"} if kind else {"origin": "https://evil.example"}
        answer = await made.post(
            "/graphql", content=b'{"query": "mutation { deleteRecordings(input: {ids: []}) { succeededIds } }"}', headers=headers
        )
    await engine.aclose()
    assert (answer.status_code, codes(answer.json())) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_anonymous_callers_may_do_what_the_configuration_says() -> None:
    engine = house({"anonymous": ["read"]})
    async with client(engine) as made:
        good = await asked(made, CALLS)
        bad = await asked(made, 'mutation { deleteAll(input: {provider: "seen", kind: CALLS, confirm: "seen"}) { problems { code } } }')
    await engine.aclose()
    assert (len(good["data"]["calls"]["nodes"]), bad["errors"][0]["extensions"]) == (6, {"code": "FORBIDDEN", "scope": "admin"})


async def test_a_preflight_is_answered_without_credentials() -> None:
    engine = house(CLOSED, server={"cors_origins": ["https://desk.example"]})
    asking = {"origin": "https://desk.example", "access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    async with client(engine) as made:
        answer = await made.options("/graphql", headers=asking)
        refused: httpx.Response = await made.post("/graphql", json={"query": CALLS}, headers={"origin": "https://desk.example"})
    await engine.aclose()
    assert (answer.status_code, answer.headers["access-control-allow-headers"]) == (200, "authorization")
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://desk.example")
