"""Proofs for PortSIP: histories, report schedules and finished reports."""

import csv
import time

from tests.endtoend.proofs import DELETE, Proof, asking, done, gets, gone, ids, lists, node, truth
from tests.endtoend.world import Row, Upstream, World

CREATE = """mutation ($input: CreateReportScheduleInput!) { createReportSchedule(input: $input) {
  succeededIds problems { code } reportSchedule { id nativeId name type status email format range from to cron
    calls { from { kind value } to { kind value } isAnswered ringSeconds { min max } talkSeconds { min max } } } } }"""
UPDATE = """mutation ($input: UpdateReportScheduleInput!) { updateReportSchedule(input: $input) {
  succeededIds problems { code } reportSchedule { id name type range email } } }"""
REPORTS = '{ reports(first: 100, filter: {providers: ["portsip"]}) { nodes { id nativeId name kind status media { url } } } }'
EVERY_MONDAY: Row = {
    "name": "Mondays",
    "type": "CALLS",
    "email": "boss@example.com",
    "format": "CSV",
    "range": "CUSTOM",
    "from": "2026-01-01T00:00:00Z",
    "to": "2026-02-01T01:00:00+01:00",
    "cron": "0 7 * * 1",
    "calls": {"from": {"kind": "NUMBER", "value": "101"}, "isAnswered": True, "talkSeconds": {"min": 60}},
}
ONCE = {"name": "Once", "type": "QUEUE_CALLBACKS", "email": "boss@example.com", "format": "HTML", "range": "TODAY"}


def legs_of_a_session(world: World, upstream: Upstream) -> None:
    """The detail of a conversation is its legs, whose costs add up."""
    known, sessions = ids(world, upstream, "Session"), truth(world, upstream, "Session")
    dear = next(each for each in sessions if each.shown["cost"]["amount"] != "0")
    long = max(sessions, key=lambda each: len(each.links["calls"]))
    assert len(long.links["calls"]) > 2
    for wanted in (dear, long):
        with asking(upstream, "GET /cdrs/{id}", 1):
            found = node(world, "Session", known[wanted.native_id], "cost { amount currency } startedAt endedAt")
        assert {name: wanted.shown[name] for name in ("cost", "startedAt", "endedAt")}.items() <= found.items()


def cost_of_a_leg(world: World, upstream: Upstream) -> None:
    wanted = next(each for each in truth(world, upstream, "Call") if each.shown["cost"]["amount"] != "0")
    with asking(upstream, "GET /calllogs/{id}", 1):
        found = node(world, "Call", ids(world, upstream, "Call")[wanted.native_id], "cost { amount currency }")
    assert found["cost"] == wanted.shown["cost"]


