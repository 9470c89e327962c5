"""Messages of one provider, beside providers that have none and say nothing about it."""

from collections.abc import Coroutine, Iterator
from datetime import timedelta
from typing import Any

import pytest

from telegraphql.gateway.auth.caller import Caller, Redaction
from telegraphql.gateway.conformance.simulation import Simulation, run_sandbox
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from tests.gateway.conformance.courier import Courier
from tests.support.clock import FIXED_NOW
from tests.support.graphql_client import ask
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call

LISTED = "{ messages(%s) { totalCount nodes { nativeId } problems { provider { name } code message } } }"
SHOWN = """occurredAt sentAt direction status failureReason from { number } to { number } text segments
cost { amount currency } durationSeconds session { id } accountId attachments { nativeId mimeType sizeBytes media { mimeType } }"""
TIMELINE = """{ timeline(number: "+41445550000", first: 3) { nodes { __typename ... on Record { nativeId }
... on TimelineEntry { occurredAt from { number } to { number } durationSeconds } } problems { message } } }"""
MINUTE_AGO = FIXED_NOW - timedelta(minutes=1)
OFFICE = {"number": "+41445550000"}
PICTURES = [
    {"nativeId": f"t1000-{each}", "mimeType": "image/png", "sizeBytes": None, "media": {"mimeType": "image/png"}} for each in range(2)
]
NEVER = {"durationSeconds": None, "session": None, "accountId": None, "to": OFFICE}


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    with run_sandbox(Courier, tmp_path_factory.mktemp("courier"), records=8, now=FIXED_NOW) as running:
        yield running


def served(simulation: Simulation) -> list[BoundProvider]:
    """Courier, and a provider that has calls alone."""
    return [BoundProvider.of(simulation.provider), serving("calls-only", Memory, Store(calls=[call(1, from_=None, provider="calls-only")]))]


def answer(simulation: Simulation, document: str, **options: Any) -> Any:
    found: dict[str, Any] = {}

    async def run() -> None:
        done = await ask(served(simulation), document, **options)
        found["data"], found["errors"] = done.data, [each.message for each in done.errors or ()]

    work: Coroutine[Any, Any, None] = run()
    simulation.run(work)
    assert found["errors"] == []
    return found["data"]


def test_a_message_has_what_its_row_says(simulation: Simulation) -> None:
    texts = answer(simulation, f"{{ messages(order: OLDEST_FIRST) {{ nodes {{ {SHOWN} }} }} }}")["messages"]["nodes"]
    lost, received = texts[3], texts[-2]
    assert (lost["status"], lost["direction"], lost["failureReason"]) == ("UNDELIVERED", "OUTBOUND", "unreachable")
    assert received == {
        "occurredAt": MINUTE_AGO,
        "sentAt": MINUTE_AGO,
        "direction": "INBOUND",
        "status": "RECEIVED",
        "failureReason": None,
        "from": {"number": "+41795550000"},
        "text": "Text 0",
        "segments": 1,
        "cost": {"amount": "0.000", "currency": "CHF"},
        "attachments": PICTURES,
        **NEVER,
    }


def test_a_state_that_the_mapping_does_not_know_is_unknown(simulation: Simulation) -> None:
    assert answer(simulation, f"{{ messages(first: 1) {{ nodes {{ {SHOWN} }} }} }}")["messages"]["nodes"][0]["status"] == "SENT"
    found = answer(simulation, "{ messages(filter: {status: [UNKNOWN]}) { nodes { text } } }")
    assert found == {"messages": {"nodes": [{"text": "Text 7"}]}}


def test_messages_without_a_file_cost_no_request_for_files(simulation: Simulation) -> None:
    simulation.sandbox.journal.clear()
    document = "{ messages(filter: {hasAttachment: %s}) { nodes { nativeId attachments { id } } } }"
    without = answer(simulation, document % "false")["messages"]["nodes"]
    assert [(each["nativeId"], each["attachments"]) for each in without] == [(f"t{each}", []) for each in (1001, 1002, 1005, 1004, 1007)]
    asked = [each["parameters"]["text_ids"] for each in simulation.sandbox.journal if each["operation"] == "GET /pictures"]
    assert {key for keys in asked for key in keys.split(",")} == {"t1000", "t1003", "t1006"}


def test_a_message_is_a_node(simulation: Simulation) -> None:
    (found,) = answer(simulation, "{ messages(first: 1) { nodes { id text } } }")["messages"]["nodes"]
    assert answer(simulation, f'{{ node(id: "{found["id"]}") {{ id ... on Message {{ text }} }} }}') == {"node": found}


def test_messages_stand_in_the_timeline_of_a_number(simulation: Simulation) -> None:
    found = answer(simulation, TIMELINE)["timeline"]
    assert [(each["__typename"], each["nativeId"], each["to"]) for each in found["nodes"]] == [
        ("Message", native_id, OFFICE) for native_id in ("t1001", "t1000", "t1003")
    ]
    assert found["problems"] == []


def test_what_was_written_and_sent_is_withheld_from_those_who_may_not_see_it(simulation: Simulation) -> None:
    shown = "text from { number } to { number } segments attachments { mimeType media { url } }"
    hidden = Caller("desk", redact=frozenset({Redaction.PERSONAL}))
    found = answer(simulation, f"{{ messages(last: 1) {{ nodes {{ {shown} }} }} }}", caller=hidden)["messages"]["nodes"]
    nobody, pictures = {"number": None}, [{"mimeType": "image/png", "media": None}] * 2
    assert found == [{"text": None, "from": nobody, "to": nobody, "segments": 1, "attachments": pictures}]


def test_providers_without_messages_are_silent(simulation: Simulation) -> None:
    found = answer(simulation, LISTED % "first: 20")["messages"]
    assert (found["totalCount"], len(found["nodes"]), found["problems"]) == (8, 8, [])
    named = answer(simulation, LISTED % 'filter: {providers: ["calls-only"]}')["messages"]
    problem = {"provider": {"name": "calls-only"}, "code": "UNSUPPORTED", "message": "has no list of Message"}
    assert (named["nodes"], named["problems"]) == ([], [problem])
