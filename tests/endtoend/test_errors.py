"""Refusals: what cannot be is an error with a code, and nothing is asked upstream."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import listed
from tests.endtoend.test_nodes import spelled
from tests.endtoend.world import Row, World

LIST = """query ($first: Int, $last: Int, $after: String, $before: String, $filter: CallFilter, $order: TimeOrder) {
  calls(first: $first, last: $last, after: $after, before: $before, filter: $filter, order: $order) { nodes { id } } }"""
NAMED = "query ($id: ID!) { node(id: $id) { id } }"


def cases() -> Iterator[Any]:
    """Arguments of a list, and the code they are refused with."""
    yield from ((given, "BAD_USER_INPUT") for given in ({"first": -1}, {"first": 501}, {"last": -1}, {"last": 501}))
    yield {"first": 1000}, "BAD_USER_INPUT"
    yield {"first": 5, "last": 5}, "BAD_USER_INPUT"
    yield {"filter": {"startedAt": {"since": "2026-11-10T00:00:00Z", "until": "2026-11-01T00:00:00Z"}}}, "BAD_USER_INPUT"
    yield {"filter": {"startedAt": {"since": "2026-11-01T00:00:00Z", "until": "2026-11-01T00:30:00+01:00"}}}, "BAD_USER_INPUT"
    yield {"filter": {"durationSeconds": {"min": 10, "max": 9}}}, "BAD_USER_INPUT"
    yield {"filter": {"from": {"equals": ["+"]}}}, "BAD_USER_INPUT"
    yield {"filter": {"providers": ["nobody"]}}, "UNKNOWN_PROVIDER"
    yield {"filter": {"providers": ["boxis", "Boxis"]}}, "UNKNOWN_PROVIDER"
    yield {"filter": {"sessionId": ["nonsense"]}}, "BAD_ID"
    yield {"filter": {"sessionId": [spelled("Call", "boxis", "1")]}}, "BAD_ID"
    yield from (
        ({name: text}, "BAD_CURSOR") for name in ("after", "before") for text in ("x", "MQ", "!!!", "a" * 5000, "eyJhIjoxfQ==", "é")
    )


@pytest.mark.parametrize(("given", "code"), list(cases()), ids=lambda value: str(value)[:60])
def test_arguments_that_cannot_be_are_refused_before_anything_is_asked(still: World, given: Row, code: str) -> None:
    error = still.refused(LIST, **given)
    assert error["extensions"]["code"] == code
    assert error["path"] == ["calls"]
    assert [name for name, upstream in still.upstreams.items() if upstream.journal()] == []


@pytest.mark.parametrize(
    "given",
    [
        {"filter": {"startedAt": {"since": "2026-11-01T00:00:00"}}},
        {"filter": {"startedAt": {"since": "2026-11-01"}}},
        {"filter": {"startedAt": {"since": "yesterday"}}},
        {"filter": {"startedAt": {"since": 1_700_000_000}}},
        {"filter": {"startedAt": {"since": "2026-02-30T00:00:00Z"}}},
        {"filter": {"startedAt": {"until": "0001-01-01T00:00:00+05:00"}}},
        {"filter": {"direction": ["SIDEWAYS"]}},
        {"filter": {"unheardOf": 1}},
        {"filter": {"durationSeconds": {"min": "ten"}}},
        {"order": "RANDOM"},
        {"first": "many"},
        {"first": 3_000_000_000},
    ],
    ids=str,
)
def test_variables_of_a_wrong_type_are_refused_by_the_schema(still: World, given: Row) -> None:
    answer = still.post(LIST, **given)
    assert "data" not in answer or answer["data"] is None
    assert [error["message"] for error in answer["errors"] if "Traceback" in error["message"] or "http://" in error["message"]] == []
    assert len(answer["errors"]) == 1
    assert [name for name, upstream in still.upstreams.items() if upstream.journal()] == []


def test_a_moment_without_a_zone_says_so(still: World) -> None:
    message = still.post(LIST, filter={"startedAt": {"since": "2026-11-01T00:00:00"}})["errors"][0]["message"]
    assert "no time zone" in message


@pytest.mark.parametrize(
    "id",
    ["", "x", "!!", "Q2FsbA", spelled("Cat", "boxis", "1"), spelled("Party", "boxis", "1"), spelled("Call", "boxis", "1") + "=", "é" * 40],
)
def test_what_is_no_id_is_refused(still: World, id: str) -> None:
    error = still.refused(NAMED, id=id)
    assert error["extensions"]["code"] == "BAD_ID"
    assert error["path"] == ["node"]


def test_an_id_of_a_provider_that_is_not_configured_is_refused(still: World) -> None:
    assert still.refused(NAMED, id=spelled("Call", "elsewhere", "1"))["extensions"]["code"] == "UNKNOWN_PROVIDER"


def test_wrong_ids_among_many_cost_only_themselves(shared: World) -> None:
    good = listed(shared, KINDS["Call"])[:2]
    ids = [good[0]["id"], "x", spelled("Call", "elsewhere", "1"), good[1]["id"]]
    answer = shared.post("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert answer["data"]["nodes"] == [{"id": good[0]["id"]}, None, None, {"id": good[1]["id"]}]
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["nodes", 1], "BAD_ID"),
        (["nodes", 2], "UNKNOWN_PROVIDER"),
    ]


def test_more_than_500_ids_are_refused(still: World) -> None:
    error = still.refused("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 501)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def foreign() -> Iterator[Any]:
    """Lists that a cursor of calls, newest first, does not belong to."""
    yield "calls(after: $after, order: OLDEST_FIRST) { nodes { id } }", "calls"
    yield "calls(after: $after, filter: {direction: [INBOUND]}) { nodes { id } }", "calls"
    yield 'calls(after: $after, filter: {providers: ["boxis"]}) { nodes { id } }', "calls"
    yield "sessions(after: $after) { nodes { id } }", "sessions"
    yield "recordings(before: $after) { nodes { id } }", "recordings"
    yield "queues(after: $after) { nodes { id } }", "queues"


@pytest.mark.parametrize(("field", "root"), list(foreign()))
def test_a_cursor_of_another_list_is_refused(still: World, field: str, root: str) -> None:
    cursor = still.ask("{ calls(first: 1) { pageInfo { endCursor } } }")["calls"]["pageInfo"]["endCursor"]
    error = still.refused(f"query ($after: String) {{ {field} }}", after=cursor)
    assert (error["extensions"]["code"], error["path"]) == ("BAD_CURSOR", [root])


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ('mutation { deleteAll(input: {provider: "nobody", kind: CALLS, confirm: "nobody"}) { problems { code } } }', "deleteAll"),
        ('mutation { requestReport(input: {provider: "nobody", kind: CALLS}) { report { id } } }', "requestReport"),
        ('mutation { exportUserCalls(input: {provider: "nobody", userId: "1"}) { media { url } } }', "exportUserCalls"),
        ('{ dictionary(provider: "nobody", of: CALLS) }', "dictionary"),
    ],
)
def test_unknown_providers_are_refused_everywhere(still: World, document: str, field: str) -> None:
    error = still.refused(document)
    assert (error["extensions"]["code"], error["path"]) == ("UNKNOWN_PROVIDER", [field])


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ('deleteAll(input: {provider: "boxis", kind: CALLS, confirm: "boxis"})', "deleteAll"),
        ('requestReport(input: {provider: "voipstudio", kind: CALLS})', "requestReport"),
        ('exportUserCalls(input: {provider: "portsip", userId: "1"})', "exportUserCalls"),
        ('deleteChatMessages(input: {provider: "boxis", nativeIds: ["1"]})', "deleteChatMessages"),
    ],
)
def test_what_a_provider_cannot_do_is_a_problem_unsupported(still: World, document: str, field: str) -> None:
    payload = still.ask(f"mutation {{ {document} {{ succeededIds problems {{ code provider {{ name }} }} }} }}")[field]
    name = "voipstudio" if field == "requestReport" else "portsip" if field == "exportUserCalls" else "boxis"
    assert payload == {"succeededIds": [], "problems": [{"code": "UNSUPPORTED", "provider": {"name": name}}]}
    assert [name for name, upstream in still.upstreams.items() if upstream.journal()] == []


def test_named_providers_without_a_kind_are_problems_also_where_nobody_has_it(still: World) -> None:
    page = still.ask('{ chats(filter: {providers: ["boxis", "portsip"]}) { nodes { id } problems { provider { name } code } } }')["chats"]
    assert page == {"nodes": [], "problems": [{"provider": {"name": name}, "code": "UNSUPPORTED"} for name in ("boxis", "portsip")]}


def test_a_named_provider_without_a_kind_is_a_problem_beside_those_that_have_it(shared: World) -> None:
    page = shared.ask(
        '{ chats(filter: {providers: ["boxis", "voipstudio"]}) { nodes { provider { name } } problems { provider { name } code } } }'
    )["chats"]
    assert page["problems"] == [{"provider": {"name": "boxis"}, "code": "UNSUPPORTED"}]
    assert {node["provider"]["name"] for node in page["nodes"]} == {"voipstudio"}


def test_broken_requests_are_refused_with_a_proper_status(shared: World) -> None:
    url = f"{shared.url}/graphql"
    assert shared.client.post(url, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert shared.client.post(url, json={"query": "{ calls { nodes { "}).json()["errors"]
    assert shared.client.post(url, json={"query": "{ nothing }"}).json()["errors"]
    assert shared.client.get(f"{shared.url}/media/nonsense").status_code == 403
    assert shared.client.get(f"{shared.url}/nowhere").status_code == 404
