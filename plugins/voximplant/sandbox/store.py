"""Books: everything one account has, in tables."""

from dataclasses import dataclass, field

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox.table import AccountTable

FILES = ("record_url", "log_file_url", "transcription_url")


@dataclass(slots=True)
class Books:
    """The records of one account; calls and recordings are also told flat, with the keys of their session."""

    sessions: AccountTable
    transactions: AccountTable
    holds: AccountTable
    visits: AccountTable
    audit: AccountTable
    reports: AccountTable
    queues: list[Row]
    smart_queues: list[Row]
    calls: list[Row] = field(default_factory=list)
    recordings: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        for session in self.sessions.rows:
            self.tell(session)

    def tell(self, session: Row) -> None:
        """Tell a session's legs and recordings."""
        keys = {"call_session_history_id": session["call_session_history_id"], "start_date": session["start_date"]}
        records = session.get("records", ())
        self.calls += [{**row, **keys} for row in session["calls"]]
        self.recordings += [{**row, **keys} for row in records]
        named = {row["record_url"] for row in records}
        for row in session["calls"]:
            if row.get("record_url", None) not in named | {None}:
                known = {name: row[name] for name in ("call_id", "record_url", "start_time", "duration") if name in row}
                self.recordings.append({**known, **keys})

    def tell_again(self, session: Row) -> None:
        """The same after a change."""
        number = session["call_session_history_id"]
        self.calls[:] = [row for row in self.calls if row["call_session_history_id"] != number]
        self.recordings[:] = [row for row in self.recordings if row["call_session_history_id"] != number]
        self.tell(session)

    def file(self, url: str) -> Row | None:
        """The record, or else the leg, that names a file."""
        return next((row for row in self.recordings if row["record_url"] == url), None)

    def delete(self, found: Row) -> None:
        """Delete a record and its file."""
        session = self.sessions.by_id[found["call_session_history_id"]]
        kept = [row for row in session.get("records", ()) if row["record_url"] != found["record_url"]]
        session.pop("records", None)
        if kept:
            session["records"] = kept
        for row in session["calls"]:
            if row.get("record_url") == found["record_url"]:
                del row["record_url"]
        self.tell_again(session)

    def move(self, before: str, after: str) -> None:
        """Change where all files are."""
        rows = [part for session in self.sessions.rows for part in (session, *session["calls"], *session.get("records", ()))]
        for row in (*rows, *self.calls, *self.recordings):
            for name in FILES:
                if row.get(name, "").startswith(before):
                    row[name] = after + row[name].removeprefix(before)
