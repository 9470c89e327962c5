"""The plugin contract in examples: each does what its paragraph says, in as many requests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.upstream.client import Upstream
from telegraphql.gateway.upstream.http_transport import Client
from telegraphql.schema import CallFilter, TimeRange, Voicemessage
from telegraphql.schema.node import global_id
from tests.docs.code_blocks import BLOCKS
from tests.support.graphql_client import OLDEST, data, ids, page, walk

NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)
# One call in 20 minutes; its recording begins half a minute later. Every tenth is a test.
CALLS = [
    {
        "id": f"c{number}",
        "created": at.isoformat(),
        "started": (at + MINUTE / 6).isoformat(),
        "kind": "test" if number % 10 == 9 else "call",
    }
    for number in range(300)
    for at in [NOW - number * 20 * MINUTE]
]
RECORDINGS = [
    {"id": f"r{row['id']}", "call": row["id"], "started": (datetime.fromisoformat(row["created"]) + MINUTE / 2).isoformat()}
    for row in CALLS
]
# Each conversation has two legs, of which the second one begins a minute later.
LEGS = [
    {
        "id": f"l{number}",
        "conversation": f"s{number // 2}",
        "started": (at := NOW - (number - number % 2) * 5 * MINUTE + number % 2 * MINUTE).isoformat(),
        "ended": (at + MINUTE).isoformat(),
    }
    for number in range(60)
]
MESSAGES = [{"id": f"m{number}", "received": (NOW - number * MINUTE).isoformat()} for number in range(250)]


class AcmeServer:
    """The upstream that does not exist."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self.truncates_at = 1000

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        assert request.headers["authorization"].startswith("Basic ")
        path, given = request.url.path.removeprefix("/v1"), request.url.params
        if path.startswith("/calls/"):
            found = [row for row in CALLS if row["id"] == path.removeprefix("/calls/")]
            return httpx.Response(200, json=found[0]) if found else httpx.Response(404)
        if path == "/batch":
            wanted = {row["id"]: row for row in CALLS if row["id"] in given["ids"].split(",")}
            is_whole = len(wanted) == len(given["ids"].split(","))
            return httpx.Response(200, json={"rows": [*wanted.values()]}) if is_whole else httpx.Response(404)
        if path == "/messages":
            rows, start = within(MESSAGES, "received", given), int(given.get("start", 0))
            end = start + int(given["size"])
            following = str(request.url.copy_merge_params({"start": end})) if end < len(rows) else None
            return httpx.Response(200, json={"rows": rows[start:end], "next_page": following})
        if path == "/legs":
            key = given.get("conversation")
            return httpx.Response(200, json={"rows": [row for row in within(LEGS, "started", given) if key in (None, row["conversation"])]})
        if "call" in given:
            return httpx.Response(200, json={"rows": [row for row in RECORDINGS if row["call"] == given["call"]]})
        rows = within(*((CALLS, "created") if path == "/calls" else (RECORDINGS, "started")), given)
        return httpx.Response(200, json={"rows": rows[: self.truncates_at], "truncated": len(rows) > self.truncates_at})

    @property
    def paths(self) -> list[str]:
        return [request.url.path.removeprefix("/v1") for request in self.sent]


def within(rows: list[dict[str, Any]], name: str, given: Any) -> list[dict[str, Any]]:
    since, until = (datetime.fromisoformat(given[bound]) if bound in given else None for bound in ("from", "to"))
    return [
        row
        for row in rows
        for at in [datetime.fromisoformat(row[name])]
        if (since is None or at >= since) and (until is None or at <= until)
    ]


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    """What the blocks of the page define, one after the other."""
    known: dict[str, Any] = {"__name__": "examples"}
    for block in BLOCKS:
        if block.page == "docs/plugin-contract.md":
            exec(block.text, known)
    return known


@pytest.fixture
def connect(examples: dict[str, Any]) -> Callable[[str], tuple[AcmeServer, BoundProvider]]:
    """Return an account of one of the page's plugins, and its upstream."""

    def connected(name: str) -> tuple[AcmeServer, BoundProvider]:
        server, plugin = AcmeServer(), examples[name]
        upstream = Upstream(Client(httpx.MockTransport(server)), "https://api.acme.example/v1")
        provider = plugin("acme", plugin.settings_type(user="ada", key="k"), upstream, Numbering("CH"))
        upstream.provider = provider
        return server, BoundProvider.of(provider)

    return connected


