"""Report schedules of the simulated PBX, and the reports that they produce."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox.data import to_micros
from telegraphql.plugins.portsip.sandbox.files import FileRecordGenerator
from telegraphql.plugins.portsip.sandbox.queries import parse_micros
from telegraphql.plugins.portsip.sandbox.sample_values import FILTER_VALUES, FORMATS, RANGES, TYPES
from telegraphql.plugins.portsip.sandbox.store import CdrTable

CRON = re.compile(r"[\d*/,\-A-Za-z]+( [\d*/,\-A-Za-z]+){4}")
REQUIRED = ("name", "type", "email", "format", "range", "filter")


def invalid_field(body: Any, schedule: Row | None = None) -> str | None:
    """Return the first invalid field of a body, or None. `schedule` is the schedule to change."""
    if not isinstance(body, Mapping):
        return "body"
    missing = next((name for name in REQUIRED if schedule is None and name not in body), None)
    if missing or (schedule is not None and "type" in body):
        return missing or "type"
    merged = {**(schedule or {}), **body}
    checks = {
        "name": isinstance(merged["name"], str) and merged["name"] != "",
        "type": merged["type"] in TYPES,
        "email": isinstance(merged["email"], str) and "@" in merged["email"] and len(merged["email"]) <= 128,
        "format": merged["format"] in FORMATS,
        "range": merged["range"] in RANGES,
        "started_at": _is_valid_period(body, merged),
        "cron_expr": not body.get("cron_expr") or CRON.fullmatch(body["cron_expr"]) is not None,
        "filter": _is_valid_filter(merged["filter"], merged["type"]),
    }
    return next((name for name, is_valid in checks.items() if not is_valid), None)


def _is_valid_period(body: Mapping[str, Any], merged: Mapping[str, Any]) -> bool:
    if merged["range"] != "CUSTOM":
        return not body.get("started_at") and not body.get("ended_at")
    try:
        return parse_micros(merged["started_at"]) < parse_micros(merged["ended_at"])
    except (KeyError, ValueError, TypeError):
        return False


def _is_valid_filter(conditions: Any, kind: str) -> bool:
    if not isinstance(conditions, Mapping):
        return False
    return all(conditions[name] in allowed if name in conditions else kind != "NORMAL" for name, allowed in FILTER_VALUES.items())


@dataclass(slots=True)
class ReportScheduler:
    """Stores report schedules. `seconds` after a schedule without a crontab expression was created, its report is ready."""

    schedules: CdrTable
    reports: CdrTable
    files: FileRecordGenerator
    current_time: Callable[[], datetime]
    seconds: float = 2.0
    due: list[tuple[float, str]] = field(default_factory=list)

    def create(self, key: str, body: Mapping[str, Any]) -> Row:
        """Add a schedule. Without a crontab expression it runs now."""
        runs_now = not body.get("cron_expr")
        row = {"started_at": "", "ended_at": "", "cron_expr": "", **body, "id": key, "status": "RUNNING" if runs_now else "SCHEDULED"}
        if runs_now:
            self.due.append((time.monotonic() + self.seconds, key))
        return self.schedules.insert(row)

    def change(self, row: Row, body: Mapping[str, Any]) -> None:
        """Change a schedule. A range other than CUSTOM clears its times."""
        row.update(body)
        if row["range"] != "CUSTOM":
            row.update(started_at="", ended_at="")

    def finish_due_reports(self) -> None:
        """Add the reports that are due."""
        now = time.monotonic()
        ready = [key for due_at, key in self.due if due_at <= now]
        self.due = [each for each in self.due if each[0] > now]
        for row in filter(None, map(self.schedules.find, ready)):
            row["status"] = "SCHEDULED"
            self.reports.insert(self.files.report(row["name"], row["type"], row["format"], to_micros(self.current_time())))
