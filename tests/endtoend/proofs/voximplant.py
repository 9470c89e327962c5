"""Proofs for Voximplant: its eight methods, at once and as reports."""

import csv
from typing import Any

from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import listed
from tests.endtoend.proofs import DELETE, Proof, asking, done, gets, ids, lists, node, truth
from tests.endtoend.world import Row, Upstream, World
from tests.support.clock import ago, between

REQUEST = """mutation ($kind: ReportKind!, $filter: ReportRequestFilter) {
  requestReport(input: {provider: "voximplant", kind: $kind, filter: $filter}) {
    report { id nativeId kind status format media { url } } } }"""
SINCE, UNTIL = ago(days=19), ago(days=6)


def report_of(kind: str, method: str, columns: tuple[str, ...], wanted: Any, **parameters: str) -> Proof:
    """A report is asked for, followed to its end, and its file holds exactly the period's rows."""

    def run(world: World, upstream: Upstream) -> None:
        with asking(upstream, method, 1, output="csv", is_async="true", **parameters):
            report = world.ask(REQUEST, kind=kind, filter={"period": between(SINCE, UNTIL)})["requestReport"]["report"]
        assert (report["kind"], report["status"], report["media"]) == (kind, "QUEUED", None)
        with asking(upstream, "GetHistoryReports"):
            finished = ended(world, report["id"])
        assert (finished["kind"], finished["status"], finished["format"]) == (kind, "DONE", "csv")
        with asking(upstream, "DownloadHistoryReport", 1, history_report_id=report["nativeId"]):
            answer = world.fetch(finished["media"]["url"])
        assert "content-encoding" not in answer.headers
        lines = list(csv.DictReader(answer.text.splitlines()))
        assert sorted(tuple(line[column] for column in columns) for line in lines) == sorted(wanted(upstream))
        assert lines

    return Proof(f"report of {kind}", run, changes=True)


def ended(world: World, id: str) -> Row:
    """A report once it is made; the sandbox makes it between the first question and the second."""
    for _ in range(5):
        report: Row = node(world, "Report", id, "kind status format media { url fileName }")
        if report["status"] != "RUNNING":
            return report
    raise AssertionError("the report does not end")


def in_period(moment: str) -> bool:
    """Whether the upstream's bounds hold a moment; the last second belongs to them."""
    return f"{SINCE:%Y-%m-%d %H:%M:%S}" <= moment <= f"{UNTIL:%Y-%m-%d %H:%M:%S}"


def legs(upstream: Upstream) -> list[tuple[str, ...]]:
    sessions = [row for row in upstream.rows("sessions") if in_period(row["start_date"])]
    return [(str(row["call_session_history_id"]), str(call["call_id"])) for row in sessions for call in row["calls"]]


def of_rows(root: str, time: str, *columns: str) -> Any:
    return lambda upstream: [tuple(str(row[name]) for name in columns) for row in upstream.rows(root) if in_period(row[time])]


def held(world: World, upstream: Upstream) -> None:
    with asking(upstream, "GetTransactionHistory", is_uncommitted="true"):
        nodes = listed(world, KINDS["Transaction"], {"providers": ["voximplant"], "isPending": True}, "isPending")
    assert {node["nativeId"] for node in nodes} == {str(row["transaction_id"]) for row in upstream.rows("heldTransactions")}
    assert nodes


def events(world: World, upstream: Upstream) -> None:
    with asking(upstream, "GetACDHistory", with_events="true"):
        nodes = listed(world, KINDS["QueueVisit"], {"providers": ["voximplant"]}, "events { at type agentId customData }")
    wanted = {str(row["acd_session_history_id"]): row.get("events", []) for row in upstream.rows("queueVisits")}
    told = {key: [(each["time"].replace(" ", "T") + "Z", each["type"]) for each in given] for key, given in wanted.items()}
    assert {node["nativeId"]: [(each["at"], each["type"]) for each in node["events"] or ()] for node in nodes} == told
    assert any(told.values())


