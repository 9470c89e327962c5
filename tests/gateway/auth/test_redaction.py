"""Withholding: what is personal is not shown, not asked for and not sent; what callers who may see it are shown is not touched."""

from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from telegraphql.gateway.auth.redaction import redact_personal
from telegraphql.schema.call import Call, Note
from telegraphql.schema.node import global_id
from telegraphql.schema.recording import Recording
from telegraphql.schema.values import Party
from tests.gateway.auth.gateways import NUMBER, Callers, asked, client, codes, house
from tests.gateway.auth.root_fields import SDL
from tests.support.records import call

# All that the schema says is personal, in one place for those who must know.
PERSONAL = {
    "Attachment": "media",
    "AuditEntry": "actor actorId arguments ip result",
    "AuditEntryFilter": "actorId ip relatedTo search",
    "Call": "callerIdShown capture customData dialedNumber forwardedFrom info sipCallId trace",
    "CallFilter": "agentId callerIdShown customData dialedNumber from name number search to",
    "CallGroup": "agent number",
    "Chat": "operatorUserAgent",
    "ChatFilter": "name search",
    "Media": "fileName",
    "MediaSession": "capture sipCallId trace",
    "MediaSessionFilter": "name number search",
    "Message": "text",
    "MessageFilter": "from name number search text to",
    "Note": "text",
    "Party": "e164 extension name number uri userAgent",
    "QueueEvent": "customData",
    "QueueGroup": "agent",
    "Recording": "fileName",
    "RecordingFilter": "from name number search to",
    "Report": "media summary",
    "ReportParty": "value",
    "ReportSchedule": "email nativeFilter",
    "ResourceUsage": "description",
    "Session": "customData initiatorAddress log",
    "SessionFilter": "customData name number search",
    "TrackingNumber": "info uri",
    "Transaction": "description",
    "TransactionFilter": "search",
    "Transcription": "media sentiment summary text",
    "Visitor": "city email ip location name referrer userAgent",
    "Voicemessage": "dialedNumber mailbox transcript",
    "VoicemessageFilter": "dialedNumber from mailbox name search",
}


def is_marked(field: Any) -> bool:
    """Whether a field has the directive."""
    return any(each.name.value == "personal" for each in (field.ast_node and field.ast_node.directives) or ())


def test_the_schema_says_what_is_personal() -> None:
    fielded = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
    found = {
        name: " ".join(sorted(field for field, each in kind.fields.items() if is_marked(each)))
        for name, kind in SDL.type_map.items()
        if isinstance(kind, fielded)
    }
    assert {name: fields for name, fields in found.items() if fields} == PERSONAL


def test_copies_are_shown_and_the_original_stays() -> None:
    person = Party(number=NUMBER, extension="606", name="Zoë", uri="sip:x", country="CH", native_id="7", to_e164=lambda number: number)
    original = call(1, from_=person, dialed_number=NUMBER, trunk="line 1")
    shown = redact_personal(original)
    assert (original.from_, person.number, person.name, original.dialed_number) == (person, NUMBER, "Zoë", NUMBER)
    assert (shown.from_.number, shown.from_.name, shown.from_.uri, shown.from_.e164(), shown.from_.extension) == (None,) * 5
    assert shown.dialed_number is None
    assert (shown.from_.country, shown.from_.native_id, shown.trunk, shown.native_id) == ("CH", "7", "line 1", "1")
    assert redact_personal([original, None, "text"])[1:] == [None, "text"]


@pytest.mark.parametrize("kind", [Call, Note, Recording])
def test_what_is_personal_may_be_null(kind: Any) -> None:
    for name in PERSONAL[kind.__name__].split():
        assert not str(SDL.type_map[kind.__name__].fields[name].type).endswith("!")  # type: ignore[attr-defined]


EVERYTHING = """{
  calls {
    nodes { nativeId dialedNumber from { number e164 name uri nativeId } to { number } recordings { fileName } }
    edges { node { from { number } } }
  }
  recordings { nodes { fileName from { name } media { fileName } transcription { status text summary media { url } } } }
  auditEntries { nodes { command actor } }
}"""


async def answers(document: str, *withhold: str, **variables: Any) -> Any:
    keys = Callers()
    key = keys.add("acme", "read", "media", "write", "admin", redact=list(withhold))
    engine = house({"keys": keys})
    async with client(engine, key) as made:
        answer = await asked(made, document, **variables)
    await engine.aclose()
    return answer


