"""Additions: records that are put in while the sandbox runs, at the current time."""

from datetime import datetime

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox import sound
from telegraphql.plugins.voximplant.sandbox.data import ORIGIN
from telegraphql.plugins.voximplant.sandbox.question import written
from telegraphql.plugins.voximplant.sandbox.reports import ReportJob
from telegraphql.plugins.voximplant.sandbox.store import Books
from telegraphql.plugins.voximplant.sandbox.table import AccountTable
from telegraphql.plugins.voximplant.sandbox.world import World

OF_SESSION = ("application_id", "application_name", "rule_name", "user_id", "custom_data", "finish_reason", "start_date")


class Additions:
    """Adds to one account's books; what is given overrides what would be made up."""

    def __init__(self, world: World, books: Books, origin: str, now: datetime) -> None:
        self.world = world
        self.books = books
        self.origin = origin or ORIGIN
        self.now = written(now)

    def add(self, kind: str, given: Row) -> Row:
        """The new row; KeyError for a kind that cannot be added."""
        kinds = {
            "calls": self.call,
            "sessions": self.session,
            "recordings": self.recording,
            "transactions": lambda row: self._transaction(self.books.transactions, row),
            "heldTransactions": lambda row: self._transaction(self.books.holds, row),
            "queues": self.queue,
            "queueVisits": self.visit,
            "auditEntries": self.change,
            "reports": self.report,
        }
        return kinds[kind](given)

    def call(self, given: Row) -> Row:
        """A leg: of the session named, else of a new one."""
        session = self._session_of(given)
        leg = self._leg({name: value for name, value in given.items() if name not in (*OF_SESSION, "call_session_history_id")})
        session["calls"].append(leg)
        self.books.tell_again(session)
        return next(row for row in self.books.calls if row["call_id"] == leg["call_id"])

    def session(self, given: Row) -> Row:
        """A session, with one leg unless legs are given."""
        row = self._new_session(given)
        if not row["calls"]:
            row["calls"].append(self._leg({"start_time": row["start_date"]}))
        self.books.tell_again(row)
        return row

    def recording(self, given: Row) -> Row:
        """A recording of a leg: of a new session, or the last leg of the one named."""
        session = self._session_of(given)
        if not session["calls"]:
            session["calls"].append(self._leg({}))
        leg, number = session["calls"][-1], self._next_part()
        url = f"{self.origin}/records/added/{number}.mp3"
        made: Row = {"record_id": number, "start_time": leg["start_time"], "duration": 10, "record_url": url, "transaction_id": 0}
        row = made | {name: value for name, value in given.items() if name not in (*OF_SESSION, "call_session_history_id")}
        row.setdefault("file_size", sound.size(row["duration"]))
        leg["record_url"] = row["record_url"]
        session.setdefault("records", []).append(row)
        self.books.tell_again(session)
        return next(each for each in self.books.recordings if each.get("record_id") == row["record_id"])

    def queue(self, given: Row) -> Row:
        """A queue of the older kind."""
        number = max(row["acd_queue_id"] for row in self.books.queues) + 1
        row: Row = {"acd_queue_id": number, "acd_queue_name": f"Queue {number}", "created": self.now, "modified": self.now, **given}
        self.books.queues.append(row)
        return row

    def visit(self, given: Row) -> Row:
        """A visit to the first queue."""
        row: Row = {"account_id": 1, "begin_time": self.now, "priority": 1, "acd_queue_id": 1, "waiting_duration": 5, "unserviced": True}
        return self._put(self.books.visits, row | given)

    def change(self, given: Row) -> Row:
        """A change of the account."""
        row: Row = {"account_id": 1, "requested": self.now, "ip": "192.168.0.12", "cmd_name": "AddUser", "cmd_args": {}}
        return self._put(self.books.audit, row | given)

    def report(self, given: Row) -> Row:
        """A report in progress; asked for twice it is done."""
        job = ReportJob(lambda: b"call_session_history_id\r\n", "Etc/GMT")
        number = self.world.reports.start(self.books, given.get("history_type", "calls"), {}, job)
        row = self.books.reports.by_id[number]
        row |= {name: value for name, value in given.items() if name != "history_report_id"}
        return row

    def _transaction(self, table: AccountTable, given: Row) -> Row:
        row: Row = {"account_id": "1", "performed_at": self.now, "amount": -0.01, "currency": "USD", "transaction_type": "resource_charge"}
        return self._put(table, row | given)

    def _put(self, table: AccountTable, row: Row) -> Row:
        row.setdefault(table.id_name, table.next_id)
        table.add(row)
        return row

    def _session_of(self, given: Row) -> Row:
        number = given.get("call_session_history_id")
        known = self.books.sessions.by_id.get(number) if isinstance(number, int) else None
        return known or self._new_session({name: given[name] for name in (*OF_SESSION, "call_session_history_id") if name in given})

    def _new_session(self, given: Row) -> Row:
        row: Row = {
            "account_id": 1,
            "application_id": 2,
            "application_name": "support.acme",
            "rule_name": "incoming",
            "start_date": self.now,
            "initiator_address": "203.0.113.1",
            "media_server_address": "198.51.100.1",
            "finish_reason": "Normal termination",
            "duration": 31,
            "calls": [],
        }
        return self._put(self.books.sessions, row | given)

    def _leg(self, given: Row) -> Row:
        row: Row = {
            "call_id": self._next_part(),
            "start_time": self.now,
            "duration": 30,
            "local_number": "41446681800",
            "remote_number": "442079460123",
            "remote_number_type": "pstn",
            "incoming": True,
            "successful": True,
            "transaction_id": 0,
        }
        return row | given

    def _next_part(self) -> int:
        """A number that no leg and no record has."""
        taken = [row[name] for row in (*self.books.calls, *self.books.recordings) for name in ("call_id", "record_id") if name in row]
        return max(taken, default=0) + 1
