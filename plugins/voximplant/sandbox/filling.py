"""Filling: books full of generated records, with or without the examples of the vendor's reference."""

from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count
from random import Random

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox import csvs, seed
from telegraphql.plugins.voximplant.sandbox.data import Writer
from telegraphql.plugins.voximplant.sandbox.ledger import Ledger
from telegraphql.plugins.voximplant.sandbox.reports import Reports
from telegraphql.plugins.voximplant.sandbox.store import Books
from telegraphql.plugins.voximplant.sandbox.table import AccountTable

SEED_CALLS = sum(len(session["calls"]) for session in seed.SESSIONS)
LEAST = 60
REPORTS = ("calls", "transactions", "audit", "calls_brief", "call_list", "calls")
REPORT_ROWS = 40


class Filling:
    """Fills books for one account after the other."""

    def __init__(self, reports: Reports, chance: Random, now: datetime) -> None:
        self.reports = reports
        self.chance = chance
        self.aware = now
        self.now = now.replace(tzinfo=None)

    def with_seed(self, account: int, calls: int) -> Books:
        """So many legs in all, the examples' four among them."""
        return self._books(account, max(0, calls - SEED_CALLS), deepcopy(_SEED))

    def alone(self, account: int, calls: int) -> Books:
        """So many legs."""
        return self._books(account, calls, {name: [] for name in _SEED})

    def _books(self, account: int, calls: int, known: dict[str, list[Row]]) -> Books:
        writer = Writer(account, self.chance, self.now, *self._counters(account))
        ledger = Ledger(account, self.chance, self.now)
        sessions = writer.sessions(calls)
        money = [*writer.charges, *ledger.transactions(calls // 10)]
        books = Books(
            sessions=AccountTable("start_date", "call_session_history_id", [*known["sessions"], *sessions]),
            transactions=AccountTable("performed_at", "transaction_id", [*known["transactions"], *money]),
            holds=AccountTable("performed_at", "transaction_id", ledger.holds()),
            visits=AccountTable("begin_time", "acd_session_history_id", [*known["visits"], *ledger.visits(max(LEAST, calls // 5))]),
            audit=AccountTable("requested", "audit_log_id", [*known["audit"], *ledger.audit(max(LEAST, calls // 10))]),
            reports=AccountTable("created", "history_report_id", known["reports"]),
            queues=ledger.queues(),
            smart_queues=ledger.smart_queues(),
        )
        self._add_reports(books, account * 1000)
        return books

    def _counters(self, account: int) -> "tuple[list[Row], count[int], count[int], count[int]]":
        """Accounts share no ids."""
        return [], count(1_000_001 + account * 1_000_000), count(4_000_001 + account * 1_000_000), count(8_500_001 + account * 500_000)

    def _add_reports(self, books: Books, first: int) -> None:
        """Reports of the last month: done, run out, and one that failed."""
        for index in range(24):
            at = self.aware - timedelta(days=index + 1, seconds=self.chance.randrange(80_000))
            kind = REPORTS[index % len(REPORTS)]
            row: Row = {"history_report_id": first + index, "history_type": kind, "created": f"{at:%Y-%m-%d %H:%M:%S}", "format": "csv"}
            if index == 5:
                row |= {"error": {"msg": "No disc space.", "code": 24}, "completed": row["created"]}
            else:
                self.reports.complete(row, self._content(books, kind), "Etc/GMT", at + timedelta(seconds=20))
            books.reports.add(row)

    def _content(self, books: Books, kind: str) -> bytes:
        if kind == "transactions":
            return csvs.written(books.transactions.rows[-REPORT_ROWS:], csvs.TRANSACTIONS, True)
        if kind == "audit":
            return csvs.written(books.audit.rows[-REPORT_ROWS:], csvs.AUDIT, True)
        sessions = books.sessions.rows[-REPORT_ROWS:]
        return csvs.written(csvs.calls(sessions) if kind == "calls" else sessions, csvs.CALLS if kind == "calls" else csvs.BRIEF, True)


_SEED: dict[str, list[Row]] = {
    "sessions": list(seed.SESSIONS),
    "transactions": list(seed.TRANSACTIONS),
    "visits": list(seed.VISITS),
    "audit": list(seed.AUDIT),
    "reports": list(seed.REPORTS),
}