async def test_what_is_personal_is_null_and_the_rest_is_there() -> None:
    answer = await answers(EVERYTHING, "personal")
    assert codes(answer) == []
    text = str(answer["data"])
    assert (NUMBER in text, "Zoë" in text, "hello" in text) == (False, False, False)
    one, sound = answer["data"]["calls"]["nodes"][0], answer["data"]["recordings"]["nodes"][0]
    assert one["from"] == {"number": None, "e164": None, "name": None, "uri": None, "nativeId": "7"}
    assert sound["transcription"] == {"status": "COMPLETE", "text": None, "summary": None, "media": None}
    assert (sound["media"], answer["data"]["auditEntries"]["nodes"][0]) == ({"fileName": None}, {"command": "Delete", "actor": None})
    whole = str((await answers(EVERYTHING))["data"])
    assert (NUMBER in whole, "Zoë" in whole, "hello" in whole) == (True, True, True)


async def test_a_record_by_its_id_is_withheld_as_well() -> None:
    party = "... on Call { nativeId from { number } }"
    document = f"query ($id: ID!) {{ node(id: $id) {{ {party} }} nodes(ids: [$id]) {{ {party} }} }}"
    answer = await answers(document, "personal", id=global_id("Call", "seen", "1"))
    assert answer["data"] == {"node": {"nativeId": "1", "from": {"number": None}}, "nodes": [{"nativeId": "1", "from": {"number": None}}]}


@pytest.mark.parametrize("withhold", ["native", "personal"])
async def test_the_upstreams_own_record_is_withheld_since_all_is_in_it(withhold: str) -> None:
    answer = await answers("{ calls(first: 2) { nodes { nativeId native } } }", withhold)
    assert [node["native"] for node in answer["data"]["calls"]["nodes"]] == [None, None]
    assert [(error["path"][-1], error["extensions"]) for error in answer["errors"]] == [("native", {"code": "FORBIDDEN"})] * 2
    assert NUMBER not in str(answer)
    assert NUMBER in str(await answers("{ calls(first: 2) { nodes { native } } }"))


async def test_withholding_the_native_record_leaves_the_rest() -> None:
    assert (await answers("{ calls(first: 1) { nodes { from { number } } } }", "native"))["data"]["calls"]["nodes"] == [
        {"from": {"number": NUMBER}}
    ]


AGES = "2001-01-01T00:00:00Z"
ORACLES = [
    f'{{ calls(filter: {{number: {{equals: ["{NUMBER}"]}}}}) {{ totalCount }} }}',
    f'{{ calls(filter: {{from: {{contains: "{NUMBER}"}}}}) {{ nodes {{ id }} }} }}',
    '{ calls(filter: {customData: ["x"]}) { nodes { id } } }',
    '{ sessions(filter: {customData: ["x"]}) { nodes { id } } }',
    f'{{ recordings(filter: {{to: {{startsWith: "{NUMBER}"}}}}) {{ nodes {{ id }} }} }}',
    '{ voicemessages(filter: {mailbox: ["101"]}) { nodes { id } } }',
    '{ auditEntries(filter: {ip: ["127.0.0.1"]}) { nodes { id } } }',
    f'{{ timeline(number: "{NUMBER}") {{ totalCount }} }}',
    f'{{ callStatistics(filter: {{startedAt: {{since: "{AGES}"}}, from: {{contains: "{NUMBER}"}}}}) {{ total {{ calls }} }} }}',
    "{ callStatistics(by: [DAY, AGENT]) { total { calls } } }",
    "{ callStatistics(by: [NUMBER]) { total { calls } } }",
    "{ queueStatistics(by: [AGENT]) { total { visits } } }",
    'mutation { exportUserCalls(input: {provider: "seen", userId: "1"}) { media { url } } }',
    'mutation { requestReport(input: {provider: "seen", kind: CALLS, filter: {native: {number: "1"}}}) { report { id } } }',
    'mutation { createReportSchedule(input: {provider: "seen", name: "x", type: CALLS, email: "me@x.ch", format: CSV, range: TODAY}) '
    "{ succeededIds } }",
    f'mutation {{ updateReportSchedule(input: {{id: "{global_id("ReportSchedule", "seen", "1")}", email: "me@example.com"}}) '
    "{ succeededIds } }",
]


@pytest.mark.parametrize("document", ORACLES)
async def test_what_is_not_shown_cannot_be_asked_or_sent_elsewhere(document: str) -> None:
    answer = await answers(document, "personal")
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "FORBIDDEN"}]
    assert "is personal data, which your credentials do not show" in answer["errors"][0]["message"]
    assert codes(await answers(document)) != ["FORBIDDEN"]


async def test_filters_on_what_is_not_personal_are_good() -> None:
    document = "{ calls(filter: {durationSeconds: {min: 0}, status: [ANSWERED], number: null}) { nodes { id } } }"
    assert codes(await answers(document, "personal")) == []
