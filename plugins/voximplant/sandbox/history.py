"""The history methods: sessions, transactions, queue visits and the audit log, as rows or as reports."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from starlette.responses import Response

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox import csv_format, sample_values
from telegraphql.plugins.voximplant.sandbox.api_request import ApiRequest
from telegraphql.plugins.voximplant.sandbox.errors import (
    DATE_RANGE_LIMIT,
    INVALID_PARAMETER,
    INVALID_QUEUE_ID,
    INVALID_SESSION_ID,
    INVALID_TRANSACTION_ID,
    INVALID_TRANSACTION_TYPE,
    OUTPUT_FORMAT,
    ErrorReply,
)
from telegraphql.plugins.voximplant.sandbox.queries import RowFilter, WindowQuery, matches_both, matches_lists, visible_rows
from telegraphql.plugins.voximplant.sandbox.reports import ReportJob
from telegraphql.plugins.voximplant.sandbox.responses import json_response
from telegraphql.plugins.voximplant.sandbox.state import SandboxState

CREDENTIALS = frozenset({"account_id", "account_name", "account_email", "api_key", "cmd"})

SESSION_ORDERS: dict[str, Callable[[Row], Any] | None] = {
    "start": None,
    "end": lambda row: datetime.fromisoformat(row["start_date"]) + timedelta(seconds=row.get("duration", 0)),
    "id": lambda row: row["call_session_history_id"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMethod:
    """One call of a history method: its query and how its rows are written."""

    query: WindowQuery
    history_type: str
    columns: Sequence[str]
    lines: Callable[[Iterable[Row]], Iterable[Row]] = lambda rows: rows
    omitted_fields: frozenset[str] = frozenset()
    with_total: bool = True
    default_count: int = 20
    uses_time_zone: bool = True

    def answer(self, state: SandboxState, api_request: ApiRequest, always_async: bool = False) -> Response:
        """Return rows as JSON or CSV, or the id of the report that will contain them."""
        since, until = map(datetime.fromisoformat, self.query.window)
        if state.max_days is not None and until - since > timedelta(days=state.max_days):
            raise ErrorReply(DATE_RANGE_LIMIT, f"The date range must be within {state.max_days} days.")
        if api_request.csv(always_async) and (api_request.flag("is_async") or always_async):
            return json_response({"result": 1, "history_report_id": self._start_report(state, api_request)})
        if always_async:
            raise ErrorReply(OUTPUT_FORMAT, "Only csv output in the asynchronous mode is available.")
        count, offset = api_request.slice(self.default_count)
        rows_found, total = self.query.run(count, offset, self.with_total)
        as_csv = api_request.csv()
        rows = visible_rows(rows_found, frozenset() if as_csv else self.omitted_fields, api_request.zone() if self.uses_time_zone else None)
        if as_csv:
            return Response(self._csv(rows, api_request), media_type="text/csv")
        total_field = {} if total is None else {"total_count": total}
        zone = {"timezone": api_request.zone_name()} if self.uses_time_zone else {}
        return json_response({"result": rows, "count": len(rows), **zone, **total_field})

    def _start_report(self, state: SandboxState, api_request: ApiRequest) -> int:
        filters = {name: value for name, value in api_request.values.items() if name not in CREDENTIALS}
        count = api_request.number("count", 0) or None

        def write() -> bytes:
            found, _ = self.query.run(count, api_request.number("offset", 0), False)
            return self._csv(visible_rows(found, frozenset(), api_request.zone()), api_request)

        return state.reports.start(state.own_store(api_request), self.history_type, filters, ReportJob(write, api_request.zone_name()))

    def _csv(self, rows: Iterable[Row], api_request: ApiRequest) -> bytes:
        return csv_format.to_csv(self.lines(rows), self.columns, api_request.flag("with_header", True))


def calls(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetCallHistory."""
    return _calls(state, api_request).answer(state, api_request)


