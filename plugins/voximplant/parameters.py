"""Forms: what the engine asks for, as parameters of the upstream's methods.

Every form names its whole window and Etc/GMT, because the upstream's defaults are one month and the account's zone. A form is None where
no record can match, so that nothing need be asked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from telegraphql.plugin import SECOND, ListRequest, Numbering
from telegraphql.plugins.voximplant.mapping import Parts
from telegraphql.plugins.voximplant.mapping.codes import REPORT_KIND, TYPES_OF
from telegraphql.plugins.voximplant.numbers import number_list
from telegraphql.schema import ReportKind, TransactionKind

MOST_ROWS = 1000
MOST_OFFSET = 10_000
MOST_IDS = 1000

Form = dict[str, str]


def window(since: datetime, until: datetime | None, names: tuple[str, str] = ("from_date", "to_date")) -> Form:
    """Return the bounds of a window, in whole seconds to the outside."""
    end = end_of(since, until)
    return {names[0]: text(min(since, end)), names[1]: text(end)}


def end_of(since: datetime, until: datetime | None) -> datetime:
    """Return the end of a window, in whole seconds. Without one it is two midnights on, the same text all day."""
    end = until or max(since, datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)) + timedelta(days=2)
    return end.replace(microsecond=0) + SECOND if end.microsecond else end


def text(moment: datetime) -> str:
    """A moment as the upstream writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def flag(value: bool) -> str:
    """A boolean as the upstream writes it."""
    return "true" if value else "false"


def slice_of(ask: ListRequest) -> Form:
    """Order and place in the list."""
    return {"desc_order": flag(ask.newest_first), "count": str(min(ask.size, MOST_ROWS)), "offset": str(ask.offset)}


def parts(asked: Parts) -> Form:
    """Which parts of sessions the upstream is to send."""
    return {"with_calls": flag(asked.calls), "with_records": flag(asked.records), "with_other_resources": flag(asked.usages)}


def numbers(values: Iterable[str]) -> str:
    """A list of ids; what is no number cannot be an id here."""
    return ";".join(value for value in values if value.isascii() and value.isdigit())


def words(values: Iterable[str]) -> str:
    """A list of words; what holds the separator cannot be one."""
    return ";".join(value for value in values if value and ";" not in value)


def lists(filters: Mapping[str, Any], **names: str) -> Form | None:
    """The filters that are lists, by our name and theirs; None where a given list can match nothing."""
    form = {}
    for ours, theirs in names.items():
        if ours in filters:
            form[theirs] = (numbers if theirs.endswith("_id") else words)(filters[ours])
            if not form[theirs]:
                return None
    return form


def of_sessions(filters: Mapping[str, Any]) -> Form | None:
    """Return the filters of GetCallHistory. What the upstream takes one of is left to the engine when there are more."""
    form = lists(filters, userId="user_id")
    if form is None:
        return None
    form |= one(filters, "applicationName", "application_name")
    # Without an application the upstream ignores the rule.
    form |= one(filters, "ruleName", "rule_name") if "application_name" in form else {}
    form |= one(filters, "customData", "call_session_history_custom_data")
    longer_than = getattr(filters.get("durationSeconds"), "from_", None)
    return form | ({"min_duration": str(longer_than)} if isinstance(longer_than, int) and longer_than > 0 else {})


def of_numbers(filters: Mapping[str, Any], numbering: Numbering) -> list[Form]:
    """Return the questions that together find all sessions with the numbers of a filter; an empty one where they cannot be told."""
    caller, called = (number_list(filters.get(name), numbering) for name in ("from", "to"))
    if caller and called:
        return [{"remote_number": caller, "local_number": called}, {"remote_number": called, "local_number": caller}]
    either = caller or called or number_list(filters.get("number"), numbering)
    return [{"remote_number": either}, {"local_number": either}] if either else [{}]


def one(filters: Mapping[str, Any], ours: str, theirs: str) -> Form:
    """A filter of which the upstream takes a single value, where there is just one."""
    values: Sequence[str] = filters.get(ours) or ()
    return {theirs: values[0]} if len(values) == 1 else {}


def of_transactions(filters: Mapping[str, Any]) -> Form | None:
    """The filters of GetTransactionHistory."""
    form = lists(filters, userId="user_id")
    types = transaction_types(filters)
    if form is None or types == ():
        return None
    form["is_uncommitted"] = flag(bool(filters.get("isPending")))
    return form if types is None else form | {"transaction_type": words(types)}


def transaction_types(filters: Mapping[str, Any]) -> Sequence[str] | None:
    """The upstream's words that both `type` and `kind` allow; None where they allow unknown ones."""
    types: Sequence[str] | None = filters.get("type")
    kinds: Sequence[TransactionKind] | None = filters.get("kind")
    if kinds is None or TransactionKind.OTHER in kinds:
        return None if types is None else tuple(each for each in types if each and ";" not in each)
    of_kinds = [word for kind in kinds for word in TYPES_OF[kind]]
    return tuple(word for word in of_kinds if types is None or word in types)


def of_visits(filters: Mapping[str, Any]) -> Form | None:
    """The filters of GetACDHistory."""
    return lists(filters, queueId="acd_queue_id", userId="user_id")


def of_audit(filters: Mapping[str, Any]) -> Form | None:
    """The filters of GetAuditLog."""
    return lists(filters, command="filtered_cmd", ip="filtered_ip")


def of_reports(filters: Mapping[str, Any]) -> Form | None:
    """The filters of GetHistoryReports, whose own default is reports of calls only."""
    kinds: Sequence[ReportKind] | None = filters.get("kind")
    if kinds is None or ReportKind.OTHER in kinds:
        return {"history_type": "all"}
    return lists({"kind": [word for word, kind in REPORT_KIND.items() if kind in kinds]}, kind="history_type")
