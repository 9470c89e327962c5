"""History reports: in progress when requested, done when polled again."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.responses import Response

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox.api_request import ApiRequest, format_time
from telegraphql.plugins.voximplant.sandbox.errors import (
    FILE_NOT_FOUND,
    INVALID_HISTORY_TYPE,
    INVALID_REPORT_ID,
    REPORT_FAILED,
    REPORT_IN_PROGRESS,
    REPORT_NOT_FOUND,
    ErrorReply,
)
from telegraphql.plugins.voximplant.sandbox.queries import WindowQuery
from telegraphql.plugins.voximplant.sandbox.store import AccountStore

TYPES = frozenset({"calls", "calls_brief", "transactions", "audit", "call_list", "transactions_on_hold"})
RETENTION = timedelta(days=7)
POLLS_UNTIL_DONE = 2


@dataclass(slots=True)
class ReportJob:
    """A requested report. `write` makes its file when it is done."""

    write: Callable[[], bytes]
    zone: str
    polls: int = 0


class ReportStore:
    """The reports and their files."""

    def __init__(self, current_time: Callable[[], datetime]) -> None:
        self.current_time = current_time
        self.jobs: dict[int, ReportJob] = {}
        self.files: dict[int, bytes] = {}

    def start(self, store: AccountStore, kind: str, filters: Row, job: ReportJob) -> int:
        """Start a report and return its id."""
        number = store.reports.next_id
        created = format_time(self.current_time())
        store.reports.add({"history_report_id": number, "history_type": kind, "created": created, "format": "csv", "filters": filters})
        self.jobs[number] = job
        return number

    def list_reports(self, store: AccountStore, api_request: ApiRequest) -> tuple[list[Row], int]:
        """Return the matching reports and their total number. Listing advances those in progress."""
        kinds = api_request.words("history_type") or ["calls"]
        if kinds != ["all"] and not TYPES.issuperset(kinds):
            raise ErrorReply(INVALID_HISTORY_TYPE, "The 'history_type' parameter is invalid.")
        completed = api_request.optional_flag("is_completed")
        query = WindowQuery(
            tables=[store.reports],
            window=_creation_window(api_request),
            ids=api_request.ids("history_report_id", INVALID_REPORT_ID),
            row_filter=lambda row: (kinds == ["all"] or row["history_type"] in kinds) and completed in (None, "completed" in row),
            newest_first=api_request.flag("desc_order"),
        )
        count, offset = api_request.slice()
        rows, total = query.run(count, offset, True)
        for row in rows:
            self._advance(row)
        return rows, total or 0

    def download(self, store: AccountStore, api_request: ApiRequest, accepted: str) -> Response:
        """Return the file of a finished report. Audit reports are gzipped without a header that says so."""
        number = api_request.required_text("history_report_id")
        row = store.reports.by_id.get(int(number)) if number.isdigit() else None
        if row is None:
            raise ErrorReply(REPORT_NOT_FOUND, "The history report is not found.")
        self._advance(row)
        if row.get("error"):
            raise ErrorReply(REPORT_FAILED, "The history report generation failed.")
        if "completed" not in row:
            raise ErrorReply(REPORT_IN_PROGRESS, "The history report is in progress.")
        content = self.files.get(row["history_report_id"])
        if content is None or date.fromisoformat(row["store_until"]) < self.current_time().date():
            raise ErrorReply(FILE_NOT_FOUND, "The file is not found.")
        row["download_count"] = row.get("download_count", 0) + 1
        row["last_downloaded"] = format_time(self.current_time())
        return _file_response(content, row["history_type"] == "audit", "gzip" in accepted)

    def complete(self, row: Row, content: bytes, zone: str, time: datetime) -> None:
        """Finish a report."""
        lines = max(0, content.count(b"\n") - 1)
        is_transactions = row["history_type"] == "transactions"
        row |= {
            "completed": format_time(time),
            "file_name": f"{row['history_type']}_history_{time:%Y-%m-%d}_({lines}).csv",
            "file_size": len(content),
            "download_size": len(gzip.compress(content, mtime=0)),
            "download_count": 0,
            "store_until": str((time + RETENTION).date()),
            "calculated_data": {"transaction_count" if is_transactions else "session_count": lines, "timezone": zone},
        }
        self.files[row["history_report_id"]] = content

    def _advance(self, row: Row) -> None:
        job = self.jobs.get(row["history_report_id"])
        if job is None:
            return
        job.polls += 1
        if job.polls >= POLLS_UNTIL_DONE:
            del self.jobs[row["history_report_id"]]
            self.complete(row, job.write(), job.zone, self.current_time())


def _creation_window(api_request: ApiRequest) -> tuple[str, str]:
    """Return the bounds of the creation time, unbounded by default."""
    if not api_request.values.get("created_from") and not api_request.values.get("created_to"):
        return "", "9"
    start, end = api_request.window("created_from", "created_to")
    return start if api_request.values.get("created_from") else "", end


def _file_response(content: bytes, hidden: bool, accepted: bool) -> Response:
    compressed = gzip.compress(content, mtime=0)
    if hidden:
        return Response(compressed, media_type="application/octet-stream")
    if accepted:
        return Response(compressed, media_type="application/octet-stream", headers={"content-encoding": "gzip"})
    return Response(content, media_type="application/octet-stream")
