"""Wire: what a plugin declares as pushed down is seen in what the upstream was asked, filter by filter."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.endtoend.ground_truth import expected
from tests.endtoend.kinds import KINDS
from tests.endtoend.test_filters import linked
from tests.endtoend.world import Row, World
from tests.support.clock import DAY, ago, between

SINCE, UNTIL = ago(days=18), ago(days=11)
RANGE = between(SINCE, UNTIL)
LENGTH = {"min": 20, "max": 90}
DECLARED = "{ providers { name capabilities { kind filters { name support } } } }"


class Sent(NamedTuple):
    """A value to filter by (None: ids, taken from the truth) and what each request must hold because of it."""

    value: Any
    holds: Callable[[Row, Any], bool]


def form(parameter: str, text: str | None = None) -> Callable[[Row, Any], bool]:
    """Voximplant and PortSIP: one parameter; the value itself unless told otherwise."""
    return lambda given, value: given.get(parameter) == (value if text is None else text)


def either(parameter: str) -> Callable[[Row, Any], bool]:
    """Voximplant: a list of all values, joined by semicolons."""
    return lambda given, value: sorted(given.get(parameter, "").split(";")) == sorted(map(str, value))


def encloses(first: str, last: str) -> bool:
    """Return True if two times in UTC hold the range and are no more than a day wider at either end."""
    since, until = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (first, last))
    return SINCE - DAY <= since <= SINCE and UNTIL <= until <= UNTIL + DAY


def one_of_two(*parameters: str) -> Callable[[Row, Any], bool]:
    """Voximplant: the spellings of the first value, in one of these lists."""
    return lambda given, _: [given[name] for name in parameters if name in given] == ["0041446681800;41446681800"]


def span(first: str, last: str) -> Callable[[Row, Any], bool]:
    """Voximplant: two bounds."""
    return lambda given, _: encloses(given[first], given[last])


def conditions(*wanted: tuple[str, str, Any]) -> Callable[[Row, Any], bool]:
    """VoIPstudio: entries of its JSON filter."""
    rows = [{"property": name, "operator": operator, "value": value} for name, operator, value in wanted]
    return lambda given, _: all(row in json.loads(given["filter"]) for row in rows)


def part_of(*names: str) -> Callable[[Row, Any], bool]:
    """VoIPstudio: one of these properties holds the number."""
    rows = [{"property": name, "operator": "like", "value": NATIONAL} for name in names]
    return lambda given, _: any(row in json.loads(given["filter"]) for row in rows)


def bounds(name: str) -> Callable[[Row, Any], bool]:
    """VoIPstudio: a lower and an upper bound of the records' time."""

    def holds(given: Row, _: Any) -> bool:
        found = {row["operator"]: row["value"] for row in json.loads(given["filter"]) if row["property"] == name}
        return encloses(found["gte"], found["lte"])

    return holds


def expression(*parts: str) -> Callable[[Row, Any], bool]:
    """PortSIP: parts of its filter expression."""
    return lambda given, _: all(part in given["filter"] for part in parts)


def moments(name: str) -> Callable[[Row, Any], bool]:
    """PortSIP: a lower and an upper bound of the records' time."""
    bounds = re.compile(rf"{name} ge '([^']+)' and {name} le '([^']+)'")
    return lambda given, _: any(encloses(*each) for each in bounds.findall(given["filter"]))


def wall_times_enclosed(first: str, last: str) -> bool:
    """Boxis: return True if a window of wall times lies in the range, or is less than a day wider."""
    since, until = (datetime.fromisoformat(each).replace(tzinfo=ZoneInfo("Europe/Zurich")) for each in (first, last))
    return SINCE - DAY <= since <= until <= UNTIL + DAY


