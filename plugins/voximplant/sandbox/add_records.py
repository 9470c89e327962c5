"""Records added while the sandbox runs, at the current time."""

from datetime import datetime

from telegraphql.plugin import Row, mp3_size
from telegraphql.plugins.voximplant.sandbox.api_request import format_time
from telegraphql.plugins.voximplant.sandbox.reports import ReportJob
from telegraphql.plugins.voximplant.sandbox.sessions import ORIGIN
from telegraphql.plugins.voximplant.sandbox.state import SandboxState
from telegraphql.plugins.voximplant.sandbox.store import AccountStore, TimeTable

SESSION_FIELDS = ("application_id", "application_name", "rule_name", "user_id", "custom_data", "finish_reason", "start_date")


class RecordAdder:
    """Adds records to one account. Given fields override defaults."""

    def __init__(self, state: SandboxState, store: AccountStore, origin: str, now: datetime) -> None:
        self.state = state
        self.store = store
        self.origin = origin or ORIGIN
        self.now = format_time(now)

    def add(self, kind: str, fields: Row) -> Row:
        """Add a record and return its row.

        Raises:
            KeyError: Records of this kind cannot be added.
        """
        kinds = {
            "calls": self.call,
            "sessions": self.session,
            "recordings": self.recording,
            "transactions": lambda row: self._transaction(self.store.transactions, row),
            "heldTransactions": lambda row: self._transaction(self.store.holds, row),
            "queues": self.queue,
            "queueVisits": self.visit,
            "auditEntries": self.change,
            "reports": self.report,
        }
        return kinds[kind](fields)

    def call(self, fields: Row) -> Row:
        """Add a call to the named session, or to a new one."""
        session = self._find_or_create_session(fields)
        leg = self._leg({name: value for name, value in fields.items() if name not in (*SESSION_FIELDS, "call_session_history_id")})
        session["calls"].append(leg)
        self.store.reindex_session(session)
        return next(row for row in self.store.calls if row["call_id"] == leg["call_id"])

    def session(self, fields: Row) -> Row:
        """Add a session, with one call unless calls are given."""
        row = self._new_session(fields)
        if not row["calls"]:
            row["calls"].append(self._leg({"start_time": row["start_date"]}))
        self.store.reindex_session(row)
        return row

    def recording(self, fields: Row) -> Row:
        """Add a recording of the last call of the named session, or of a new one."""
        session = self._find_or_create_session(fields)
        if not session["calls"]:
            session["calls"].append(self._leg({}))
        leg, number = session["calls"][-1], self._next_id()
        url = f"{self.origin}/records/added/{number}.mp3"
        defaults: Row = {"record_id": number, "start_time": leg["start_time"], "duration": 10, "record_url": url, "transaction_id": 0}
        row = defaults | {name: value for name, value in fields.items() if name not in (*SESSION_FIELDS, "call_session_history_id")}
        row.setdefault("file_size", mp3_size(row["duration"]))
        leg["record_url"] = row["record_url"]
        session.setdefault("records", []).append(row)
        self.store.reindex_session(session)
        return next(each for each in self.store.recordings if each.get("record_id") == row["record_id"])

    def queue(self, fields: Row) -> Row:
        """Add an ACD queue."""
        number = max(row["acd_queue_id"] for row in self.store.queues) + 1
        row: Row = {"acd_queue_id": number, "acd_queue_name": f"Queue {number}", "created": self.now, "modified": self.now, **fields}
        self.store.queues.append(row)
        return row

    def visit(self, fields: Row) -> Row:
        """Add a visit to the first queue."""
        row: Row = {"account_id": 1, "begin_time": self.now, "priority": 1, "acd_queue_id": 1, "waiting_duration": 5, "unserviced": True}
        return self._insert(self.store.visits, row | fields)

    def change(self, fields: Row) -> Row:
        """Add an audit log entry."""
        row: Row = {"account_id": 1, "requested": self.now, "ip": "192.168.0.12", "cmd_name": "AddUser", "cmd_args": {}}
        return self._insert(self.store.audit, row | fields)

    def report(self, fields: Row) -> Row:
        """Add a report in progress. It is done when polled twice."""
        job = ReportJob(lambda: b"call_session_history_id\r\n", "Etc/GMT")
        number = self.state.reports.start(self.store, fields.get("history_type", "calls"), {}, job)
        row = self.store.reports.by_id[number]
        row |= {name: value for name, value in fields.items() if name != "history_report_id"}
        return row

    def _transaction(self, table: TimeTable, fields: Row) -> Row:
        row: Row = {"account_id": "1", "performed_at": self.now, "amount": -0.01, "currency": "USD", "transaction_type": "resource_charge"}
        return self._insert(table, row | fields)

    def _insert(self, table: TimeTable, row: Row) -> Row:
        row.setdefault(table.id_name, table.next_id)
        table.add(row)
        return row

    def _find_or_create_session(self, fields: Row) -> Row:
        number = fields.get("call_session_history_id")
        known = self.store.sessions.by_id.get(number) if isinstance(number, int) else None
        return known or self._new_session({name: fields[name] for name in (*SESSION_FIELDS, "call_session_history_id") if name in fields})

    def _new_session(self, fields: Row) -> Row:
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
        return self._insert(self.store.sessions, row | fields)

    def _leg(self, fields: Row) -> Row:
        row: Row = {
            "call_id": self._next_id(),
            "start_time": self.now,
            "duration": 30,
            "local_number": "41446681800",
            "remote_number": "442079460123",
            "remote_number_type": "pstn",
            "incoming": True,
            "successful": True,
            "transaction_id": 0,
        }
        return row | fields

    def _next_id(self) -> int:
        """Return an id that no call and no recording has."""
        taken = [row[name] for row in (*self.store.calls, *self.store.recordings) for name in ("call_id", "record_id") if name in row]
        return max(taken, default=0) + 1
