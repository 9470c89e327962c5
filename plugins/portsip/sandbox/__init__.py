"""Sandbox: a simulated PortSIP PBX 22.x with one tenant."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row, Sandbox
from telegraphql.plugins.portsip.sandbox import access, shapes
from telegraphql.plugins.portsip.sandbox.data import SECOND, Calls, cdr, micros_of
from telegraphql.plugins.portsip.sandbox.files import FileRows
from telegraphql.plugins.portsip.sandbox.queries import micros
from telegraphql.plugins.portsip.sandbox.reports import Orders
from telegraphql.plugins.portsip.sandbox.routes import Resources, SignIn, refused, unauthorized
from telegraphql.plugins.portsip.sandbox.tables import CdrTable

RESOURCES = ("cdrs", "calllogs", "recordings", "call_queues", "voicemails", "call_reports", "completed_call_reports")
OF_KIND = {
    "calls": (shapes.CALL_LOG, "started_at"),
    "sessions": (shapes.CDR, "started_at"),
    "recordings": (shapes.RECORDING, "started_at"),
    "queues": (shapes.QUEUE, None),
    "voicemessages": (shapes.VOICEMAIL, "created_at"),
    "reports": (shapes.COMPLETED_REPORT, "completed_at"),
    "reportSchedules": (shapes.CALL_REPORT, None),
}


class PortsipSandbox(Sandbox):
    """A PBX on loopback. `access.lifetime` shortens tokens, `orders.seconds` the making of reports."""

    plugin = "portsip"
    port_offset = 3
    most_page = 100

    def expire(self) -> bool:
        """Forget the tokens; those to refresh them stay."""
        self.access.tokens.clear()
        return True

    def generate(self) -> None:
        """Calls first, then what belongs to them."""
        self.access = access.TokenStore()
        self.calls = Calls(self.random, self.now)
        self.files = FileRows(self.random, self.calls, self.now)
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
        self.tables = {kind: CdrTable(rows[kind], shapes.properties(names), time) for kind, (names, time) in OF_KIND.items()}
        self.records |= {kind: table.rows for kind, table in self.tables.items()}
        self.orders = Orders(self.tables["reportSchedules"], self.tables["reports"], self.files, self.current_time)

    def routes(self) -> Sequence[Route]:
        """Signing in, and the resources."""
        return [*SignIn(self.access).routes(), *Resources(self.access, self.tables, self.orders, self._key).routes()]

    def operation(self, request: Request, body: bytes) -> str:
        """The method and the path under /api, without ids."""
        resource, *rest = request.url.path.removeprefix("/api/").split("/")
        if resource in RESOURCES and rest:
            rest[0] = "{id}"
        if resource == "blobs":
            rest = ["{digest}"]
        return f"{request.method} /{'/'.join([resource, *rest])}"

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """Query options, and which grant a login used."""
        shown = dict(super().parameters(request, body))
        if request.url.path == "/api/login/oauth/token":
            shown |= {name: value for name, value in parse_qsl(body.decode("utf-8", "replace")) if name == "grant_type"}
        return shown

    def add(self, kind: str, given: Row) -> Row:
        """A record of now. A call brings its session, a session its leg."""
        now = micros_of(self.current_time()) // SECOND * SECOND
        if kind == "calls":
            return self._add_call(now, given)
        if kind == "sessions":
            leg = self._add_call(now, {"session_id": given["id"]} if "id" in given else {})
            row = self.tables["sessions"].find(leg["session_id"])
            assert row is not None
            self.tables["sessions"].remove(row["id"])
            return self.tables["sessions"].insert({**row, **given})
        made: dict[str, Callable[[], Row]] = {
            "recordings": self._recording,
            "voicemessages": lambda: self.files.voicemail(now, "+41616925879", 12),
            "queues": lambda: {**next(self.files.queues()), "extension_number": "8100", "name": "New queue"},
            "reports": lambda: self.files.report("Report", "NORMAL", "CSV", now),
            "reportSchedules": lambda: {**next(self.files.schedules()), "id": self._key()},
        }
        return self.tables[kind].insert({**made[kind](), **given})

    def configuration(self, folder: Path) -> Row:
        """Signs in as the tenant's administrator."""
        login = {"username": "admin", "password": access.PASSWORD, "domain": access.DOMAIN}
        return {"plugin": self.plugin, "base_url": f"{self.base_url}/api", **login, "region": "CH", "currency": "EUR"}

    def refuse(self, mode: str) -> Response:
        """In the PBX's form; no rate limit is documented, so that one is the usual."""
        if mode == "unauthorized":
            return unauthorized()
        response = refused(429, "UNKNOWN", "too many requests")
        response.headers["retry-after"] = "1"
        return response

    def _add_call(self, now: int, given: Row) -> Row:
        start = micros(given["started_at"]) if "started_at" in given else now
        session_id = str(given.get("session_id") or self.calls.snowflake(start))
        leg = {**self.calls.leg(start, session_id, "INBOUND"), **given, "session_id": session_id}
        calls, sessions = self.tables["calls"], self.tables["sessions"]
        if calls.find(leg["id"]):
            raise ValueError("there is a call with this id")
        calls.insert(leg)
        sessions.remove(session_id)
        sessions.insert(cdr(calls.of_session(session_id)))
        return leg

    def _recording(self) -> Row:
        """Of the last answered call."""
        return self.files.recording(next(leg for leg in reversed(self.tables["calls"].rows) if leg["answered_at"]))

    def _key(self) -> str:
        return self.calls.snowflake(micros_of(self.current_time()))