NUMBER, NATIONAL = {"equals": ["+41446681899"]}, "446681899"
# What a first search by number teaches the gateway is not asked for again.
OTHER_NUMBER = {"equals": ["+41446681811"]}
ENDS = f"contains(caller,'{NATIONAL}')", f"contains(callee,'{NATIONAL}')"
PUSHED: dict[tuple[str, str, str], Sent] = {
    ("boxis", "Call", "startedAt"): Sent(
        RANGE,
        lambda given, _: wall_times_enclosed(given["datefrom"], given["dateto"]),
    ),
    ("portsip", "Call", "startedAt"): Sent(RANGE, moments("started_at")),
    ("portsip", "Call", "direction"): Sent(["TRANSIT"], expression("direction eq 'INBOUND_OUTBOUND_CALL'")),
    ("portsip", "Call", "talkSeconds"): Sent(LENGTH, expression("duration ge 20", "duration le 90")),
    ("portsip", "Call", "sessionId"): Sent(None, lambda given, value: all(f"session_id eq '{each}'" in given["filter"] for each in value)),
    ("portsip", "Call", "number"): Sent(NUMBER, expression(*ENDS)),
    ("portsip", "Call", "from"): Sent(NUMBER, expression(ENDS[0])),
    ("portsip", "Call", "to"): Sent(NUMBER, expression(ENDS[1])),
    ("portsip", "Call", "dialedNumber"): Sent(NUMBER, expression(f"contains(did_cid,'{NATIONAL}')")),
    ("portsip", "Call", "callerIdShown"): Sent(NUMBER, expression(f"contains(outbound_caller_id,'{NATIONAL}')")),
    ("portsip", "Call", "trunk"): Sent(["Colt Zurich"], expression("trunk eq 'Colt Zurich'")),
    ("portsip", "Call", "answeredAt"): Sent(RANGE, moments("answered_at")),
    ("portsip", "Call", "hangupCause"): Sent(["NO_ANSWER"], expression("end_reason eq 'NO_ANSWER'")),
    ("portsip", "Call", "sipStatusCode"): Sent([486], expression("status_code eq 486")),
    ("portsip", "Call", "search"): Sent("+41446681899", form("search", NATIONAL)),
    ("portsip", "Call", "name"): Sent({"startsWith": "An", "contains": "Keller"}, form("search", "Keller")),
    ("portsip", "Session", "startedAt"): Sent(RANGE, moments("started_at")),
    ("portsip", "Session", "direction"): Sent(["INBOUND"], expression("direction eq 'INBOUND_CALL'")),
    ("portsip", "Queue", "number"): Sent(["8003"], expression("extension_number eq '8003'")),
    ("portsip", "Recording", "startedAt"): Sent(RANGE, moments("started_at")),
    ("portsip", "Recording", "number"): Sent(NUMBER, expression(*ENDS)),
    ("portsip", "Recording", "from"): Sent(NUMBER, expression(ENDS[0])),
    ("portsip", "Recording", "to"): Sent(NUMBER, expression(ENDS[1])),
    ("portsip", "Recording", "search"): Sent("+41446681899", form("search", NATIONAL)),
    ("portsip", "Recording", "name"): Sent({"equals": ["Anna Keller"]}, form("search", "Anna Keller")),
    ("portsip", "Voicemessage", "receivedAt"): Sent(RANGE, moments("created_at")),
    ("portsip", "Voicemessage", "isRead"): Sent(True, expression("status eq 'READ'")),
    ("portsip", "Voicemessage", "durationSeconds"): Sent(LENGTH, expression("duration ge 20", "duration le 90")),
    ("portsip", "Report", "createdAt"): Sent(RANGE, moments("completed_at")),
    ("voipstudio", "Call", "startedAt"): Sent(RANGE, bounds("calldate")),
    ("voipstudio", "Call", "direction"): Sent(["INTERNAL"], conditions(("context", "eq", "USER_LOCAL"))),
    ("voipstudio", "Call", "status"): Sent(["VOICEMAIL"], conditions(("disposition", "eq", "VM"))),
    ("voipstudio", "Call", "number"): Sent(NUMBER, part_of("src", "dst")),
    ("voipstudio", "Call", "from"): Sent(NUMBER, part_of("src")),
    ("voipstudio", "Call", "to"): Sent(NUMBER, part_of("dst")),
    ("voipstudio", "Call", "callerIdShown"): Sent(NUMBER, part_of("clid")),
    ("voipstudio", "Call", "hangupCause"): Sent(["User busy"], conditions(("t_cause", "eq", "User busy"))),
    ("voipstudio", "Recording", "direction"): Sent(["OUTBOUND"], conditions(("type", "eq", "O"))),
    ("voipstudio", "Recording", "userId"): Sent(["1004567"], conditions(("user_id", "eq", 1_004_567))),
    ("voipstudio", "Voicemessage", "dialedNumber"): Sent(NUMBER, part_of("dialled")),
    ("voipstudio", "Call", "durationSeconds"): Sent(LENGTH, conditions(("duration", "gte", 20), ("duration", "lte", 90))),
    ("voipstudio", "Call", "talkSeconds"): Sent(LENGTH, conditions(("billsec", "gte", 20), ("billsec", "lte", 90))),
    ("voipstudio", "Call", "userId"): Sent(["1004567"], conditions(("user_id", "eq", 1_004_567))),
    ("voipstudio", "Call", "sessionId"): Sent(None, lambda given, value: conditions(("root_live_id", "eq", int(value[0])))(given, value)),
    ("voipstudio", "Recording", "startedAt"): Sent(RANGE, bounds("timestamp")),
    ("voipstudio", "Recording", "durationSeconds"): Sent(LENGTH, conditions(("duration", "gte", 20), ("duration", "lte", 90))),
    ("voipstudio", "Recording", "number"): Sent(NUMBER, part_of("caller", "called")),
    ("voipstudio", "Recording", "from"): Sent(NUMBER, part_of("caller")),
    ("voipstudio", "Recording", "to"): Sent(NUMBER, part_of("called")),
    ("voipstudio", "Voicemessage", "receivedAt"): Sent(RANGE, bounds("origtime")),
    ("voipstudio", "Voicemessage", "from"): Sent(NUMBER, part_of("caller")),
    ("voipstudio", "Voicemessage", "mailbox"): Sent(["8113"], conditions(("extension_id", "eq", 8113))),
    ("voipstudio", "Voicemessage", "folder"): Sent(["1"], conditions(("folder", "eq", 1))),
    ("voipstudio", "Voicemessage", "isRead"): Sent(True, conditions(("is_new", "eq", False))),
    ("voipstudio", "Voicemessage", "durationSeconds"): Sent(LENGTH, conditions(("duration", "gte", 20), ("duration", "lte", 90))),
    ("voipstudio", "Chat", "startedAt"): Sent(RANGE, bounds("created_at")),
    ("voipstudio", "Chat", "durationSeconds"): Sent(LENGTH, conditions(("duration", "gte", 20), ("duration", "lte", 90))),
    ("voipstudio", "Chat", "state"): Sent(["3"], conditions(("state", "eq", 3))),
    ("voipstudio", "Chat", "operatorId"): Sent(["1004568"], conditions(("operator_id", "eq", 1_004_568))),
    ("voipstudio", "Chat", "websiteId"): Sent(["5501"], conditions(("website_id", "eq", 5501))),
    ("voipstudio", "Transaction", "performedAt"): Sent(RANGE, bounds("created_at")),
    ("voipstudio", "Transaction", "type"): Sent(["refund"], conditions(("type", "eq", "refund"))),
    ("voipstudio", "MediaSession", "startedAt"): Sent(RANGE, bounds("created_at")),
    ("voipstudio", "MediaSession", "durationSeconds"): Sent(LENGTH, conditions(("duration", "gte", 20), ("duration", "lte", 90))),
    ("voipstudio", "MediaSession", "userId"): Sent(["1004567"], conditions(("user_id", "eq", 1_004_567))),
    ("voximplant", "Call", "startedAt"): Sent(RANGE, span("from_date", "to_date")),
    ("voximplant", "Call", "sessionId"): Sent(None, either("call_session_history_id")),
    ("voximplant", "Call", "userId"): Sent(["661884", "661885"], either("user_id")),
    ("voximplant", "Call", "durationSeconds"): Sent(LENGTH, form("min_duration", "20")),
    ("voximplant", "Call", "applicationName"): Sent(["secure.acme"], either("application_name")),
    ("voximplant", "Call", "accountId"): Sent(["1"], form("children_calls_only", "false")),
    ("voximplant", "Session", "accountId"): Sent(["1"], form("children_calls_only", "false")),
    ("voximplant", "Transaction", "accountId"): Sent(["1"], form("children_transactions_only", "false")),
    ("voximplant", "Transaction", "hasUser"): Sent(True, form("users_transactions_only", "true")),
    ("voximplant", "Call", "applicationId"): Sent(["5"], form("application_id", "5")),
    ("voximplant", "Session", "applicationId"): Sent(["5"], form("application_id", "5")),
    ("voximplant", "QueueVisit", "requestId"): Sent(["a", "b"], either("acd_request_id")),
    ("voximplant", "QueueVisit", "outcome"): Sent(["ABANDONED"], form("unserviced", "true")),
    ("voximplant", "QueueVisit", "waitSeconds"): Sent(LENGTH, form("min_waiting_time", "20")),
    ("voximplant", "QueueVisit", "wasHungUpByAgent"): Sent(True, form("operator_hangup", "true")),
    ("voximplant", "AuditEntry", "actorId"): Sent(["31"], form("filtered_admin_user_id", "31")),
    ("voximplant", "AuditEntry", "relatedTo"): Sent("152", form("advanced_filters")),
    ("voximplant", "Report", "status"): Sent(["DONE", "FAILED"], form("is_completed", "true")),
    ("voximplant", "Call", "customData"): Sent(["crm:4711"], either("call_session_history_custom_data")),
    **{
        ("voximplant", kind, name): Sent({"equals": ["+41446681800"]}, one_of_two("remote_number", "local_number"))
        for kind, name in (("Session", "number"), *product(("Call", "Recording"), ("number", "from", "to")))
    },
    ("voximplant", "Session", "startedAt"): Sent(RANGE, span("from_date", "to_date")),
    ("voximplant", "Session", "userId"): Sent(["661884", "661885"], either("user_id")),
    ("voximplant", "Session", "applicationName"): Sent(["secure.acme"], either("application_name")),
    ("voximplant", "Session", "customData"): Sent(["crm:4711"], either("call_session_history_custom_data")),
    ("voximplant", "Recording", "startedAt"): Sent(RANGE, span("from_date", "to_date")),
    ("voximplant", "QueueVisit", "enteredAt"): Sent(RANGE, span("from_date", "to_date")),
    ("voximplant", "QueueVisit", "queueId"): Sent(None, either("acd_queue_id")),
    ("voximplant", "QueueVisit", "agentId"): Sent(["661884"], either("user_id")),
    ("voximplant", "Transaction", "performedAt"): Sent(RANGE, span("from_date", "to_date")),
    ("voximplant", "Transaction", "type"): Sent(["gift", "refund"], either("transaction_type")),
    ("voximplant", "Transaction", "kind"): Sent(["REFUND"], form("transaction_type", "refund;subscription_cancel")),
    ("voximplant", "Transaction", "userId"): Sent(["661884"], either("user_id")),
    ("voximplant", "Transaction", "isPending"): Sent(True, form("is_uncommitted", "true")),
    ("voximplant", "AuditEntry", "performedAt"): Sent(RANGE, span("from_date", "to_date")),
    ("voximplant", "AuditEntry", "command"): Sent(["AddUser", "DelUser"], either("filtered_cmd")),
    ("voximplant", "AuditEntry", "ip"): Sent(["192.168.0.12"], either("filtered_ip")),
    ("voximplant", "Report", "createdAt"): Sent(RANGE, span("created_from", "created_to")),
    ("voximplant", "Report", "kind"): Sent(["AUDIT", "CALL_LIST"], form("history_type", "audit;call_list")),
}
# These need something beside them, or change which collection is read.
OTHERWISE = {("voipstudio", "Call", "isTracked"), ("voximplant", "Call", "ruleName"), ("voximplant", "Session", "ruleName")}