def calls_async(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetCallHistoryAsync."""
    return _calls(state, api_request).answer(state, api_request, always_async=True)


def brief_calls(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetBriefCallHistory, which only makes reports."""
    if not api_request.flag("is_async"):
        raise ErrorReply(OUTPUT_FORMAT, "Only the asynchronous mode is available.")
    listing = HistoryMethod(query=_sessions(state, api_request), history_type="calls_brief", columns=csv_format.BRIEF)
    return listing.answer(state, api_request, always_async=True)


def _calls(state: SandboxState, api_request: ApiRequest) -> HistoryMethod:
    parts = {
        "calls": api_request.flag("with_calls"),
        "records": api_request.flag("with_records"),
        "other_resource_usage": api_request.flag("with_other_resources", True),
    }
    return HistoryMethod(
        query=_sessions(state, api_request),
        history_type="calls",
        columns=csv_format.CALLS,
        lines=csv_format.calls,
        omitted_fields=frozenset(name for name, wanted in parts.items() if not wanted),
        with_total=api_request.flag("with_total_count", True),
    )


def _sessions(state: SandboxState, api_request: ApiRequest) -> WindowQuery:
    return WindowQuery(
        tables=[stores.sessions for stores in state.selected_stores(api_request, "children_calls_only")],
        window=api_request.window(zone=api_request.zone()),
        ids=api_request.ids("call_session_history_id", INVALID_SESSION_ID),
        unknown_id=INVALID_SESSION_ID,
        sort_key=SESSION_ORDERS[state.session_order],
        row_filter=matches_both(matches_both(_by_names(api_request), _by_numbers(api_request)), _by_duration(api_request)),
        newest_first=api_request.flag("desc_order"),
    )


def _by_names(api_request: ApiRequest) -> RowFilter | None:
    api_request.ids("user_id", INVALID_PARAMETER)
    fields = {"user_id": "user_id", "application_id": "application_id"}
    wanted = {"application_name": api_request.text("application_name"), "custom_data": api_request.text("call_session_history_custom_data")}
    if wanted["application_name"] or api_request.text("application_id"):
        # As documented, a rule only applies together with an application.
        wanted["rule_name"] = api_request.text("rule_name")
    exact = {name: value for name, value in wanted.items() if value}
    named: RowFilter | None = (lambda row: all(row.get(name) == value for name, value in exact.items())) if exact else None
    return matches_both(matches_lists(api_request, **fields), named)


def _by_numbers(api_request: ApiRequest) -> RowFilter | None:
    remote, local = api_request.words("remote_number"), api_request.words("local_number")
    if api_request.text("remote_number_list"):
        try:
            remote = msgspec.json.decode(api_request.text("remote_number_list"), type=list[str])
        except msgspec.DecodeError:
            raise ErrorReply(INVALID_PARAMETER, "The 'remote_number_list' parameter is invalid.") from None
    if remote is None and local is None:
        return None
    return lambda row: any(
        (remote is None or call["remote_number"] in remote) and (local is None or call["local_number"] in local) for call in row["calls"]
    )


def _by_duration(api_request: ApiRequest) -> RowFilter | None:
    least, most = api_request.number("min_duration", 0), api_request.number("max_duration", 0)
    if not least and not most:
        return None

    def keep(row: Row) -> bool:
        longest = max(each.get("duration", 0) for each in (row, *row["calls"]))
        return longest >= least and (not most or longest <= most)

    return keep


def transactions(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetTransactionHistory."""
    return _transactions(state, api_request).answer(state, api_request)


def transactions_async(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetTransactionHistoryAsync."""
    return _transactions(state, api_request).answer(state, api_request, always_async=True)


def _transactions(state: SandboxState, api_request: ApiRequest) -> HistoryMethod:
    kinds = api_request.words("transaction_type")
    if kinds and not set(sample_values.TYPES).issuperset(kinds):
        raise ErrorReply(INVALID_TRANSACTION_TYPE, "The 'transaction_type' parameter is invalid.")
    api_request.ids("user_id", INVALID_PARAMETER)
    on_hold = api_request.flag("is_uncommitted")
    stores = state.selected_stores(api_request, "children_transactions_only")
    of_users: RowFilter | None = (lambda row: "user_id" in row) if api_request.flag("users_transactions_only") else None
    query = WindowQuery(
        tables=[each.holds if on_hold else each.transactions for each in stores],
        window=api_request.window(zone=api_request.zone()),
        ids=api_request.ids("transaction_id", INVALID_TRANSACTION_ID),
        row_filter=matches_both(matches_lists(api_request, transaction_type="transaction_type", user_id="user_id"), of_users),
        newest_first=api_request.flag("desc_order"),
    )
    kind = "transactions_on_hold" if on_hold else "transactions"
    return HistoryMethod(query=query, history_type=kind, columns=csv_format.TRANSACTIONS)


def audit(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetAuditLog."""
    return _audit(state, api_request).answer(state, api_request)


def audit_async(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetAuditLogAsync."""
    return _audit(state, api_request).answer(state, api_request, always_async=True)


def _audit(state: SandboxState, api_request: ApiRequest) -> HistoryMethod:
    relation = api_request.text("advanced_filters")
    related: RowFilter | None = (lambda row: relation in str((row.get("cmd_args"), row.get("cmd_result")))) if relation else None
    fields = {"ip": "filtered_ip", "cmd_name": "filtered_cmd", "subuser_id": "filtered_admin_user_id"}
    query = WindowQuery(
        tables=[state.own_store(api_request).audit],
        window=api_request.window(zone=api_request.zone()),
        ids=api_request.ids("audit_log_id", INVALID_PARAMETER),
        row_filter=matches_both(matches_lists(api_request, **fields), related),
        newest_first=api_request.flag("desc_order"),
    )
    return HistoryMethod(
        query=query, history_type="audit", columns=csv_format.AUDIT, with_total=api_request.flag("with_total_count"), default_count=100
    )


def visits(state: SandboxState, api_request: ApiRequest) -> Response:
    """Answer GetACDHistory. Its times are UTC, whatever `timezone` says."""
    api_request.ids("user_id", INVALID_PARAMETER)
    api_request.ids("acd_queue_id", INVALID_QUEUE_ID)
    query = WindowQuery(
        tables=[state.own_store(api_request).visits],
        window=api_request.window(),
        ids=api_request.ids("acd_session_history_id", INVALID_PARAMETER),
        row_filter=matches_both(
            matches_lists(api_request, acd_queue_id="acd_queue_id", user_id="user_id", acd_request_id="acd_request_id"),
            _by_flags(api_request),
        ),
        newest_first=api_request.flag("desc_order"),
    )
    omitted_fields = frozenset() if api_request.flag("with_events") else frozenset({"events"})
    return HistoryMethod(
        query=query, history_type="", columns=csv_format.VISITS, omitted_fields=omitted_fields, uses_time_zone=False
    ).answer(state, api_request)


def _by_flags(api_request: ApiRequest) -> RowFilter | None:
    flags = {
        name: value for name in ("operator_hangup", "unserviced", "rejected") if (value := api_request.optional_flag(name)) is not None
    }
    least = api_request.number("min_waiting_time", 0)
    if not flags and not least:
        return None
    return lambda row: row["waiting_duration"] >= least and all(row.get(name, False) is value for name, value in flags.items())
