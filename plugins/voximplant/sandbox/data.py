"""The generated stores of both accounts, with or without the vendor's examples."""

from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count

from telegraphql.plugin import PastRandom, Row
from telegraphql.plugins.voximplant.sandbox import csv_format, examples
from telegraphql.plugins.voximplant.sandbox.account_records import AccountRecordGenerator
from telegraphql.plugins.voximplant.sandbox.reports import ReportStore
from telegraphql.plugins.voximplant.sandbox.sessions import SessionGenerator
from telegraphql.plugins.voximplant.sandbox.store import AccountStore, TimeTable

EXAMPLE_CALLS = sum(len(session["calls"]) for session in examples.SESSIONS)
MIN_ROWS = 60
REPORTS = ("calls", "transactions", "audit", "calls_brief", "call_list", "calls")
REPORT_ROWS = 40


class DataGenerator:
    """Generates the store of one account after the other."""

    def __init__(self, reports: ReportStore, random: PastRandom, now: datetime) -> None:
        self.reports = reports
        self.random = random
        self.now_utc = now
        self.now = now.replace(tzinfo=None)
        self.sessions: dict[int, SessionGenerator] = {}

    def with_examples(self, account: int, calls: int) -> AccountStore:
        """Return a store with this many calls, including those of the vendor's examples."""
        return self._store(account, max(0, calls - EXAMPLE_CALLS), deepcopy(_EXAMPLES))

    def without_examples(self, account: int, calls: int) -> AccountStore:
        """Return a store with this many calls."""
        return self._store(account, calls, {name: [] for name in _EXAMPLES})

    def _store(self, account: int, calls: int, initial_rows: dict[str, list[Row]]) -> AccountStore:
        self.sessions[account] = sessions_generator = SessionGenerator(account, self.random, self.now, *self._counters(account))
        records_generator = AccountRecordGenerator(account, self.random, self.now)
        sessions = sessions_generator.sessions(calls)
        transactions = [*sessions_generator.charges, *records_generator.transactions(calls // 10)]
        store = AccountStore(
            sessions=TimeTable("start_date", "call_session_history_id", [*initial_rows["sessions"], *sessions]),
            transactions=TimeTable("performed_at", "transaction_id", [*initial_rows["transactions"], *transactions]),
            holds=TimeTable("performed_at", "transaction_id", records_generator.holds()),
            visits=TimeTable(
                "begin_time", "acd_session_history_id", [*initial_rows["visits"], *records_generator.visits(max(MIN_ROWS, calls // 5))]
            ),
            audit=TimeTable("requested", "audit_log_id", [*initial_rows["audit"], *records_generator.audit(max(MIN_ROWS, calls // 10))]),
            reports=TimeTable("created", "history_report_id", initial_rows["reports"]),
            queues=records_generator.queues(),
            smart_queues=records_generator.smart_queues(),
        )
        self._add_reports(store, account * 1000)
        return store

    def _counters(self, account: int) -> "tuple[list[Row], count[int], count[int], count[int]]":
        """Return the charges and id counters of an account. Accounts share no ids."""
        return [], count(1_000_001 + account * 1_000_000), count(4_000_001 + account * 1_000_000), count(8_500_001 + account * 500_000)

    def _add_reports(self, store: AccountStore, first: int) -> None:
        """Add reports of the last month: finished ones, expired ones, and a failed one."""
        for index in range(24):
            time = self.now_utc - timedelta(days=index + 1, seconds=self.random.randrange(80_000))
            kind = REPORTS[index % len(REPORTS)]
            row: Row = {"history_report_id": first + index, "history_type": kind, "created": f"{time:%Y-%m-%d %H:%M:%S}", "format": "csv"}
            if index == 5:
                row |= {"error": {"msg": "No disc space.", "code": 24}, "completed": row["created"]}
            else:
                self.reports.complete(row, self._content(store, kind), "Etc/GMT", time + timedelta(seconds=20))
            store.reports.add(row)

    def _content(self, store: AccountStore, kind: str) -> bytes:
        if kind == "transactions":
            return csv_format.to_csv(store.transactions.rows[-REPORT_ROWS:], csv_format.TRANSACTIONS, True)
        if kind == "audit":
            return csv_format.to_csv(store.audit.rows[-REPORT_ROWS:], csv_format.AUDIT, True)
        sessions = store.sessions.rows[-REPORT_ROWS:]
        return csv_format.to_csv(
            csv_format.calls(sessions) if kind == "calls" else sessions, csv_format.CALLS if kind == "calls" else csv_format.BRIEF, True
        )


_EXAMPLES: dict[str, list[Row]] = {
    "sessions": list(examples.SESSIONS),
    "transactions": list(examples.TRANSACTIONS),
    "visits": list(examples.VISITS),
    "audit": list(examples.AUDIT),
    "reports": list(examples.REPORTS),
}