def asked(world: World, plugin: str, kind: str, filter: Row) -> list[Row]:
    """What the upstream was asked for a list under a filter."""
    world.forget()
    root, input = KINDS[kind].root, KINDS[kind].filter
    world.ask(
        f"query ($filter: {input}) {{ {root}(first: 5, filter: $filter) {{ nodes {{ id }} }} }}", filter={"providers": [plugin]} | filter
    )
    found = world.upstreams[plugin].journal()
    assert found
    assert [name for name, upstream in world.upstreams.items() if name != plugin and upstream.journal()] == []
    return found


def test_the_table_names_exactly_what_is_declared(shared: World) -> None:
    declared = {
        (provider["name"], capability["kind"], filter["name"])
        for provider in shared.ask(DECLARED)["providers"]
        for capability in provider["capabilities"]
        for filter in capability["filters"]
        if filter["support"] in ("EXACT", "SUPERSET")
    }
    assert declared == PUSHED.keys() | OTHERWISE


@pytest.mark.parametrize(("plugin", "kind", "name"), PUSHED, ids=map("-".join, PUSHED))
def test_a_declared_filter_reaches_the_upstream(shared: World, plugin: str, kind: str, name: str) -> None:
    value, holds = PUSHED[plugin, kind, name]
    meant = value
    if value is None:
        ids, natives = linked(shared, name, expected(shared, kind, providers=[plugin]))
        value = ids[:1] if plugin == "voipstudio" else ids[:2]
        meant = [natives[id] for id in value]
    if value is NUMBER:
        asked(shared, plugin, kind, {name: OTHER_NUMBER})
    entries = asked(shared, plugin, kind, {name: value})
    # A request that goes on from a position has a bound of its own; windows must all lie in the range.
    for entry in entries[:1] if value is RANGE and plugin != "boxis" else entries:
        assert holds(entry["parameters"], meant), entry


