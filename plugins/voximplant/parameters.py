"""The parameters of the upstream's methods, from the gateway's requests.

Every form contains its whole time range and Etc/GMT, because the upstream's defaults are one month and the account's time zone. A form
is None if no record can match, so that no request is needed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from telegraphql.plugin import SECOND, ListRequest, Numbering
from telegraphql.plugins.voximplant.mapping import Parts
from telegraphql.plugins.voximplant.mapping.codes import REPORT_KIND, TYPES_OF
from telegraphql.plugins.voximplant.numbers import number_list
from telegraphql.schema import QueueOutcome, ReportKind, ReportStatus, TransactionKind

MAX_ROWS = 1000
MAX_OFFSET = 10_000
MAX_IDS = 1000

Form = dict[str, str]
MAX_FORMS = 5
# Parameters whose values are numbers; others that end in "_id" are not.
NUMERIC = {"user_id", "acd_queue_id"}
COMPLETE = (ReportStatus.DONE, ReportStatus.EXPIRED, ReportStatus.FAILED)
APPLICATION = {"application_id", "application_name"}
SINGLE_VALUE_FILTERS = {
    "applicationId": "application_id",
    "applicationName": "application_name",
    "ruleName": "rule_name",
    "customData": "call_session_history_custom_data",
}


def window(since: datetime, until: datetime | None, names: tuple[str, str] = ("from_date", "to_date")) -> Form:
    """Return the time bounds in whole seconds, rounded outwards."""
    end = end_of_window(since, until)
    return {names[0]: format_time(min(since, end)), names[1]: format_time(end)}


def end_of_window(since: datetime, until: datetime | None) -> datetime:
    """Return the end of a window in whole seconds, rounded up. Without one: midnight after next, which stays the same all day."""
    end = until or max(since, datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)) + timedelta(days=2)
    return end.replace(microsecond=0) + SECOND if end.microsecond else end


def format_time(moment: datetime) -> str:
    """Return a time as the upstream writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def flag(value: bool) -> str:
    """Return a boolean as the upstream writes it."""
    return "true" if value else "false"


def slice_form(request: ListRequest) -> Form:
    """Return order, size and offset."""
    return {"desc_order": flag(request.newest_first), "count": str(min(request.size, MAX_ROWS)), "offset": str(request.offset)}


def parts_form(parts: Parts) -> Form:
    """Return the flags of the requested parts of sessions."""
    return {"with_calls": flag(parts.calls), "with_records": flag(parts.records), "with_other_resources": flag(parts.usages)}


def numbers(values: Iterable[str]) -> str:
    """Return a list of ids. Texts that are not numbers are left out: they cannot be ids."""
    return ";".join(value for value in values if value.isascii() and value.isdigit())


def words(values: Iterable[str]) -> str:
    """Return a list of words. Words that contain the separator are left out: they cannot match."""
    return ";".join(value for value in values if value and ";" not in value)


def list_filters(filters: Mapping[str, Any], **names: str) -> Form | None:
    """Return the filters that are lists, by the schema's and the upstream's name. None if a list cannot match anything."""
    form = {}
    for schema_name, upstream_name in names.items():
        if schema_name in filters:
            form[upstream_name] = (numbers if upstream_name in NUMERIC else words)(filters[schema_name])
            if not form[upstream_name]:
                return None
    return form


def session_filters(filters: Mapping[str, Any]) -> list[Form]:
    """Return the forms that together find all sessions of a filter; none if no session can match.

    The upstream accepts one value of some filters, so that more values are more forms. Many values are left to the gateway.
    """
    form = list_filters(filters, userId="user_id")
    if form is None:
        return []
    min_duration = getattr(filters.get("durationSeconds"), "min", None)
    form |= {"min_duration": str(min_duration)} if isinstance(min_duration, int) and min_duration > 0 else {}
    forms = [form]
    for schema_name, upstream_name in SINGLE_VALUE_FILTERS.items():
        values = filters.get(schema_name)
        if values is not None and upstream_name == "application_id":
            values = [value for value in values if numbers([value])]
        # The upstream ignores the rule without an application.
        if values is None or (upstream_name == "rule_name" and not all(APPLICATION & each.keys() for each in forms)):
            continue
        if len(forms) * len(values) <= MAX_FORMS:
            forms = [each | {upstream_name: value} for each in forms for value in dict.fromkeys(values)]
    return forms