def create(world: World, upstream: Upstream) -> None:
    before = upstream.rows("reportSchedules")
    with asking(upstream, "POST /call_reports", 1):
        made = done(world, CREATE, input={"provider": "portsip", **EVERY_MONDAY})
    (new,) = [row for row in upstream.rows("reportSchedules") if row not in before]
    schedule = made["reportSchedule"]
    assert made["succeededIds"] == [schedule["id"]]
    assert (schedule["nativeId"], schedule["status"]) == (new["id"], "SCHEDULED")
    calls = EVERY_MONDAY["calls"] | {"to": {"kind": "ANY", "value": None}, "ringSeconds": None, "talkSeconds": {"min": 60, "max": None}}
    assert {name: schedule[name] for name in EVERY_MONDAY} == EVERY_MONDAY | {"to": "2026-02-01T00:00:00Z", "calls": calls}
    assert new["type"] == "NORMAL"
    assert {name: new[name] for name in ("name", "email", "format", "range", "cron_expr", "filter")} == {
        **{name: EVERY_MONDAY[name] for name in ("name", "email", "format", "range")},
        "filter": {
            "from": "NUMBER",
            "from_value": "101",
            "to": "ANY",
            "answer_state": "ANSWERED",
            "duration": "TALK_DURATION",
            "duration_from": 60,
        },
        "cron_expr": "0 7 * * 1",
    }
    assert (new["started_at"], new["ended_at"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")


def runs_once(world: World, upstream: Upstream) -> None:
    """Without a crontab expression the report is made at once and becomes a finished one."""
    before = len(upstream.rows("reports"))
    with asking(upstream, "POST /call_reports", 1):
        done(world, CREATE, input={"provider": "portsip", **ONCE})
    deadline = time.monotonic() + 10
    while len(world.ask(REPORTS)["reports"]["nodes"]) == before and time.monotonic() < deadline:
        time.sleep(0.2)
    newest: Row = world.ask(REPORTS)["reports"]["nodes"][0]
    assert (newest["name"], newest["kind"], newest["status"]) == ("Once", "QUEUES", "DONE")
    assert world.fetch(newest["media"]["url"]).content.startswith(b"<!doctype html>\n<title>QUEUE_CALLBACKS")


def update(world: World, upstream: Upstream) -> None:
    before = upstream.rows("reportSchedules")
    row = next(row for row in before if row["range"] == "CUSTOM")
    with asking(upstream, "POST /call_reports/{id}", 1):
        id = ids(world, upstream, "ReportSchedule")[row["id"]]
        made = done(world, UPDATE, input={"id": id, "range": "LAST_WEEK", "email": "new@example.com"})
    assert made["reportSchedule"]["email"] == "new@example.com"
    changed = row | {"range": "LAST_WEEK", "email": "new@example.com", "started_at": "", "ended_at": ""}
    assert upstream.rows("reportSchedules") == [changed if each["id"] == row["id"] else each for each in before]


def destroys(kind: str, root: str, command: str, operation: str) -> Proof:
    def run(world: World, upstream: Upstream) -> None:
        before, known = upstream.rows(root), ids(world, upstream, kind)
        first, second = list(known)[1:3]
        with asking(upstream, operation, 2):
            made = done(world, DELETE % command, ids=[known[first], known[second]])
        assert made["succeededIds"] == [known[first], known[second]]
        gone(before, upstream.rows(root), first, second)
        assert set(ids(world, upstream, kind)) == known.keys() - {first, second}

    return Proof(command, run, changes=True)


def file_of_a_report(world: World, upstream: Upstream) -> None:
    """The blob behind file_url: whole, under the report's name, and nothing of its address."""
    reports = {node["nativeId"]: node for node in world.ask(REPORTS)["reports"]["nodes"]}
    row = next(row for row in upstream.rows("reports") if row["format"] == "CSV" and row["file_size"])
    with asking(upstream, "GET /blobs/{digest}", 1):
        answer = world.fetch(reports[row["id"]]["media"]["url"])
    assert len(answer.content) == row["file_size"]
    assert next(csv.reader(answer.text.splitlines())) == ["Extension", "Calls", "Talk time"]
    assert row["file_name"] in answer.headers["content-disposition"]


PROOFS: dict[str, list[Proof]] = {
    "GET /api/cdrs": [lists("Session", "GET /cdrs")],
    "GET /api/cdrs/{id}": [Proof("legs", legs_of_a_session)],
    "GET /api/calllogs": [lists("Call", "GET /calllogs")],
    "GET /api/calllogs/{id}": [gets("Call", "GET /calllogs/{id}"), Proof("cost", cost_of_a_leg)],
    "GET /api/call_reports": [lists("ReportSchedule", "GET /call_reports")],
    "POST /api/call_reports": [Proof("by crontab", create, changes=True), Proof("once", runs_once, changes=True)],
    "GET /api/call_reports/{id}": [gets("ReportSchedule", "GET /call_reports/{id}", "email range format nativeFilter")],
    "POST /api/call_reports/{id}": [Proof("update", update, changes=True)],
    "POST /api/call_reports/{id}/destroy": [
        destroys("ReportSchedule", "reportSchedules", "deleteReportSchedules", "POST /call_reports/{id}/destroy")
    ],
    "GET /api/completed_call_reports": [lists("Report", "GET /completed_call_reports")],
    "GET /api/completed_call_reports/{id}": [gets("Report", "GET /completed_call_reports/{id}"), Proof("file_url", file_of_a_report)],
    "POST /api/completed_call_reports/{id}/destroy": [
        destroys("Report", "reports", "deleteReports", "POST /completed_call_reports/{id}/destroy")
    ],
}
