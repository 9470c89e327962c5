"""History: the methods that list sessions, transactions, visits and changes, at once or as reports."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox import csvs, words
from telegraphql.plugins.voximplant.sandbox.access import OWNER
from telegraphql.plugins.voximplant.sandbox.answers import encoded
from telegraphql.plugins.voximplant.sandbox.queries import Keep, WindowQuery, all_of, both, shown
from telegraphql.plugins.voximplant.sandbox.question import Question
from telegraphql.plugins.voximplant.sandbox.refused import (
    FORBIDDEN_COMMAND,
    INVALID_PARAMETER,
    INVALID_QUEUE_ID,
    INVALID_SESSION_ID,
    INVALID_TRANSACTION_ID,
    INVALID_TRANSACTION_TYPE,
    OUTPUT_FORMAT,
    ErrorReply,
)
from telegraphql.plugins.voximplant.sandbox.reports import ReportJob
from telegraphql.plugins.voximplant.sandbox.world import World

SECRETS = frozenset({"account_id", "account_name", "account_email", "api_key", "cmd"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAnswer:
    """A listing method's answer in the making."""

    query: WindowQuery
    history_type: str
    columns: Sequence[str]
    lines: Callable[[Iterable[Row]], Iterable[Row]] = lambda rows: rows
    without: frozenset[str] = frozenset()
    with_total: bool = True
    default_count: int = 20
    zoned: bool = True

    def answer(self, world: World, question: Question, always_async: bool = False) -> Response:
        """Rows as JSON or CSV, or the number of the report that will hold them."""
        if question.csv() and (question.flag("is_async") or always_async):
            return encoded({"result": 1, "history_report_id": self._started(world, question)})
        if always_async:
            raise ErrorReply(OUTPUT_FORMAT, "Only csv output in the asynchronous mode is available.")
        count, offset = question.slice(self.default_count)
        found, total = self.query.found(count, offset, self.with_total)
        as_csv = question.csv()
        rows = shown(found, frozenset() if as_csv else self.without, question.zone() if self.zoned else None)
        if as_csv:
            return Response(self._csv(rows, question), media_type="text/csv")
        counted = {} if total is None else {"total_count": total}
        zone = {"timezone": question.zone_name()} if self.zoned else {}
        return encoded({"result": rows, "count": len(rows), **zone, **counted})

    def _started(self, world: World, question: Question) -> int:
        filters = {name: value for name, value in question.given.items() if name not in SECRETS}
        count = question.number("count", 0) or None

        def write() -> bytes:
            found, _ = self.query.found(count, question.number("offset", 0), False)
            return self._csv(shown(found, frozenset(), question.zone()), question)

        return world.reports.start(world.own(question), self.history_type, filters, ReportJob(write, question.zone_name()))

    def _csv(self, rows: Iterable[Row], question: Question) -> bytes:
        return csvs.written(self.lines(rows), self.columns, question.flag("with_header", True))


def calls(world: World, question: Question) -> Response:
    """GetCallHistory."""
    return _calls(world, question).answer(world, question)


def calls_async(world: World, question: Question) -> Response:
    """GetCallHistoryAsync."""
    return _calls(world, question).answer(world, question, always_async=True)


def brief_calls(world: World, question: Question) -> Response:
    """GetBriefCallHistory, which gives reports only."""
    if not question.flag("is_async"):
        raise ErrorReply(OUTPUT_FORMAT, "Only the asynchronous mode is available.")
    listing = HistoryAnswer(query=_sessions(world, question), history_type="calls_brief", columns=csvs.BRIEF)
    return listing.answer(world, question, always_async=True)


def _calls(world: World, question: Question) -> HistoryAnswer:
    parts = {
        "calls": question.flag("with_calls"),
        "records": question.flag("with_records"),
        "other_resource_usage": question.flag("with_other_resources", True),
    }
    return HistoryAnswer(
        query=_sessions(world, question),
        history_type="calls",
        columns=csvs.CALLS,
        lines=csvs.calls,
        without=frozenset(name for name, wanted in parts.items() if not wanted),
        with_total=question.flag("with_total_count", True),
    )


def _sessions(world: World, question: Question) -> WindowQuery:
    return WindowQuery(
        tables=[books.sessions for books in world.asked(question, "children_calls_only")],
        window=question.window(zone=question.zone()),
        ids=question.ids("call_session_history_id", INVALID_SESSION_ID),
        unknown_id=INVALID_SESSION_ID,
        keep=both(both(_by_names(question), _by_numbers(question)), _by_length(question)),
        newest_first=question.flag("desc_order"),
    )


def _by_names(question: Question) -> Keep | None:
    question.ids("user_id", INVALID_PARAMETER)
    fields = {"user_id": "user_id", "application_id": "application_id"}
    wanted = {"application_name": question.text("application_name"), "custom_data": question.text("call_session_history_custom_data")}
    if wanted["application_name"] or question.text("application_id"):
        # As documented: a rule counts only beside an application.
        wanted["rule_name"] = question.text("rule_name")
    exact = {name: value for name, value in wanted.items() if value}
    named: Keep | None = (lambda row: all(row.get(name) == value for name, value in exact.items())) if exact else None
    return both(all_of(question, **fields), named)


