"""Check report: the results of `telegraphql check`, for terminals and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from rich.markup import escape
from rich.table import Column, Table

from telegraphql import __version__

PLURALS = {"list": "lists", "order": "orders", "filter": "filters", "count": "counts", "file": "files"}


class Result(StrEnum):
    """The result of one check. `skipped`: there was nothing to try it with."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of a provider.

    Attributes:
        check: what was tried: plugin, connection, sign-in, clock, list, order, filter, count, file or hint.
        subject: the kind, or the kind and the field, such as "Call.number"; empty if it is about the provider.
        code: the problem code, if it failed.
        cause: why there is no connection: the name of a member of `ConnectionCause`.
        message: what happened.
        advice: what to change.
    """

    check: str
    result: Result
    subject: str = ""
    code: str = ""
    cause: str = ""
    message: str = ""
    advice: str = ""

    @property
    def text(self) -> str:
        """Return the message and the advice."""
        return "; ".join(filter(None, (self.message, self.advice)))


@dataclass(slots=True)
class ProviderChecks:
    """All checks of one provider."""

    provider: str
    plugin: str
    checks: list[CheckResult] = field(default_factory=list)

    @property
    def is_ok(self) -> bool:
        """Return True if nothing failed."""
        return all(each.result is not Result.FAILED for each in self.checks)

    def of(self, result: Result) -> list[CheckResult]:
        """Return the checks with this result."""
        return [each for each in self.checks if each.result is result]


def as_json(reports: Sequence[ProviderChecks], warnings: Sequence[str]) -> dict[str, Any]:
    """Return the report as `telegraphql check --json` prints it."""
    providers = [
        {"provider": each.provider, "plugin": each.plugin, "ok": each.is_ok, "checks": [asdict(check) for check in each.checks]}
        for each in reports
    ]
    return {"version": __version__, "ok": all(each.is_ok for each in reports), "warnings": [*warnings], "providers": providers}


def as_table(reports: Sequence[ProviderChecks]) -> Table:
    """Return a table: for each provider what works in one row, then a row for each other check."""
    table = Table("provider", "state", "what was checked", Column("what to do", min_width=24))
    for report in reports:
        for index, (state, checked, text) in enumerate(_rows(report)):
            table.add_row(_title(report) if index == 0 else "", state, checked, escape(text))
    return table


def _title(report: ProviderChecks) -> str:
    is_named_after_it = report.plugin in report.provider
    return escape(report.provider if is_named_after_it else f"{report.provider} ({report.plugin})")


def _rows(report: ProviderChecks) -> Iterator[tuple[str, str, str]]:
    if works := report.of(Result.OK):
        yield "ok", summary(works), ""
    for check in (*report.of(Result.FAILED), *report.of(Result.WARNING)):
        state = (check.code or "failed") if check.result is Result.FAILED else check.result.value
        yield state, f"{check.check} {check.subject}".strip(), check.text
    if skipped := report.of(Result.SKIPPED):
        yield "skipped", summary(skipped), "; ".join(dict.fromkeys(each.message for each in skipped))


def summary(checks: Sequence[CheckResult]) -> str:
    """Return checks in words, such as "sign-in, 3 lists"."""
    counts = Counter(each.check for each in checks)
    return ", ".join(name if count == 1 else f"{count} {PLURALS.get(name, name)}" for name, count in counts.items())