def test_tracked_calls_are_read_from_their_own_collection(shared: World) -> None:
    assert {entry["operation"] for entry in asked(shared, "voipstudio", "Call", {"isTracked": True})} == {"GET /cdrs/calltracking"}
    assert "GET /cdrs" in {entry["operation"] for entry in asked(shared, "voipstudio", "Call", {"isTracked": False})}


@pytest.mark.parametrize("kind", ["Call", "Session"])
def test_a_rule_is_asked_for_beside_an_application_only(shared: World, kind: str) -> None:
    """Without an application Voximplant ignores the rule: sending it would be a lie in the journal."""
    alone = asked(shared, "voximplant", kind, {"ruleName": ["campaign"]})
    beside = asked(shared, "voximplant", kind, {"ruleName": ["campaign"], "applicationName": ["support.acme"]})
    assert all("rule_name" not in entry["parameters"] for entry in alone)
    assert [entry["parameters"]["rule_name"] for entry in beside] == ["campaign"] * len(beside)


def test_nothing_of_the_credentials_is_in_a_journal(shared: World) -> None:
    for upstream in shared.upstreams.values():
        upstream.forget()
    shared.ask("{ calls(first: 3) { nodes { id } } }")
    for upstream in shared.upstreams.values():
        text = json.dumps(upstream.client.get(f"{upstream.origin}/_sandbox/requests").json()).lower()
        assert not [word for word in ("api_key", "authcode", "password", "bearer", "x-auth") if word in text]
