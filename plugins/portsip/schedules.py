"""Schedules: report schedules as a PBX takes them, checked before anything is sent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cronsim import CronSim, CronSimError

from telegraphql.plugin import BadInput
from telegraphql.plugins.portsip.mapping import REPORT_KIND
from telegraphql.schema import ReportSchedule

FORMATS = ("CSV", "HTML")
RANGES = ("TODAY", "YESTERDAY", "LAST_WEEK", "LAST_SEVEN_DAYS", "LAST_MONTH", "LAST_THIRTY_DAYS", "CUSTOM")
WITH_VALUE = ("EXTENSION_OR_EXTENSION_RANGE", "NUMBER", "NUMBERS_START_WITH", "NUMBERS_CONTAIN")
NUMBERS = ("ANY", *WITH_VALUE, "INTERNAL_EXTENSIONS", "EXTERNAL_NUMBERS")
FILTER_WORDS = {
    "from": NUMBERS,
    "to": NUMBERS,
    "answer_state": ("ANY", "ANSWERED", "NOT_ANSWERED"),
    "duration": ("ANY", "RING_DURATION", "TALK_DURATION"),
}
FILTER_KEYS = (*FILTER_WORDS, "from_value", "to_value", "duration_from", "duration_to")
EVERYTHING = dict.fromkeys(FILTER_WORDS, "ANY")
NAMES = {"from": "started_at", "to": "ended_at", "cron": "cron_expr"}
MOST_EMAIL = 128


def body(given: Mapping[str, Any], now: ReportSchedule | None = None) -> dict[str, Any]:
    """The request's body; BadInput names the field that is wrong. `now` is the schedule that is changed."""
    changes = {name: value for name, value in given.items() if value is not None}
    kind = now.type if now else changes.get("type", "")
    if now is None:
        changes.setdefault("filter", EVERYTHING if kind == "NORMAL" else {})
        _one_of("type", kind, tuple(REPORT_KIND))
    _text("name", changes, now)
    _email(changes, now)
    for name, words in (("format", FORMATS), ("range", RANGES)):
        if now is None or name in changes:
            _one_of(name, changes.get(name), words)
    _period(changes, now)
    _cron(changes.get("cron"))
    _filter(changes.get("filter"), kind)
    return {NAMES.get(name, name): _written(value) for name, value in changes.items()}


def _one_of(name: str, value: Any, words: tuple[str, ...]) -> None:
    if value not in words:
        raise BadInput(f"`{name}` must be one of {', '.join(words)}")


def _text(name: str, changes: Mapping[str, Any], now: ReportSchedule | None) -> None:
    if not (changes.get(name, now and getattr(now, name)) or "").strip():
        raise BadInput(f"`{name}` must not be empty")


def _email(changes: Mapping[str, Any], now: ReportSchedule | None) -> None:
    email = changes.get("email", "" if now is None else "@")
    if "@" not in email or len(email) > MOST_EMAIL:
        raise BadInput(f"`email` must be an e-mail address of at most {MOST_EMAIL} characters")


def _period(changes: Mapping[str, Any], now: ReportSchedule | None) -> None:
    custom = changes.get("range", now and now.range) == "CUSTOM"
    if not custom and ("from" in changes or "to" in changes):
        raise BadInput("`from` and `to` are only for the `range` CUSTOM")
    since, until = (changes.get(name, now and getattr(now, attribute)) for name, attribute in (("from", "from_"), ("to", "to")))
    if custom and (since is None or until is None):
        raise BadInput("the `range` CUSTOM needs `from` and `to`")
    if custom and since >= until:
        raise BadInput("`from` must be before `to`")


def _cron(expression: str | None) -> None:
    if expression is None:
        return
    try:
        CronSim(expression, datetime.now(UTC))
    except CronSimError as error:
        raise BadInput(f"`cron` is not a crontab expression ({str(error).lower()}): write five fields, such as 0 7 * * 1") from None
    if len(expression.split()) != 5:
        raise BadInput("`cron` is not a crontab expression: write five fields, such as 0 7 * * 1")


def _filter(wanted: Any, kind: str) -> None:
    """Words and numbers of a filter. The keys are documented for NORMAL only; those of other types are left to the PBX."""
    if wanted is None:
        return
    if not isinstance(wanted, Mapping):
        raise BadInput("`filter` must be an object")
    unknown = [str(name)[:40] for name in wanted if name not in FILTER_KEYS]
    if unknown and kind == "NORMAL":
        raise BadInput(f"`filter` has no {', '.join(unknown)}; it may have {', '.join(FILTER_KEYS)}")
    for name, words in FILTER_WORDS.items():
        if name in wanted:
            _one_of(f"filter.{name}", wanted[name], words)
    for name in ("from", "to"):
        if wanted.get(name) in WITH_VALUE and not wanted.get(f"{name}_value"):
            raise BadInput(f"`filter.{name}_value` must say which numbers `filter.{name}` means")
    _lengths(wanted)


def _lengths(wanted: Mapping[str, Any]) -> None:
    bounds = [wanted.get(f"duration_{end}") for end in ("from", "to")]
    if any(bound is not None and (isinstance(bound, bool) or not isinstance(bound, int) or bound < 0) for bound in bounds):
        raise BadInput("`filter.duration_from` and `filter.duration_to` are whole seconds")
    if None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]
        raise BadInput("`filter.duration_from` must not be more than `filter.duration_to`")


def _written(value: Any) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
