"""The printed schema: committed, described to the last word, and free of any provider's name."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    parse_value,
    value_from_ast,
)

from telegraphql import __version__
from telegraphql.gateway.federation.entities import federated_schema
from telegraphql.gateway.graphql.provider_descriptions import describe_providers
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.schema.kinds import KINDS, RELATIONS
from telegraphql.schema.schema import build
from tests.support.printed_schema import client_schema, printed_schema
from tests.support.repository import ROOT

SDL: GraphQLSchema = client_schema()
OURS = {
    name: kind
    for name, kind in SDL.type_map.items()
    if not name.startswith("__") and name not in ("String", "Int", "Boolean", "ID", "Float")
}
FIELDED = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
PROVIDERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["telegraphql.providers"]


def described() -> Iterator[tuple[str, str | None]]:
    """Everything that can have a description, by its name, with what it has."""
    for name, kind in OURS.items():
        yield name, kind.description
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{word}", value.description) for word, value in kind.values.items())
        if isinstance(kind, FIELDED):
            yield from ((f"{name}.{field}", found.description) for field, found in kind.fields.items())
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, found in kind.fields.items():
                yield from ((f"{name}.{field}({argument}:)", given.description) for argument, given in found.args.items())


DESCRIBED = dict(described())


def test_the_committed_schema_is_the_printed_one_with_the_bundled_plugins() -> None:
    described = describe_providers(build(), {name: plugins().found[name] for name in PROVIDERS})
    assert (ROOT / "schema/schema.graphql").read_text("utf-8") == described.as_str() + "\n"


def test_the_schema_tells_its_version() -> None:
    description = SDL.description or ""
    assert description.startswith("Calls, messages and everything around them, of all telephony providers of this gateway in one graph. ")
    assert description.endswith(f" TelegraphQL {__version__}.")
    for made in (build(), federated_schema()):
        told = made.execute_sync("{ __schema { description } }").data
        assert told == {"__schema": {"description": description}}


def test_everything_is_described() -> None:
    assert [name for name, description in DESCRIBED.items() if not description] == []
    assert len(DESCRIBED) > 500


def test_the_names_of_fields_fit_into_a_table() -> None:
    fields = {field for kind in OURS.values() if isinstance(kind, FIELDED) for field in kind.fields}
    assert [field for field in fields if len(field) > 24] == []
    assert len(fields) > 200


def test_a_description_names_its_subject_first() -> None:
    questions = ("What ", "When ", "Which ", "Where ", "How ", "Whether ")
    assert [name for name, text in DESCRIBED.items() if (text or "").startswith(questions)] == []


def test_every_description_is_a_sentence() -> None:
    odd = {
        name: text
        for name, text in DESCRIBED.items()
        if (text and not (text[0].isupper() or text[0].isdigit())) or (text and text[-1] not in ".)")
    }
    assert odd == {}


def test_every_input_shows_a_value_that_is_one() -> None:
    inputs = {name: kind for name, kind in OURS.items() if isinstance(kind, GraphQLInputObjectType)}
    shown = {name: re.search(r"(?:For example|such as) (\{.*?\})[.](?: |$)", kind.description or "") for name, kind in inputs.items()}
    assert [name for name, found in shown.items() if found is None] == []
    values = {name: value_from_ast(parse_value(found[1]), inputs[name]) for name, found in shown.items() if found}
    assert [name for name, value in values.items() if value in (Undefined, {})] == []
    assert len(values) > 25


def test_every_scalar_shows_a_value() -> None:
    scalars = {name: kind.description or "" for name, kind in OURS.items() if isinstance(kind, GraphQLScalarType)}
    assert [name for name, text in scalars.items() if ", such as " not in text] == []
    assert len(scalars) == 5


def test_what_may_be_null_says_what_null_means() -> None:
    nullable = {
        f"{name}.{field}": found.description or ""
        for name in KINDS
        for field, found in OURS[name].fields.items()
        if not isinstance(found.type, GraphQLNonNull) and (KINDS[name], field) not in RELATIONS
    }
    assert [name for name, text in nullable.items() if "ull" not in text] == []


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_no_provider_is_named(provider: str) -> None:
    assert provider not in printed_schema().lower()


def test_every_kind_is_a_node_and_a_record() -> None:
    for name, kind in KINDS.items():
        timed = {"TimedRecord"} if kind.time_field else set()
        entry = {"TimelineEntry"} if kind.declaration.timeline else set()
        assert {each.name for each in OURS[name].interfaces} == {"Node", "Record"} | timed | entry


def test_every_list_is_there_and_has_the_same_arguments() -> None:
    query = SDL.query_type
    assert query is not None
    lists = {name: field for name, field in query.fields.items() if str(field.type).endswith("Connection!")}
    assert lists.keys() == {root.name for kind in KINDS.values() if (root := kind.declaration.root)} | {"timeline"}
    paging = ["first", "after", "last", "before", "filter"]
    assert set(lists.pop("timeline").args) >= {*paging[:-1], "order"}
    unordered = {root.name for kind in KINDS.values() if (root := kind.declaration.root) and kind.time_field is None}
    assert unordered == {"queues", "trackingNumbers", "reportSchedules"}
    assert {name: list(field.args) for name, field in lists.items()} == {
        name: paging if name in unordered else [*paging, "order"] for name in lists
    }


def test_every_connection_has_the_same_shape() -> None:
    connections = [kind for name, kind in OURS.items() if name.endswith("Connection")]
    shapes = {tuple(kind.fields) for kind in connections}
    assert shapes == {("edges", "nodes", "pageInfo", "totalCount", "totalCountAtLeast", "problems")}
    for kind in connections:
        name = kind.name.removesuffix("Connection")
        assert [str(field.type) for field in kind.fields.values()] == [
            f"[{name}Edge!]!",
            f"[{name or 'Node'}!]!",
            "PageInfo!",
            "Int",
            "Int!",
            "[Problem!]!",
        ]
        assert not name or [each.name for each in kind.interfaces] == ["Connection"]


def test_a_field_that_costs_another_request_is_nullable() -> None:
    costly = {f"{kind.__name__}.{name}": OURS[kind.__name__].fields[name].type for kind, name in RELATIONS}
    media = {
        f"{name}.{field}": found.type for name in KINDS for field, found in OURS[name].fields.items() if str(found.type).startswith("Media")
    }
    assert [name for name, kind in {**costly, **media}.items() if isinstance(kind, GraphQLNonNull)] == []


# The words of the design that others rely on.
FIXED = {
    "Call": "session direction status hangupCause sipStatusCode from to dialedNumber forwardedFrom callerIdShown trunk startedAt ringingAt "
    "answeredAt endedAt isEndedAtDerived durationSeconds ringSeconds talkSeconds cost ratePerMinute queue recordings voicemessages "
    "transaction userId sipCallId rerouteReason notes trace capture parent",
    "Party": "number e164 name uri country kind nativeId",
    "Session": "startedAt endedAt durationSeconds direction status finishReason applicationName ruleName initiatorAddress mediaServer log "
    "customData userId isDerived calls recordings resourceUsages cost",
    "Recording": "call session startedAt endedAt durationSeconds sizeBytes fileName from to media cost transcription",
    "Voicemessage": "receivedAt from dialedNumber mailbox durationSeconds isRead folder transcript media call",
    "Message": "sentAt occurredAt direction status failureReason from to text segments attachments cost session accountId",
    "Attachment": "mimeType sizeBytes createdAt media",
    "Chat": "startedAt endedAt durationSeconds state operatorId operatorUserAgent websiteId customerId visitor",
    "Transaction": "performedAt amount kind type description isPending accountId userId",
    "Queue": "name number strategy maxWaitSeconds ringSeconds serviceLevelSeconds agentCount createdAt modifiedAt visits",
    "QueueVisit": "queue enteredAt waitSeconds serviceSeconds wrapUpSeconds priority outcome wasHungUpByAgent agentId requestId events",
    "Problem": "provider code message retryable retryAfter id field count ageSeconds range",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "CallFilter": "providers startedAt direction status number from to durationSeconds talkSeconds userId sessionId hasRecording isTracked "
    "applicationName ruleName customData",
    "Mutation": "deleteRecordings deleteVoicemessages moveVoicemessages updateCalls deleteChatMessages deleteAll requestReport "
    "deleteReports createReportSchedule updateReportSchedule deleteReportSchedules exportUserCalls",
}


@pytest.mark.parametrize("name", FIXED)
def test_the_words_of_the_field_are_kept(name: str) -> None:
    kind: Any = OURS[name]
    assert set(FIXED[name].split()) - set(kind.fields) == set()


ENUMS = {
    "CallDirection": "INBOUND OUTBOUND INTERNAL TRANSIT UNKNOWN",
    "CallStatus": "ANSWERED NO_ANSWER BUSY FAILED CONGESTION CANCELED VOICEMAIL IN_PROGRESS UNKNOWN",
    "MessageStatus": "QUEUED SENT DELIVERED READ RECEIVED UNDELIVERED FAILED CANCELED UNKNOWN",
    "PartyKind": "PSTN EXTENSION USER SIP QUEUE IVR CONTACT VOICEMAIL UNKNOWN",
    "ProblemCode": "UNAUTHORIZED FORBIDDEN NOT_FOUND BAD_INPUT RATE_LIMITED TIMEOUT UNAVAILABLE BAD_ANSWER MALFORMED_RECORD "
    "MALFORMED_FIELD STALE UNSUPPORTED SCAN_LIMIT",
    "QueueOutcome": "SERVICED ABANDONED REJECTED UNKNOWN",
    "ReportStatus": "QUEUED RUNNING DONE FAILED EXPIRED",
    "TimeOrder": "NEWEST_FIRST OLDEST_FIRST",
    "TransactionKind": "CHARGE PAYMENT REFUND ADJUSTMENT TRANSFER GIFT OTHER",
}


@pytest.mark.parametrize("name", ENUMS)
def test_closed_sets_stay_closed(name: str) -> None:
    kind: Any = OURS[name]
    assert list(kind.values) == ENUMS[name].split()


# Where a provider's own words are shown or sent as they are.
NATIVE_JSON = {"native", "nativeFilter", "AuditEntry.arguments", "AuditEntry.result", "Report.summary", "Query.dictionary"}


def test_json_stands_only_where_a_providers_own_words_are_meant() -> None:
    types = [kind for kind in OURS.values() if isinstance(kind, FIELDED)]
    found = {f"{each.name}.{name}" for each in types for name, field in each.fields.items() if get_named_type(field.type).name == "JSON"}
    assert {each if each in NATIVE_JSON else each.partition(".")[2] for each in found} == NATIVE_JSON
