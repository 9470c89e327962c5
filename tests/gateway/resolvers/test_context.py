"""Single records, providers and reports, as resolvers ask for them - through GraphQL."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.errors import Forbidden, NotFound, TimedOut, Unavailable
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, gets, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.gateway.upstream.request_budget import RequestBudget, current
from telegraphql.schema.call import Call
from telegraphql.schema.chat import Chat
from telegraphql.schema.enums import BreakerState, ReportStatus
from telegraphql.schema.node import global_id
from telegraphql.schema.report import Report
from telegraphql.schema.session import Session
from tests.support.graphql_client import ask, data, served_schema
from tests.support.graphql_client import context as made_context
from tests.support.memory_provider import Memory, Singly, Store, serving
from tests.support.records import call, report

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Call { nativeId } } }"
NODE = (
    "query ($id: ID!) { node(id: $id) { __typename ... on Call { nativeId durationSeconds session { id } } ... on Session { isDerived } } }"
)


def two() -> tuple[Store, Store]:
    return Store([call(number, number, "a") for number in range(20)]), Store([call(number, number, "b") for number in range(20)])


async def test_a_node_is_the_record_of_that_id_with_the_fields_of_its_kind() -> None:
    store = Store([call(1, 1, "a", session="S", duration_seconds=7)])
    found = await data([serving("a", Memory, store)], NODE, {"id": global_id("Call", "a", "1")})
    assert found == {
        "node": {"__typename": "Call", "nativeId": "1", "durationSeconds": 7, "session": {"id": global_id("Session", "a", "S")}}
    }
    assert store.wanted[0].select == Selection.of("__typename", "nativeId", "durationSeconds", "session.id")


class Findable(Memory):
    """Finds the legs of a session."""

    @gets(Call, by="session", at_most=5)
    async def calls_by_session(self, wanted: GetRequest) -> Page:
        """Calls by session."""
        await self.store.answer(wanted)
        found = [each for each in self.store.calls if each.refs["session"] in wanted.keys]
        return Page(records=found, read=len(found))


async def test_a_session_made_here_is_a_node_where_its_legs_can_be_found() -> None:
    store, id = Store([call(1, 1, "a", session="S")]), global_id("Session", "a", "S")
    assert await data([serving("a", Findable, store)], NODE, {"id": id}) == {"node": {"__typename": "Session", "isDerived": True}}
    answer = await ask([serving("a", Memory, store)], NODE, {"id": id})
    assert answer.data == {"node": None}
    assert [error.message for error in answer.errors or []] == ["a cannot fetch a single Session by id"]


async def test_a_node_that_does_not_exist_is_null() -> None:
    assert await data([serving("a", Memory, Store())], NODE, {"id": global_id("Call", "a", "1")}) == {"node": None}


async def test_nodes_come_in_the_order_asked_for_in_one_request_per_provider() -> None:
    stores = two()
    served = [serving(name, Memory, store) for name, store in zip("ab", stores, strict=True)]
    ids = [global_id("Call", name, str(number)) for number in (3, 1, 2) for name in "ba"]
    found = await data(served, NODES, {"ids": [*ids, ids[0]]})
    assert [each["id"] for each in found["nodes"]] == [*ids, ids[0]]
    assert [[wanted.keys for wanted in store.wanted] for store in stores] == [[["3", "1", "2"]]] * 2


async def test_providers_are_asked_for_their_nodes_at_once() -> None:
    meeting = asyncio.Barrier(2)
    served = [serving(name, Memory, Store([call(1, 1, name)], meeting=meeting)) for name in "ab"]
    found = await data(served, NODES, {"ids": [global_id("Call", name, "1") for name in "ab"]})
    assert [each["nativeId"] for each in found["nodes"]] == ["1", "1"]


WRONG = {
    "garbage": ("garbage", "BAD_ID", "'garbage' is not an id of this gateway"),
    "of no kind": (global_id("Fish", "a", "1"), "BAD_ID", "is not an id of this gateway"),
    "of a provider, and of something else": (global_id("Provider", "a", "1"), "BAD_ID", "is not an id of this gateway"),
    "of nobody": (global_id("Call", "nobody", "1"), "UNKNOWN_PROVIDER", "unknown provider 'nobody'"),
    "of a kind it cannot get": (global_id("Chat", "a", "1"), "BAD_ID", "a cannot fetch a single Chat by id"),
}


@pytest.mark.parametrize(("id", "code", "words"), WRONG.values(), ids=WRONG)
async def test_a_wrong_id_spoils_only_its_place(id: str, code: str, words: str) -> None:
    served = [serving("a", Memory, Store([call(1, 1, "a")]))]
    good = global_id("Call", "a", "1")
    for ids, places in (([id], [0]), ([good, id, good, "missing!"], [1, 3])):
        answer = await ask(served, NODES, {"ids": ids})
        assert [place for place, found in enumerate(answer.data["nodes"]) if found is None] == places
        errors = answer.errors or []
        assert [error.path for error in errors] == [["nodes", place] for place in places]
        assert errors[0].extensions == {"code": code}
        assert words in errors[0].message
    single = await ask(served, NODE, {"id": id})
    assert single.data == {"node": None}
    assert [(error.path, error.extensions) for error in single.errors or []] == [(["node"], {"code": code})]


async def test_a_failing_get_spoils_only_its_place() -> None:
    failing: dict[str, Exception] = {
        "2": Unavailable("is down"),
        "3": NotFound("has no such record"),
        "4": Forbidden("does not allow this"),
    }
    store = Store([call(number, number, "a") for number in range(9)], failing=failing)
    answer = await ask([serving("a", Singly, store)], NODES, {"ids": [global_id("Call", "a", key) for key in "12345"]})
    assert [found and found["nativeId"] for found in answer.data["nodes"]] == ["1", None, None, None, "5"]
    assert [(error.path, error.extensions) for error in answer.errors or []] == [
        (["nodes", 1], {"code": "UNAVAILABLE", "provider": "a", "retryable": True}),
        (["nodes", 3], {"code": "FORBIDDEN", "provider": "a", "retryable": False}),
    ]


async def test_no_more_than_500_nodes_are_given_at_once() -> None:
    store = Store()
    answer = await ask([serving("a", Memory, store)], NODES, {"ids": [global_id("Call", "a", str(number)) for number in range(501)]})
    assert [(error.message, error.extensions) for error in answer.errors or []] == [
        ("too many ids: 501 given, at most 500 allowed", {"code": "BAD_USER_INPUT"})
    ]
    assert store.asked == []


async def test_providers_come_by_name_with_what_they_can() -> None:
    served = [serving(name, Memory, Store()) for name in ("b", "a")]
    found = await data(served, "{ providers { name plugin health { status lastSuccessAt lastProblem { code } } } }")
    health = {"status": "UNKNOWN", "lastSuccessAt": None, "lastProblem": None}
    assert found == {"providers": [{"name": name, "plugin": "memory", "health": health} for name in "ab"]}


async def test_a_providers_health_is_what_the_gateway_has_seen() -> None:
    served = serving("a", Memory, Store())
    health = served.provider.upstream.health
    health.failed(Unavailable("is down", provider="a", retry_after=3))
    health.state = BreakerState.OPEN
    found = await data(
        [served],
        '{ provider(name: "a") { health { status breaker { state } lastProblem { provider { name } code message retryAfter } } } }',
    )
    problem = {"provider": {"name": "a"}, "code": "UNAVAILABLE", "message": "is down", "retryAfter": 3}
    assert found == {"provider": {"health": {"status": "DOWN", "breaker": {"state": "OPEN"}, "lastProblem": problem}}}


async def test_a_provider_is_a_node() -> None:
    served = [serving(name, Memory, Store([call(1, 1, name)])) for name in "ab"]
    (first, second) = (await data(served, "{ providers { id name } }"))["providers"]
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Provider { name plugin } ... on Call { nativeId } } }"
    ids = [second["id"], global_id("Call", "a", "1"), first["id"], global_id("Provider", "c", "c")]
    answer = await ask(served, document, {"ids": ids})
    assert answer.data["nodes"] == [
        {"id": ids[0], "name": "b", "plugin": "memory"},
        {"id": ids[1], "nativeId": "1"},
        {"id": ids[2], "name": "a", "plugin": "memory"},
        None,
    ]
    assert [(error.path, (error.extensions or {})["code"]) for error in answer.errors or ()] == [(["nodes", 3], "UNKNOWN_PROVIDER")]


async def test_a_provider_that_is_not_there_is_null() -> None:
    assert await data([serving("a", Memory, Store())], '{ provider(name: "b") { name } }') == {"provider": None}


@pytest.mark.parametrize(
    ("raw", "native"),
    [(msgspec.Raw(b'{"id": 1}'), {"id": 1}), (b'["x"]', ["x"]), ({"id": 2}, {"id": 2}), (None, None)],
)
async def test_the_upstreams_own_record_is_given_as_it_came(raw: Any, native: Any) -> None:
    served = [serving("a", Memory, Store([call(1, 1, "a", raw=raw)]))]
    assert await data(served, "{ calls { nodes { native provider { name } } } }") == {
        "calls": {"nodes": [{"native": native, "provider": {"name": "a"}}]}
    }


@dataclass
class Progress(Store):
    """Reports, whose status changes each time they are asked for."""

    statuses: list[ReportStatus] = field(default_factory=list)


class Reporting(Memory):
    """Has one report."""

    store: Progress

    @lists(Report, pages=Keyset(most=100))
    async def reports(self, ask: ListRequest) -> Page:
        """Reports."""
        return Page(records=[], read=0)

    @gets(Report)
    async def report_by_id(self, wanted: GetRequest) -> Page:
        """A report."""
        current().count(self.name, "report")
        if not current().left():
            raise TimedOut("no time left")
        await self.store.answer(wanted)
        if not self.store.statuses:
            return Page(records=[], read=0)
        return Page(records=[report("r", provider="a", status=self.store.statuses.pop(0))], read=1)


FOLLOW = "subscription ($id: ID!) { reportProgress(id: $id) { report { status } } }"


async def follow(store: Progress, id: str, poll: str = "1ms", **options: Any) -> list[Any]:
    following = SubscriptionHub(settings=SubscriptionSettings(poll_interval=poll))
    asked = made_context([serving("a", Reporting, store)], subscription_hub=following, **options)
    stream: Any = await served_schema().subscribe(FOLLOW, {"id": id}, context_value=asked)
    return [each async for each in stream]


async def test_a_report_is_told_each_time_its_status_changes_to_its_end() -> None:
    queued, running, done = ReportStatus.QUEUED, ReportStatus.RUNNING, ReportStatus.DONE
    store = Progress(statuses=[queued, queued, running, running, running, done, done])
    told = await follow(store, global_id("Report", "a", "r"))
    assert [each.data["reportProgress"]["report"]["status"] for each in told] == ["QUEUED", "RUNNING", "DONE"]
    assert (len(store.wanted), store.statuses) == (6, [done])


@pytest.mark.parametrize("end", [ReportStatus.FAILED, ReportStatus.EXPIRED])
async def test_a_report_that_fails_or_runs_out_ends_its_story(end: ReportStatus) -> None:
    told = await follow(Progress(statuses=[end]), global_id("Report", "a", "r"))
    assert [each.data["reportProgress"]["report"]["status"] for each in told] == [end.name]


async def test_all_who_follow_a_report_share_its_polls() -> None:
    store = Progress(statuses=[ReportStatus.RUNNING, ReportStatus.DONE])
    served, hub = [serving("a", Reporting, store)], SubscriptionHub(settings=SubscriptionSettings(poll_interval="30ms"))

    async def told() -> list[str]:
        contexts = made_context(served, subscription_hub=hub)
        stream: Any = await served_schema().subscribe(FOLLOW, {"id": global_id("Report", "a", "r")}, context_value=contexts)
        return [each.data["reportProgress"]["report"]["status"] async for each in stream]

    assert await asyncio.gather(*(told() for _ in range(9))) == [["RUNNING", "DONE"]] * 9
    assert len(store.wanted) == 2


STOPS = {
    "no report": (Progress(), global_id("Report", "a", "r"), "BAD_ID"),
    "a call": (Progress([call(1, 1, "a")]), global_id("Call", "a", "1"), "BAD_ID"),
    "garbage": (Progress(), "garbage", "BAD_ID"),
    "down": (Progress(failure=Unavailable("is down")), global_id("Report", "a", "r"), "UNAVAILABLE"),
}


@pytest.mark.parametrize(("store", "id", "code"), STOPS.values(), ids=STOPS)
async def test_what_cannot_be_followed_is_an_error(store: Progress, id: str, code: str) -> None:
    (told,) = await follow(store, id)
    assert [error.extensions["code"] for error in told.errors] == [code]


async def test_a_long_story_is_not_cut_off_by_the_limits_of_one_operation() -> None:
    store = Progress(statuses=[*[ReportStatus.RUNNING] * 20, ReportStatus.DONE])
    limited = RequestBudget(max_requests=2, deadline=time.monotonic() + 0.05)
    told = await follow(store, global_id("Report", "a", "r"), operation=limited, poll="5ms")
    assert [each.data["reportProgress"]["report"]["status"] for each in told] == ["RUNNING", "DONE"]
    assert limited.spent == 0


def test_every_kind_has_an_id_that_leads_back_to_it() -> None:
    assert {kind: global_id(kind.__name__, "a", "1") for kind in (Call, Session, Chat)} == {
        Call: "Q2FsbDphOjE",
        Session: "U2Vzc2lvbjphOjE",
        Chat: "Q2hhdDphOjE",
    }
