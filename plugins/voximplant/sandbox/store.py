"""The store: everything that one account has, in tables sorted by time."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field

from telegraphql.plugin import Row

FILES = ("record_url", "log_file_url", "transcription_url")


class TimeTable:
    """Rows sorted by time and indexed by id.

    Times are texts that sort like times. Rows of one second have a fixed order that is not the order of their ids.
    """

    def __init__(self, time: str, id_name: str, rows: Iterable[Row] = ()) -> None:
        self.time = time
        self.id_name = id_name
        self.rows: list[Row] = sorted(rows, key=self.key)
        self.keys = [self.key(row) for row in self.rows]
        self.by_id: dict[int, Row] = {row[id_name]: row for row in self.rows}

    def key(self, row: Row) -> tuple[str, int]:
        """Return the sort key of a row."""
        return row[self.time], row[self.id_name] * 2654435761 % 4294967296

    def add(self, row: Row) -> None:
        """Insert a row."""
        insort(self.keys, self.key(row))
        self.rows.insert(bisect_left(self.keys, self.key(row)), row)
        self.by_id[row[self.id_name]] = row

    def index_range(self, start: str, end: str) -> tuple[int, int]:
        """Return the indexes of the rows from `start` to before `end`."""
        return bisect_left(self.keys, (start, -1)), bisect_left(self.keys, (end, -1))

    @property
    def next_id(self) -> int:
        """Return an unused id."""
        return max(self.by_id, default=0) + 1


@dataclass(slots=True)
class AccountStore:
    """The records of one account. Calls and recordings are also listed by themselves, with the keys of their session."""

    sessions: TimeTable
    transactions: TimeTable
    holds: TimeTable
    visits: TimeTable
    audit: TimeTable
    reports: TimeTable
    queues: list[Row]
    smart_queues: list[Row]
    calls: list[Row] = field(default_factory=list)
    recordings: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        for session in self.sessions.rows:
            self.index_session(session)

    def index_session(self, session: Row) -> None:
        """List the calls and recordings of a session."""
        keys = {"call_session_history_id": session["call_session_history_id"], "start_date": session["start_date"]}
        records = session.get("records", ())
        self.calls += [{**row, **keys} for row in session["calls"]]
        self.recordings += [{**row, **keys} for row in records]
        recorded_urls = {row["record_url"] for row in records}
        for row in session["calls"]:
            if row.get("record_url", None) not in recorded_urls | {None}:
                fields = {name: row[name] for name in ("call_id", "record_url", "start_time", "duration") if name in row}
                self.recordings.append({**fields, **keys})

    def reindex_session(self, session: Row) -> None:
        """List the calls and recordings of a changed session again."""
        number = session["call_session_history_id"]
        self.calls[:] = [row for row in self.calls if row["call_session_history_id"] != number]
        self.recordings[:] = [row for row in self.recordings if row["call_session_history_id"] != number]
        self.index_session(session)

    def file(self, url: str) -> Row | None:
        """Return the recording with this URL, or None."""
        return next((row for row in self.recordings if row["record_url"] == url), None)

    def delete_recording(self, recording: Row) -> None:
        """Delete a recording and its file."""
        session = self.sessions.by_id[recording["call_session_history_id"]]
        remaining = [row for row in session.get("records", ()) if row["record_url"] != recording["record_url"]]
        session.pop("records", None)
        if remaining:
            session["records"] = remaining
        for row in session["calls"]:
            if row.get("record_url") == recording["record_url"]:
                del row["record_url"]
        self.reindex_session(session)

    def move_files(self, old_origin: str, new_origin: str) -> None:
        """Change the origin of all file URLs."""
        rows = [part for session in self.sessions.rows for part in (session, *session["calls"], *session.get("records", ()))]
        for row in (*rows, *self.calls, *self.recordings):
            for name in FILES:
                if row.get(name, "").startswith(old_origin):
                    row[name] = new_origin + row[name].removeprefix(old_origin)
