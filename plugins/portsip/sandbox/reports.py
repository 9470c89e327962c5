"""Orders: report schedules as the simulated PBX takes them, and the reports that come of them."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox.data import micros_of
from telegraphql.plugins.portsip.sandbox.files import FileRows
from telegraphql.plugins.portsip.sandbox.queries import micros
from telegraphql.plugins.portsip.sandbox.tables import CdrTable
from telegraphql.plugins.portsip.sandbox.words import FILTER_WORDS, FORMATS, RANGES, TYPES

CRON = re.compile(r"[\d*/,\-A-Za-z]+( [\d*/,\-A-Za-z]+){4}")
REQUIRED = ("name", "type", "email", "format", "range", "filter")


def complaint(given: Any, now: Row | None = None) -> str | None:
    """The first field of a body that the PBX refuses; `now` is the schedule to change."""
    if not isinstance(given, Mapping):
        return "body"
    missing = next((name for name in REQUIRED if now is None and name not in given), None)
    if missing or (now is not None and "type" in given):
        return missing or "type"
    whole = {**(now or {}), **given}
    checks = {
        "name": isinstance(whole["name"], str) and whole["name"] != "",
        "type": whole["type"] in TYPES,
        "email": isinstance(whole["email"], str) and "@" in whole["email"] and len(whole["email"]) <= 128,
        "format": whole["format"] in FORMATS,
        "range": whole["range"] in RANGES,
        "started_at": _period(given, whole),
        "cron_expr": not given.get("cron_expr") or CRON.fullmatch(given["cron_expr"]) is not None,
        "filter": _filter(whole["filter"], whole["type"]),
    }
    return next((name for name, good in checks.items() if not good), None)


def _period(given: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    if whole["range"] != "CUSTOM":
        return not given.get("started_at") and not given.get("ended_at")
    try:
        return micros(whole["started_at"]) < micros(whole["ended_at"])
    except (KeyError, ValueError, TypeError):
        return False


def _filter(wanted: Any, kind: str) -> bool:
    if not isinstance(wanted, Mapping):
        return False
    return all(wanted[name] in words if name in wanted else kind != "NORMAL" for name, words in FILTER_WORDS.items())


@dataclass(slots=True)
class Orders:
    """Takes orders and, `seconds` later, delivers the reports of those that are for now."""

    schedules: CdrTable
    reports: CdrTable
    files: FileRows
    current_time: Callable[[], datetime]
    seconds: float = 2.0
    due: list[tuple[float, str]] = field(default_factory=list)

    def create(self, key: str, given: Mapping[str, Any]) -> Row:
        """A new schedule; without a crontab expression it runs at once."""
        once = not given.get("cron_expr")
        row = {"started_at": "", "ended_at": "", "cron_expr": "", **given, "id": key, "status": "RUNNING" if once else "SCHEDULED"}
        if once:
            self.due.append((time.monotonic() + self.seconds, key))
        return self.schedules.insert(row)

    def change(self, row: Row, given: Mapping[str, Any]) -> None:
        """New values; leaving the custom range forgets its days."""
        row.update(given)
        if row["range"] != "CUSTOM":
            row.update(started_at="", ended_at="")

    def deliver(self) -> None:
        """Finish what is due."""
        now = time.monotonic()
        ready = [key for moment, key in self.due if moment <= now]
        self.due = [each for each in self.due if each[0] > now]
        for row in filter(None, map(self.schedules.find, ready)):
            row["status"] = "SCHEDULED"
            self.reports.insert(self.files.report(row["name"], row["type"], row["format"], micros_of(self.current_time())))
