"""The PortSIP sandbox: a simulated PBX 22.x with one tenant."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import RecordTruth, Row, Sandbox
from telegraphql.plugins.portsip.sandbox import auth, fields
from telegraphql.plugins.portsip.sandbox.answer_shapes import ANSWER_SHAPES, FILE_OPERATIONS
from telegraphql.plugins.portsip.sandbox.data import SECOND, CallGenerator, cdr, to_micros
from telegraphql.plugins.portsip.sandbox.files import FileRecordGenerator
from telegraphql.plugins.portsip.sandbox.queries import parse_micros
from telegraphql.plugins.portsip.sandbox.reports import ReportScheduler
from telegraphql.plugins.portsip.sandbox.routes import LoginEndpoints, ResourceEndpoints, error_response, unauthorized
from telegraphql.plugins.portsip.sandbox.rules import PbxRules
from telegraphql.plugins.portsip.sandbox.store import CdrTable
from telegraphql.plugins.portsip.sandbox.truths import TRUTHS, WITHOUT_CALL_LOGS

RESOURCES = ("cdrs", "calllogs", "recordings", "call_queues", "voicemails", "call_reports", "completed_call_reports")
TABLE_FIELDS = {
    "calls": (fields.CALL_LOG, "started_at"),
    "sessions": (fields.CDR, "started_at"),
    "recordings": (fields.RECORDING, "started_at"),
    "queues": (fields.QUEUE, None),
    "voicemessages": (fields.VOICEMAIL, "created_at"),
    "reports": (fields.COMPLETED_REPORT, "completed_at"),
    "reportSchedules": (fields.CALL_REPORT, None),
}


class PortsipSandbox(Sandbox):
    """The sandbox.

    Its switches: `tokens.lifetime` shortens the life of tokens, `tokens.logins` is what a version has to log in, `rules` what the PBX
    refuses, `scheduler.seconds` the time that a report takes.
    """

    plugin = "portsip"
    port_offset = 3
    answer_shapes = ANSWER_SHAPES
    file_operations = FILE_OPERATIONS
    truths = TRUTHS

    def expire(self) -> bool:
        """Revoke all access tokens. Refresh tokens stay valid."""
        self.tokens.access_tokens.clear()
        return True

    def generate(self) -> None:
        """Generate calls, then the records that belong to them."""
        self.tokens = auth.TokenStore()
        self.rules = PbxRules()
        self.calls = CallGenerator(self.random, self.now)
        self.files = FileRecordGenerator(self.random, self.calls, self.now)
        legs = self.calls.legs(self.count)
        sessions: dict[str, list[Row]] = {}
        for leg in legs:
            sessions.setdefault(leg["session_id"], []).append(leg)
        rows = {
            "calls": legs,
            "sessions": [cdr(parts) for parts in sessions.values()],
            "recordings": list(self.files.recordings(legs)),
            "queues": list(self.files.queues()),
            "voicemessages": list(self.files.voicemails(3 + self.count // 20)),
            "reports": list(self.files.reports(22 + self.count // 100)),
            "reportSchedules": list(self.files.schedules()),
        }
        self.tables = {kind: CdrTable(rows[kind], fields.property_types(names), time) for kind, (names, time) in TABLE_FIELDS.items()}
        self.records |= {kind: table.rows for kind, table in self.tables.items()}
        self.scheduler = ReportScheduler(self.tables["reportSchedules"], self.tables["reports"], self.files, self.current_time)

    def routes(self) -> Sequence[Route]:
        """Return the routes of the API."""
        return [
            *LoginEndpoints(self.tokens).routes(),
            *ResourceEndpoints(self.tokens, self.tables, self.scheduler, self.rules, self._key).routes(),
        ]

    def operation(self, request: Request, body: bytes) -> str:
        """Return the method and the path under /api, without ids."""
        resource, *segments = request.url.path.removeprefix("/api/").split("/")
        if resource in RESOURCES and segments:
            segments[0] = "{id}"
        if resource == "blobs":
            segments = ["{digest}"]
        return f"{request.method} /{'/'.join([resource, *segments])}"

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """Return the query options, and the grant type of a login."""
        parameters = dict(super().parameters(request, body))
        if request.url.path == "/api/login/oauth/token":
            parameters |= {name: value for name, value in parse_qsl(body.decode("utf-8", "replace")) if name == "grant_type"}
        return parameters

    def add(self, kind: str, values: Row) -> Row:
        """Add a record now. A call brings its session, a session its leg."""
        now = to_micros(self.current_time()) // SECOND * SECOND
        if kind == "calls":
            return self._add_call(now, values)
        if kind == "sessions":
            leg = self._add_call(now, {"session_id": values["id"]} if "id" in values else {})
            row = self.tables["sessions"].find(leg["session_id"])
            assert row is not None
            self.tables["sessions"].remove(row["id"])
            return self.tables["sessions"].insert({**row, **values})
        defaults: dict[str, Callable[[], Row]] = {
            "recordings": self._recording,
            "voicemessages": lambda: self.files.voicemail(now, "+41616925879", 12),
            "queues": lambda: {**next(self.files.queues()), "extension_number": "8100", "name": "New queue"},
            "reports": lambda: self.files.report("Report", "NORMAL", "CSV", now),
            "reportSchedules": lambda: {**next(self.files.schedules()), "id": self._key()},
        }
        return self.tables[kind].insert({**defaults[kind](), **values})

    def make_call(self, end: datetime) -> None:
        """Add the legs of a random conversation, its session, and a recording of some answered legs."""
        legs = self.ending_at(end, lambda start: self.calls.any_session(to_micros(start)), _end_of)
        for leg in legs:
            self.tables["calls"].insert(leg)
        self.tables["sessions"].insert(cdr(legs))
        for leg in legs:
            if leg["answered_at"] and self.random.random() < 0.5:
                self.tables["recordings"].insert(self.files.recording(leg))

    def configuration(self, folder: Path) -> Row:
        """Return the settings of the tenant's administrator."""
        login = {"username": "admin", "password": auth.PASSWORD, "domain": auth.DOMAIN}
        return {"plugin": self.plugin, "base_url": f"{self.base_url}/api", **login, "region": "CH", "currency": "EUR"}

    def refuse(self, mode: str) -> Response:
        """Return an error in the PBX's format. Its rate limit is not documented, so a usual response is used."""
        if mode == "unauthorized":
            return unauthorized()
        response = error_response(429, "UNKNOWN", "too many requests")
        response.headers["retry-after"] = "1"
        return response

    def truth(self, kind: str, settings: Mapping[str, Any]) -> RecordTruth | None:
        """Return the truth of a kind."""
        return WITHOUT_CALL_LOGS if kind == "Call" and not settings.get("has_call_logs", True) else super().truth(kind, settings)

    def refuse_input(self, mode: str) -> Response:
        """Return the error of an invalid query option."""
        return error_response(400, "VALIDATE_FAILED", "invalid query option")

    def _add_call(self, now: int, values: Row) -> Row:
        start = parse_micros(values["started_at"]) if "started_at" in values else now
        session_id = str(values.get("session_id") or self.calls.snowflake(start))
        leg = {**self.calls.leg(start, session_id, "INBOUND"), **values, "session_id": session_id}
        calls, sessions = self.tables["calls"], self.tables["sessions"]
        if calls.find(leg["id"]):
            raise ValueError("a call with this id exists")
        calls.insert(leg)
        sessions.remove(session_id)
        sessions.insert(cdr(calls.of_session(session_id)))
        return leg

    def _recording(self) -> Row:
        """Return a recording of the last answered call."""
        return self.files.recording(next(leg for leg in reversed(self.tables["calls"].rows) if leg["answered_at"]))

    def _key(self) -> str:
        return self.calls.snowflake(to_micros(self.current_time()))


def _end_of(legs: Sequence[Row]) -> datetime:
    return datetime.fromtimestamp(max(parse_micros(leg["ended_at"]) for leg in legs) / SECOND, UTC)
