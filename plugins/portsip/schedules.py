"""Report schedules as the PBX accepts them, validated before a request is sent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from cronsim import CronSim, CronSimError

from telegraphql.plugin import BadInput
from telegraphql.plugins.portsip.schedule_codes import SCHEDULE_FORMAT, SCHEDULE_RANGE, SCHEDULE_TYPE
from telegraphql.schema import ReportSchedule

WORDS: dict[Enum, str] = {value: word for table in (SCHEDULE_TYPE, SCHEDULE_RANGE, SCHEDULE_FORMAT) for word, value in table.items()}
PARTIES_WITH_VALUE = ("EXTENSION_OR_EXTENSION_RANGE", "NUMBER", "NUMBERS_START_WITH", "NUMBERS_CONTAIN")
PARTIES = ("ANY", *PARTIES_WITH_VALUE, "INTERNAL_EXTENSIONS", "EXTERNAL_NUMBERS")
FILTER_VALUES = {
    "from": PARTIES,
    "to": PARTIES,
    "answer_state": ("ANY", "ANSWERED", "NOT_ANSWERED"),
    "duration": ("ANY", "RING_DURATION", "TALK_DURATION"),
}
FILTER_KEYS = (*FILTER_VALUES, "from_value", "to_value", "duration_from", "duration_to")
NO_FILTER = dict.fromkeys(FILTER_VALUES, "ANY")
UPSTREAM_NAMES = {"from": "started_at", "to": "ended_at", "cron": "cron_expr"}
MAX_EMAIL = 128


def request_body(input: Mapping[str, Any], existing: ReportSchedule | None = None) -> dict[str, Any]:
    """Return the body of the request. `existing` is the schedule to update.

    Raises:
        BadInput: A value is invalid; the message names its field.
    """
    changes = {name: _word(name, value) for name, value in input.items() if value is not None}
    kind = existing.native_type if existing else changes.get("type", "")
    if existing is None:
        changes.setdefault("filter", NO_FILTER if kind == "NORMAL" else {})
    _require_text("name", changes, existing)
    _check_email(changes, existing)
    _check_period(changes, existing)
    _check_cron(changes.get("cron"))
    _check_filter(changes.get("filter"), kind)
    return {UPSTREAM_NAMES.get(name, name): _format(value) for name, value in changes.items()}


def _word(name: str, value: Any) -> Any:
    """Return the PBX's word for a value of the schema; other values stay."""
    if not isinstance(value, Enum):
        return value
    if value not in WORDS:
        raise BadInput(f"`{name}` must not be {value.value}")
    return WORDS[value]


def _require_one_of(name: str, value: Any, words: tuple[str, ...]) -> None:
    if value not in words:
        raise BadInput(f"`{name}` must be one of {', '.join(words)}")


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


def _check_filter(filter: Any, kind: str | None) -> None:
    """Validate the values of a filter. Its keys are documented for NORMAL reports only; others are left to the PBX."""
    if filter is None:
        return
    if not isinstance(filter, Mapping):
        raise BadInput("`filter` must be an object")
    unknown = [str(name)[:40] for name in filter if name not in FILTER_KEYS]
    if unknown and kind == "NORMAL":
        raise BadInput(f"`filter` has no {', '.join(unknown)}; it may have {', '.join(FILTER_KEYS)}")
    for name, words in FILTER_VALUES.items():
        if name in filter:
            _require_one_of(f"filter.{name}", filter[name], words)
    for name in ("from", "to"):
        if filter.get(name) in PARTIES_WITH_VALUE and not filter.get(f"{name}_value"):
            raise BadInput(f"`filter.{name}_value` is required for `filter.{name}` {filter[name]}")
    _check_durations(filter)


def _check_durations(filter: Mapping[str, Any]) -> None:
    bounds = [filter.get(f"duration_{end}") for end in ("from", "to")]
    if any(bound is not None and (isinstance(bound, bool) or not isinstance(bound, int) or bound < 0) for bound in bounds):
        raise BadInput("`filter.duration_from` and `filter.duration_to` must be whole seconds")
    if None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]
        raise BadInput("`filter.duration_from` must not be more than `filter.duration_to`")


def _format(value: Any) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