def _by_numbers(question: Question) -> Keep | None:
    remote, local = question.words("remote_number"), question.words("local_number")
    if question.text("remote_number_list"):
        try:
            remote = msgspec.json.decode(question.text("remote_number_list"), type=list[str])
        except msgspec.DecodeError:
            raise ErrorReply(INVALID_PARAMETER, "The 'remote_number_list' parameter is invalid.") from None
    if remote is None and local is None:
        return None
    return lambda row: any(
        (remote is None or call["remote_number"] in remote) and (local is None or call["local_number"] in local) for call in row["calls"]
    )


def _by_length(question: Question) -> Keep | None:
    least, most = question.number("min_duration", 0), question.number("max_duration", 0)
    if not least and not most:
        return None

    def keep(row: Row) -> bool:
        longest = max(each.get("duration", 0) for each in (row, *row["calls"]))
        return longest >= least and (not most or longest <= most)

    return keep


def transactions(world: World, question: Question) -> Response:
    """GetTransactionHistory."""
    return _transactions(world, question).answer(world, question)


def transactions_async(world: World, question: Question) -> Response:
    """GetTransactionHistoryAsync."""
    return _transactions(world, question).answer(world, question, always_async=True)


def _transactions(world: World, question: Question) -> HistoryAnswer:
    kinds = question.words("transaction_type")
    if kinds and not set(words.TYPES).issuperset(kinds):
        raise ErrorReply(INVALID_TRANSACTION_TYPE, "The 'transaction_type' parameter is invalid.")
    question.ids("user_id", INVALID_PARAMETER)
    on_hold = question.flag("is_uncommitted")
    books = world.asked(question, "children_transactions_only")
    of_users: Keep | None = (lambda row: "user_id" in row) if question.flag("users_transactions_only") else None
    query = WindowQuery(
        tables=[each.holds if on_hold else each.transactions for each in books],
        window=question.window(zone=question.zone()),
        ids=question.ids("transaction_id", INVALID_TRANSACTION_ID),
        keep=both(all_of(question, transaction_type="transaction_type", user_id="user_id"), of_users),
        newest_first=question.flag("desc_order"),
    )
    kind = "transactions_on_hold" if on_hold else "transactions"
    return HistoryAnswer(query=query, history_type=kind, columns=csvs.TRANSACTIONS)


def audit(world: World, question: Question) -> Response:
    """GetAuditLog."""
    return _audit(world, question).answer(world, question)


def audit_async(world: World, question: Question) -> Response:
    """GetAuditLogAsync."""
    return _audit(world, question).answer(world, question, always_async=True)


def _audit(world: World, question: Question) -> HistoryAnswer:
    if question.caller.role != OWNER:
        raise ErrorReply(FORBIDDEN_COMMAND, "The command is forbidden.")
    relation = question.text("advanced_filters")
    related: Keep | None = (lambda row: relation in str((row.get("cmd_args"), row.get("cmd_result")))) if relation else None
    fields = {"ip": "filtered_ip", "cmd_name": "filtered_cmd", "subuser_id": "filtered_admin_user_id"}
    query = WindowQuery(
        tables=[world.own(question).audit],
        window=question.window(zone=question.zone()),
        ids=question.ids("audit_log_id", INVALID_PARAMETER),
        keep=both(all_of(question, **fields), related),
        newest_first=question.flag("desc_order"),
    )
    return HistoryAnswer(
        query=query, history_type="audit", columns=csvs.AUDIT, with_total=question.flag("with_total_count"), default_count=100
    )


def visits(world: World, question: Question) -> Response:
    """GetACDHistory, whose times are UTC whatever `timezone` says."""
    question.ids("user_id", INVALID_PARAMETER)
    question.ids("acd_queue_id", INVALID_QUEUE_ID)
    query = WindowQuery(
        tables=[world.own(question).visits],
        window=question.window(),
        ids=question.ids("acd_session_history_id", INVALID_PARAMETER),
        keep=both(all_of(question, acd_queue_id="acd_queue_id", user_id="user_id", acd_request_id="acd_request_id"), _by_flags(question)),
        newest_first=question.flag("desc_order"),
    )
    without = frozenset() if question.flag("with_events") else frozenset({"events"})
    return HistoryAnswer(query=query, history_type="", columns=csvs.VISITS, without=without, zoned=False).answer(world, question)


def _by_flags(question: Question) -> Keep | None:
    flags = {name: value for name in ("operator_hangup", "unserviced", "rejected") if (value := question.maybe_flag(name)) is not None}
    least = question.number("min_waiting_time", 0)
    if not flags and not least:
        return None
    return lambda row: row["waiting_duration"] >= least and all(row.get(name, False) is value for name, value in flags.items())