def number_filters(filters: Mapping[str, Any], numbering: Numbering) -> list[Form]:
    """Return the forms that together find all sessions with the numbers of a filter; one without filters if they cannot be pushed."""
    caller, called = (number_list(filters.get(name), numbering) for name in ("from", "to"))
    if caller and called:
        return [{"remote_number": caller, "local_number": called}, {"remote_number": called, "local_number": caller}]
    either = caller or called or number_list(filters.get("number"), numbering)
    return [{"remote_number": either}, {"local_number": either}] if either else [{}]


def transaction_filters(filters: Mapping[str, Any]) -> Form | None:
    """Return the filters of GetTransactionHistory."""
    form = list_filters(filters, userId="user_id")
    types = transaction_types(filters)
    if form is None or types == ():
        return None
    form["is_uncommitted"] = flag(bool(filters.get("isPending")))
    form |= {"users_transactions_only": "true"} if filters.get("hasUser") else {}
    return form if types is None else form | {"transaction_type": words(types)}


def transaction_types(filters: Mapping[str, Any]) -> Sequence[str] | None:
    """Return the upstream's types that both `type` and `kind` allow, or None for all."""
    types: Sequence[str] | None = filters.get("type")
    kinds: Sequence[TransactionKind] | None = filters.get("kind")
    if kinds is None or TransactionKind.OTHER in kinds:
        return None if types is None else tuple(each for each in types if each and ";" not in each)
    of_kinds = [word for kind in kinds for word in TYPES_OF[kind]]
    return tuple(word for word in of_kinds if types is None or word in types)


def visit_filters(filters: Mapping[str, Any]) -> Form | None:
    """Return the filters of GetACDHistory."""
    form = list_filters(filters, queueId="acd_queue_id", agentId="user_id", requestId="acd_request_id")
    if form is None:
        return None
    min_wait = getattr(filters.get("waitSeconds"), "min", None)
    form |= {"min_waiting_time": str(min_wait)} if isinstance(min_wait, int) and min_wait > 0 else {}
    outcomes = filters.get("outcome")
    form |= {"rejected": "true"} if outcomes == [QueueOutcome.REJECTED] else {}
    form |= {"unserviced": "true"} if outcomes == [QueueOutcome.ABANDONED] else {}
    return form | ({"operator_hangup": "true"} if filters.get("wasHungUpByAgent") else {})


def audit_filters(filters: Mapping[str, Any]) -> Form | None:
    """Return the filters of GetAuditLog."""
    form = list_filters(filters, command="filtered_cmd", ip="filtered_ip")
    if form is None:
        return None
    actors = numbers(filters.get("actorId") or ())
    form |= {"filtered_admin_user_id": actors} if actors and ";" not in actors else {}
    return form | ({"advanced_filters": filters["relatedTo"]} if filters.get("relatedTo") else {})


def report_filters(filters: Mapping[str, Any]) -> Form | None:
    """Return the filters of GetHistoryReports, whose default is reports of calls only."""
    kinds: Sequence[ReportKind] | None = filters.get("kind")
    form: Form | None = {"history_type": "all"}
    if kinds is not None and ReportKind.OTHER not in kinds:
        form = list_filters({"kind": [word for word, kind in REPORT_KIND.items() if kind in kinds]}, kind="history_type")
    are_complete = {status in COMPLETE for status in filters.get("status") or ()}
    return form if form is None or len(are_complete) != 1 else form | {"is_completed": flag(are_complete.pop())}
