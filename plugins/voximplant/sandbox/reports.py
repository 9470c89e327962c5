"""Reports: history reports, which are not there at once - asked for once they are in progress, asked for again they are done."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.responses import Response

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox.queries import WindowQuery
from telegraphql.plugins.voximplant.sandbox.question import Question, written
from telegraphql.plugins.voximplant.sandbox.refused import (
    FILE_NOT_FOUND,
    INVALID_HISTORY_TYPE,
    INVALID_REPORT_ID,
    REPORT_FAILED,
    REPORT_IN_PROGRESS,
    REPORT_NOT_FOUND,
    ErrorReply,
)
from telegraphql.plugins.voximplant.sandbox.store import Books

TYPES = frozenset({"calls", "calls_brief", "transactions", "audit", "call_list", "transactions_on_hold"})
KEPT = timedelta(days=7)
POLLS = 2


@dataclass(slots=True)
class ReportJob:
    """A report that was asked for: its file is written when it is done."""

    write: Callable[[], bytes]
    zone: str
    polls: int = 0


class Reports:
    """The life of reports."""

    def __init__(self, current_time: Callable[[], datetime]) -> None:
        self.current_time = current_time
        self.jobs: dict[int, ReportJob] = {}
        self.files: dict[int, bytes] = {}

    def start(self, books: Books, kind: str, filters: Row, job: ReportJob) -> int:
        """A new report, in progress."""
        number = books.reports.next_id
        created = written(self.current_time())
        books.reports.add({"history_report_id": number, "history_type": kind, "created": created, "format": "csv", "filters": filters})
        self.jobs[number] = job
        return number

    def listed(self, books: Books, question: Question) -> tuple[list[Row], int]:
        """The reports a question wants; asking moves those in progress on."""
        kinds = question.words("history_type") or ["calls"]
        if kinds != ["all"] and not TYPES.issuperset(kinds):
            raise ErrorReply(INVALID_HISTORY_TYPE, "The 'history_type' parameter is invalid.")
        completed = question.maybe_flag("is_completed")
        query = WindowQuery(
            tables=[books.reports],
            window=_window(question),
            ids=question.ids("history_report_id", INVALID_REPORT_ID),
            keep=lambda row: (kinds == ["all"] or row["history_type"] in kinds) and completed in (None, "completed" in row),
            newest_first=question.flag("desc_order"),
        )
        count, offset = question.slice()
        found, total = query.found(count, offset, True)
        for row in found:
            self._move_on(row)
        return found, total or 0

    def download(self, books: Books, question: Question, accepted: str) -> Response:
        """The file of a report that is done; audit reports come packed without saying so."""
        number = question.needed("history_report_id")
        row = books.reports.by_id.get(int(number)) if number.isdigit() else None
        if row is None:
            raise ErrorReply(REPORT_NOT_FOUND, "The history report is not found.")
        self._move_on(row)
        if row.get("error"):
            raise ErrorReply(REPORT_FAILED, "The history report generation failed.")
        if "completed" not in row:
            raise ErrorReply(REPORT_IN_PROGRESS, "The history report is in progress.")
        content = self.files.get(row["history_report_id"])
        if content is None or date.fromisoformat(row["store_until"]) < self.current_time().date():
            raise ErrorReply(FILE_NOT_FOUND, "The file is not found.")
        row["download_count"] = row.get("download_count", 0) + 1
        row["last_downloaded"] = written(self.current_time())
        return _packed(content, row["history_type"] == "audit", "gzip" in accepted)

    def complete(self, row: Row, content: bytes, zone: str, at: datetime) -> None:
        """Finish a report."""
        lines = max(0, content.count(b"\n") - 1)
        of_money = row["history_type"] == "transactions"
        row |= {
            "completed": written(at),
            "file_name": f"{row['history_type']}_history_{at:%Y-%m-%d}_({lines}).csv",
            "file_size": len(content),
            "download_size": len(gzip.compress(content, mtime=0)),
            "download_count": 0,
            "store_until": str((at + KEPT).date()),
            "calculated_data": {"transaction_count" if of_money else "session_count": lines, "timezone": zone},
        }
        self.files[row["history_report_id"]] = content

    def _move_on(self, row: Row) -> None:
        job = self.jobs.get(row["history_report_id"])
        if job is None:
            return
        job.polls += 1
        if job.polls >= POLLS:
            del self.jobs[row["history_report_id"]]
            self.complete(row, job.write(), job.zone, self.current_time())


def _window(question: Question) -> tuple[str, str]:
    """The bounds of creation, which have no default."""
    if not question.given.get("created_from") and not question.given.get("created_to"):
        return "", "9"
    first, last = question.window("created_from", "created_to")
    return first if question.given.get("created_from") else "", last


def _packed(content: bytes, silently: bool, accepted: bool) -> Response:
    packed = gzip.compress(content, mtime=0)
    if silently:
        return Response(packed, media_type="application/octet-stream")
    if accepted:
        return Response(packed, media_type="application/octet-stream", headers={"content-encoding": "gzip"})
    return Response(content, media_type="application/octet-stream")
