"""Report schedules as the PBX accepts them, validated before a request is sent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from cronsim import CronSim, CronSimError

from telegraphql.plugin import BadInput
from telegraphql.plugins.portsip.report_calls import report_filter
from telegraphql.plugins.portsip.schedule_codes import SCHEDULE_FORMAT, SCHEDULE_RANGE, SCHEDULE_TYPE
from telegraphql.schema import ReportSchedule

WORDS: dict[Enum, str] = {value: word for table in (SCHEDULE_TYPE, SCHEDULE_RANGE, SCHEDULE_FORMAT) for word, value in table.items()}
UPSTREAM_NAMES = {"from": "started_at", "to": "ended_at", "cron": "cron_expr"}
MAX_EMAIL = 128


def request_body(input: Mapping[str, Any], existing: ReportSchedule | None = None) -> dict[str, Any]:
    """Return the body of the request. `existing` is the schedule to update.

    Raises:
        BadInput: A value is invalid; the message names its field.
    """
    changes = {name: _word(name, value) for name, value in input.items() if value is not None}
    kind = existing.native_type if existing else changes.get("type", "")
    calls, native = changes.pop("calls", None), changes.pop("nativeFilter", None)
    if existing is None or calls is not None or native is not None:
        changes["filter"] = report_filter(calls, native, kind)
    _require_text("name", changes, existing)
    _check_email(changes, existing)
    _check_period(changes, existing)
    _check_cron(changes.get("cron"))
    return {UPSTREAM_NAMES.get(name, name): _format(value) for name, value in changes.items()}


def _word(name: str, value: Any) -> Any:
    """Return the PBX's word for a value of the schema; other values stay."""
    if not isinstance(value, Enum):
        return value
    if value not in WORDS:
        raise BadInput(f"`{name}` must not be {value.value}")
    return WORDS[value]


def _require_text(name: str, changes: Mapping[str, Any], existing: ReportSchedule | None) -> None:
    if not (changes.get(name, existing and getattr(existing, name)) or "").strip():
        raise BadInput(f"`{name}` must not be empty")


def _check_email(changes: Mapping[str, Any], existing: ReportSchedule | None) -> None:
    email = changes.get("email", "" if existing is None else "@")
    if "@" not in email or len(email) > MAX_EMAIL:
        raise BadInput(f"`email` must be an e-mail address of at most {MAX_EMAIL} characters")


def _check_period(changes: Mapping[str, Any], existing: ReportSchedule | None) -> None:
    custom = changes.get("range", existing and existing.native_range) == "CUSTOM"
    if not custom and ("from" in changes or "to" in changes):
        raise BadInput("`from` and `to` are only for the `range` CUSTOM")
    since, until = (changes.get(name, existing and getattr(existing, attribute)) for name, attribute in (("from", "from_"), ("to", "to")))
    if custom and (since is None or until is None):
        raise BadInput("the `range` CUSTOM needs `from` and `to`")
    if custom and since >= until:
        raise BadInput("`from` must be before `to`")


def _check_cron(expression: str | None) -> None:
    if expression is None:
        return
    try:
        CronSim(expression, datetime.now(UTC))
    except CronSimError as error:
        raise BadInput(f"`cron` is not a crontab expression ({str(error).lower()}): write five fields, such as 0 7 * * 1") from None
    if len(expression.split()) != 5:
        raise BadInput("`cron` is not a crontab expression: write five fields, such as 0 7 * * 1")


def _format(value: Any) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
