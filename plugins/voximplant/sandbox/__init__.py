"""The Voximplant sandbox: the Management API of two accounts, the second a child of the first."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row, Sandbox
from telegraphql.plugins.voximplant.sandbox.add_records import RecordAdder
from telegraphql.plugins.voximplant.sandbox.answer_shapes import ANSWER_SHAPES, FILE_OPERATIONS
from telegraphql.plugins.voximplant.sandbox.api_request import method_of, parameters
from telegraphql.plugins.voximplant.sandbox.auth import Authenticator, SandboxAccount, SandboxServiceKey
from telegraphql.plugins.voximplant.sandbox.data import DataGenerator
from telegraphql.plugins.voximplant.sandbox.errors import (
    AUTHORIZATION_FAILED,
    INVALID_PARAMETER,
    INVALID_SESSION_ID,
    RATE_LIMIT_EXCEED,
    ErrorReply,
)
from telegraphql.plugins.voximplant.sandbox.history import CREDENTIALS
from telegraphql.plugins.voximplant.sandbox.reports import ReportStore
from telegraphql.plugins.voximplant.sandbox.routes import Endpoints
from telegraphql.plugins.voximplant.sandbox.sessions import ORIGIN
from telegraphql.plugins.voximplant.sandbox.state import SandboxState
from telegraphql.plugins.voximplant.sandbox.store import AccountStore
from telegraphql.plugins.voximplant.sandbox.truths import TRUTHS

__all__ = ["VoximplantSandbox"]

PARENT, CHILD = 1, 2
CHILD_CALLS = 25
ROWS_OF_KIND: Mapping[str, Callable[[AccountStore], list[Row]]] = {
    "sessions": lambda store: store.sessions.rows,
    "calls": lambda store: store.calls,
    "recordings": lambda store: store.recordings,
    "transactions": lambda store: store.transactions.rows,
    "heldTransactions": lambda store: store.holds.rows,
    "queues": lambda store: store.queues,
    "smartQueues": lambda store: store.smart_queues,
    "queueVisits": lambda store: store.visits.rows,
    "auditEntries": lambda store: store.audit.rows,
    "reports": lambda store: store.reports.rows,
}
ERROR_REPLIES = {
    "rate_limit": ErrorReply(RATE_LIMIT_EXCEED, "The rate limit is exceeded."),
    "unauthorized": ErrorReply(AUTHORIZATION_FAILED, "Authorization failed."),
}


class VoximplantSandbox(Sandbox):
    """The sandbox of the Management API and of the files that its responses name."""

    plugin = "voximplant"
    port_offset = 1
    base_path = "/platform_api"
    answer_shapes = ANSWER_SHAPES
    file_operations = FILE_OPERATIONS
    truths = TRUTHS
    state: SandboxState
    _file_origin = ""

    def generate(self) -> None:
        """Generate the records of both accounts. Kinds that start with "child" are those of the second account."""
        accounts = [
            SandboxAccount(PARENT, "acme", f"{self.random.getrandbits(128):032x}", "Europe/Zurich"),
            SandboxAccount(CHILD, "acme-us", f"{self.random.getrandbits(128):032x}", "America/New_York", PARENT),
        ]
        self.key = SandboxServiceKey.new(PARENT, f"{self.random.getrandbits(128):032x}")
        self.state = SandboxState(Authenticator(accounts, [self.key]), {}, ReportStore(self.current_time))
        self.generator = generator = DataGenerator(self.state.reports, self.random, self.now)
        self.state.stores = {PARENT: generator.with_examples(PARENT, self.count), CHILD: generator.without_examples(CHILD, CHILD_CALLS)}
        for kind, rows in ROWS_OF_KIND.items():
            self.records[kind] = rows(self.state.stores[PARENT])
            self.records[f"child{kind[0].upper()}{kind[1:]}"] = rows(self.state.stores[CHILD])

    def routes(self) -> Sequence[Route]:
        """Return the routes of methods and files."""
        return Endpoints(self.state, lambda: self.origin, self.current_time).routes()

    def operation(self, request: Request, body: bytes) -> str:
        """Return the method's name, or the folder of a file."""
        if request.url.path.startswith(self.base_path):
            return method_of(request, parameters(request, body))
        return f"{request.method} /{request.url.path.split('/')[1]}"

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """Return all parameters except credentials."""
        return {name: value for name, value in parameters(request, body).items() if name not in CREDENTIALS}

    def add(self, kind: str, fields: Row) -> Row:
        """Add a record to the first account."""
        return RecordAdder(self.state, self.state.stores[PARENT], self.origin, self.current_time()).add(kind, fields)

    def make_call(self, end: datetime) -> None:
        """Add a random session of the first account, with its calls, recordings and charges."""
        sessions, store = self.generator.sessions[PARENT], self.state.stores[PARENT]
        plain_end = end.replace(tzinfo=None, microsecond=0)
        sessions.now = plain_end
        row = self.ending_at(plain_end, sessions.any_session, _end_of)
        store.sessions.add(row)
        store.index_session(row)
        for charge in sessions.charges:
            store.transactions.add(charge)
        store.move_files(ORIGIN, self.origin)

    def configuration(self, folder: Path) -> Row:
        """Return the settings with the service account's key file."""
        path = folder / "voximplant-key.json"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(self.key.file())
        path.chmod(0o600)
        return {"plugin": self.plugin, "base_url": self.base_url, "credentials_file": str(path.absolute()), "currency": "USD"}

    def refuse(self, mode: str) -> Response:
        """Return an error body."""
        return ERROR_REPLIES[mode].response()

    def refuse_input(self, mode: str) -> Response:
        """Return the error body of an invalid parameter, or of an unknown id."""
        code = INVALID_SESSION_ID if mode == "unknown_id_refuses_batch" else INVALID_PARAMETER
        return ErrorReply(code, "The parameter is invalid.").response()

    @property
    def origin(self) -> str:
        """Return the URL of files: scheme and host."""
        if self._file_origin:
            return self._file_origin
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ORIGIN

    def move_files(self, origin: str) -> None:
        """Change the URLs of files to another host, such as https://storage-gw-us-01.voximplant.com of live accounts."""
        old_origin, self._file_origin = self.origin, origin
        for store in self.state.stores.values():
            store.move_files(old_origin, origin)

    @property
    def base_url(self) -> str:
        """Return the URL of the API. Setting it changes the URLs of files in the records."""
        return self._base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        old_origin = self.origin if hasattr(self, "_base_url") else ORIGIN
        self._base_url = url
        if old_origin != self.origin:
            for store in self.state.stores.values():
                store.move_files(old_origin, self.origin)


def _end_of(session: Row) -> datetime:
    return datetime.fromisoformat(session["start_date"]) + timedelta(seconds=session["duration"])
