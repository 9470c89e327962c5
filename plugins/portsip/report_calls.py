"""The calls that a report covers: the PBX's filter of a call report, and the schema's words for it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from telegraphql.plugin import BadInput
from telegraphql.schema import IntRange, ReportCalls, ReportCallsInput, ReportParty, ReportPartyInput, ReportPartyKind, SecondsRange

NORMAL = "NORMAL"
PARTY_KIND = {
    "ANY": ReportPartyKind.ANY,
    "EXTENSION_OR_EXTENSION_RANGE": ReportPartyKind.EXTENSIONS,
    "NUMBER": ReportPartyKind.NUMBER,
    "NUMBERS_START_WITH": ReportPartyKind.NUMBER_PREFIX,
    "NUMBERS_CONTAIN": ReportPartyKind.NUMBER_PART,
    "INTERNAL_EXTENSIONS": ReportPartyKind.INTERNAL,
    "EXTERNAL_NUMBERS": ReportPartyKind.EXTERNAL,
}
PARTY_WORD = {kind: word for word, kind in PARTY_KIND.items()}
WITHOUT_VALUE = frozenset({ReportPartyKind.ANY, ReportPartyKind.INTERNAL, ReportPartyKind.EXTERNAL})
ANSWERED = {"ANSWERED": True, "NOT_ANSWERED": False}
ANSWER_WORD = {None: "ANY", True: "ANSWERED", False: "NOT_ANSWERED"}
DURATIONS = {"ringSeconds": "RING_DURATION", "talkSeconds": "TALK_DURATION"}


class CallReportFilter(msgspec.Struct, kw_only=True):
    """The filter of a report of the type NORMAL. A value that its word does not need means nothing."""

    from_: str | None = msgspec.field(name="from", default=None)
    from_value: str | None = None
    to: str | None = None
    to_value: str | None = None
    answer_state: str | None = None
    duration: str | None = None
    duration_from: int | None = None
    duration_to: int | None = None


def read_calls(value: msgspec.Raw, type: str | None) -> ReportCalls | None:
    """Return the calls that a report covers; None for a report of another type, and in lists, which leave it out."""
    if type != NORMAL or bytes(value) in (b"null", b"{}"):
        return None
    found = msgspec.json.decode(value, type=CallReportFilter)
    seconds = SecondsRange(min=found.duration_from, max=found.duration_to)
    return ReportCalls(
        from_=_party(found.from_, found.from_value),
        to=_party(found.to, found.to_value),
        is_answered=ANSWERED.get(found.answer_state or ""),
        ring_seconds=seconds if found.duration == DURATIONS["ringSeconds"] else None,
        talk_seconds=seconds if found.duration == DURATIONS["talkSeconds"] else None,
    )


def _party(word: str | None, value: str | None) -> ReportParty:
    kind = PARTY_KIND.get(word or "ANY", ReportPartyKind.UNKNOWN)
    return ReportParty(kind=kind, value=None if kind in WITHOUT_VALUE else value or None)


def read_native_filter(value: msgspec.Raw) -> Any:
    """Return what a report covers, as the PBX delivers it; None for nothing."""
    return msgspec.json.decode(value) or None


def report_filter(calls: ReportCallsInput | None, native: Mapping[str, Any] | None, type: str | None) -> Mapping[str, Any]:
    """Return the filter of a report as the PBX accepts it.

    Raises:
        BadInput: A value is invalid, or belongs to reports of another type; the message names its field.
    """
    if type == NORMAL:
        if native is not None:
            raise BadInput("`nativeFilter` is for other types of report: give `calls` for the `type` CALLS")
        return _call_filter(calls or ReportCallsInput())
    if calls is not None:
        raise BadInput("`calls` is only for the `type` CALLS: give `nativeFilter`")
    return native or {}


def _call_filter(calls: ReportCallsInput) -> dict[str, Any]:
    lengths = {"ringSeconds": calls.ring_seconds, "talkSeconds": calls.talk_seconds}
    return {
        **_condition("from", calls.from_ or None),
        **_condition("to", calls.to or None),
        "answer_state": ANSWER_WORD[calls.is_answered if isinstance(calls.is_answered, bool) else None],
        **_duration({name: wanted for name, wanted in lengths.items() if wanted}),
    }


def _condition(end: str, party: ReportPartyInput | None) -> dict[str, str]:
    kind, value = (ReportPartyKind.ANY, None) if party is None else (party.kind, (party.value or "").strip() or None)
    if kind is ReportPartyKind.UNKNOWN:
        raise BadInput(f"`calls.{end}.kind` must not be UNKNOWN")
    if (value is None) is not (kind in WITHOUT_VALUE):
        raise BadInput(f"`calls.{end}.value` is {'required' if value is None else 'not allowed'} for the kind {kind.value}")
    return {end: PARTY_WORD[kind]} | ({} if value is None else {f"{end}_value": value})


def _duration(wanted: Mapping[str, IntRange]) -> dict[str, Any]:
    if not wanted:
        return {"duration": "ANY"}
    if len(wanted) > 1:
        raise BadInput("give `calls.ringSeconds` or `calls.talkSeconds`: the provider compares one of them")
    ((name, seconds),) = wanted.items()
    bounds = {"duration_from": seconds.min, "duration_to": seconds.max}
    given = {end: bound for end, bound in bounds.items() if isinstance(bound, int)}
    if any(bound < 0 for bound in given.values()):
        raise BadInput(f"`calls.{name}` must not be negative")
    if len(given) == 2 and given["duration_from"] > given["duration_to"]:
        raise BadInput(f"`calls.{name}.min` must not be more than `calls.{name}.max`")
    return {"duration": DURATIONS[name], **given}