def delete_by(by: str) -> Proof:
    """The record is gone, and its file; its session, its leg and all other recordings are not."""

    def run(world: World, upstream: Upstream) -> None:
        known, before = ids(world, upstream, "Recording"), truth(world, upstream, "Recording")
        chosen = next(each for each in before if (".call-" in each.native_id) is (by == "record_url") and not each.shown.get("isRemoved"))
        link = node(world, "Recording", known[chosen.native_id], "media { url }")["media"]["url"]
        assert world.fetch(link).status_code == 200
        value = str(chosen.row["record_id"]) if by == "record_id" else chosen.row["record_url"]
        with asking(upstream, "DeleteRecord", 1, **{by: value}):
            made = done(world, DELETE % "deleteRecordings", ids=[known[chosen.native_id]])
        assert made["succeededIds"] == [known[chosen.native_id]]
        left = [each.native_id for each in before if each is not chosen]
        assert [each.native_id for each in truth(world, upstream, "Recording")] == left
        assert list(ids(world, upstream, "Recording")) == left
        assert node(world, "Recording", known[chosen.native_id]) is None
        assert world.fetch(link).status_code == 404
        assert len(ids(world, upstream, "Call")) == len(truth(world, upstream, "Call"))

    return Proof(f"by {by}", run, changes=True)


def download(world: World, upstream: Upstream) -> None:
    """A report that was there already, packed in transit, is counted as downloaded; one that is gone is 404."""
    nodes = listed(world, KINDS["Report"], {"providers": ["voximplant"], "status": ["DONE"]}, "media { url mimeType fileName }")
    before = {str(row["history_report_id"]): row for row in upstream.rows("reports")}
    chosen = next(each for each in nodes if before[each["nativeId"]]["history_type"] == "transactions")
    with asking(upstream, "DownloadHistoryReport", 1):
        answer = world.fetch(chosen["media"]["url"])
    row = next(row for row in upstream.rows("reports") if str(row["history_report_id"]) == chosen["nativeId"])
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.content) == row["file_size"]
    assert answer.text.splitlines()[0].startswith("transaction_id,performed_at,")
    assert row["download_count"] == before[chosen["nativeId"]].get("download_count", 0) + 1
    assert {each["media"] for each in listed(world, KINDS["Report"], {"status": ["FAILED", "RUNNING", "EXPIRED"]}, "media { url }")} == {
        None
    }


PROOFS: dict[str, list[Proof]] = {
    "GetCallHistory": [
        lists("Session", "GetCallHistory"),
        lists("Call", "GetCallHistory", with_calls="true"),
        report_of("CALLS", "GetCallHistory", ("call_session_history_id", "call_id"), legs),
    ],
    "GetBriefCallHistory": [
        report_of(
            "CALLS_BRIEF",
            "GetBriefCallHistory",
            ("call_session_history_id", "start_date"),
            of_rows("sessions", "start_date", "call_session_history_id", "start_date"),
        )
    ],
    "GetTransactionHistory": [
        lists("Transaction", "GetTransactionHistory", is_uncommitted="false"),
        Proof("on hold", held),
        report_of(
            "TRANSACTIONS",
            "GetTransactionHistory",
            ("transaction_id", "transaction_type"),
            of_rows("transactions", "performed_at", "transaction_id", "transaction_type"),
        ),
    ],
    "GetACDHistory": [lists("QueueVisit", "GetACDHistory", with_events="false"), Proof("with events", events)],
    "GetAuditLog": [
        lists("AuditEntry", "GetAuditLog"),
        gets("AuditEntry", "GetAuditLog"),
        report_of("AUDIT", "GetAuditLog", ("audit_log_id", "cmd_name"), of_rows("auditEntries", "requested", "audit_log_id", "cmd_name")),
    ],
    "GetHistoryReports": [lists("Report", "GetHistoryReports"), gets("Report", "GetHistoryReports")],
    "DownloadHistoryReport": [Proof("of a finished report", download, changes=True)],
    "DeleteRecord": [delete_by("record_id"), delete_by("record_url")],
}