async def test_a_skipped_row_is_no_record_and_no_problem(connect: Any) -> None:
    server, acme = connect("AcmeCalls")
    found = await page([acme], first=50)
    assert found.problems == []
    assert ids(found.nodes)[:9] == [f"c{number}" for number in range(9)]
    assert ids(found.nodes)[9] == "c10"
    assert {(call.started_at - call.position_time) for call in found.nodes} == {MINUTE / 6}
    assert len(server.sent) == 1


async def test_a_window_that_was_cut_is_read_in_narrower_ones(connect: Any) -> None:
    server, acme = connect("AcmeCalls")
    server.truncates_at = 100
    assert len((await page([acme], first=50)).nodes) == 50
    # Eight days hold 300 calls, two hold 144, and half a day 36.
    assert len(server.sent) == 4
    server.sent.clear()
    assert len((await page([acme], first=50)).nodes) == 50
    assert len(server.sent) <= 3


NODE = "query ($id: ID!) { node(id: $id) { ... on Call { nativeId } } }"


async def test_a_404_is_a_record_that_does_not_exist(connect: Any) -> None:
    server, acme = connect("AcmeCallsById")
    found = [await data([acme], NODE, {"id": global_id("Call", "acme", key)}) for key in ("c0", "c999")]
    assert found == [{"node": {"nativeId": "c0"}}, {"node": None}]
    assert server.paths == ["/calls/c0", "/calls/c999"]


async def test_a_404_of_several_keys_costs_only_the_one_that_does_not_exist(connect: Any) -> None:
    server, acme = connect("AcmeCallsByIds")
    keys = [global_id("Call", "acme", key) for key in ("c0", "c999", "c1", "c2")]
    found = await data([acme], "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Call { nativeId } } }", {"ids": keys})
    assert found == {"nodes": [{"nativeId": "c0"}, None, {"nativeId": "c1"}, {"nativeId": "c2"}]}
    assert [request.url.params["ids"].count(",") + 1 for request in server.sent] == [4, 2, 2, 1, 1]


async def test_a_filter_means_the_time_that_is_shown_though_the_upstream_sorts_by_another(connect: Any) -> None:
    _, acme = connect("AcmeCalls")
    # Between the time by which the upstream sorts a call, and the one that it shows.
    inside, outside = (datetime.fromisoformat(CALLS[number]["created"]) + MINUTE / 12 for number in (28, 20))
    found = await walk([acme], size=3, filter=CallFilter(started_at=TimeRange(since=inside, until=outside)))
    assert ids(found) == [f"c{number}" for number in range(21, 28)] + ["c28"]


RECORDED = "{ calls(first: %d) { nodes { recordings { nativeId } } problems { message } } }"


@pytest.mark.parametrize(("calls", "gets"), [(2, 2), (40, 0)])
async def test_a_get_serves_few_parents_and_a_join_many(connect: Any, calls: int, gets: int) -> None:
    server, acme = connect("AcmeRecordings")
    found = (await data([acme], RECORDED % calls))["calls"]
    assert found["problems"] == []
    assert {len(node["recordings"]) for node in found["nodes"]} == {1}
    asked = [request for request in server.sent if request.url.path == "/v1/recordings"]
    assert (len(asked), sum("call" in request.url.params for request in asked)) == (gets or 1, gets)


async def test_a_session_is_made_of_its_legs(connect: Any) -> None:
    server, acme = connect("AcmeSessions")
    found = await data([acme], "{ sessions(first: 100) { nodes { nativeId durationSeconds calls { nativeId } } } }")
    assert found["sessions"]["nodes"] == [
        {"nativeId": f"s{number}", "durationSeconds": 120, "calls": [{"nativeId": f"l{2 * number}"}, {"nativeId": f"l{2 * number + 1}"}]}
        for number in range(30)
    ]
    assert {*server.paths} == {"/legs"}


async def test_links_are_followed_as_far_as_they_are_needed(connect: Any) -> None:
    server, acme = connect("AcmeVoicemessages")
    assert ids((await page([acme], Voicemessage, first=50)).nodes) == [f"m{number}" for number in range(50)]
    assert len(server.sent) == 1
    server.sent.clear()
    assert ids(await walk([acme], Voicemessage, size=200)) == [f"m{number}" for number in range(250)]
    assert len(server.sent) == 4
    assert ids(await walk([acme], Voicemessage, size=100, order=OLDEST)) == [f"m{number}" for number in reversed(range(250))]
