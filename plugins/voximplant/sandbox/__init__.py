"""Sandbox: a simulated Voximplant with two accounts, the second a child of the first."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.plugin import Row, Sandbox
from telegraphql.plugins.voximplant.sandbox.access import AccessControl, SandboxAccount, ServiceKey
from telegraphql.plugins.voximplant.sandbox.additions import Additions
from telegraphql.plugins.voximplant.sandbox.data import ORIGIN
from telegraphql.plugins.voximplant.sandbox.filling import Filling
from telegraphql.plugins.voximplant.sandbox.history import SECRETS
from telegraphql.plugins.voximplant.sandbox.question import method_of, parameters
from telegraphql.plugins.voximplant.sandbox.refused import AUTHORIZATION_FAILED, RATE_LIMIT_EXCEED, ErrorReply
from telegraphql.plugins.voximplant.sandbox.routes import Endpoints
from telegraphql.plugins.voximplant.sandbox.store import Books
from telegraphql.plugins.voximplant.sandbox.world import World

__all__ = ["VoximplantSandbox"]

PARENT, CHILD = 1, 2
CHILD_CALLS = 25
KINDS: Mapping[str, Callable[[Books], list[Row]]] = {
    "sessions": lambda books: books.sessions.rows,
    "calls": lambda books: books.calls,
    "recordings": lambda books: books.recordings,
    "transactions": lambda books: books.transactions.rows,
    "heldTransactions": lambda books: books.holds.rows,
    "queues": lambda books: books.queues,
    "smartQueues": lambda books: books.smart_queues,
    "queueVisits": lambda books: books.visits.rows,
    "auditEntries": lambda books: books.audit.rows,
    "reports": lambda books: books.reports.rows,
}
REFUSALS = {
    "rate_limit": ErrorReply(RATE_LIMIT_EXCEED, "The rate limit is exceeded."),
    "unauthorized": ErrorReply(AUTHORIZATION_FAILED, "Authorization failed."),
}


class VoximplantSandbox(Sandbox):
    """The Management API, and the files its answers name."""

    plugin = "voximplant"
    port_offset = 1
    base_path = "/platform_api"
    world: World
    _file_origin = ""

    def generate(self) -> None:
        """Both accounts' records; kinds that begin with "child" are the second account's."""
        accounts = [
            SandboxAccount(PARENT, "acme", f"{self.random.getrandbits(128):032x}", "Europe/Zurich"),
            SandboxAccount(CHILD, "acme-us", f"{self.random.getrandbits(128):032x}", "America/New_York", PARENT),
        ]
        self.key = ServiceKey.new(PARENT, f"{self.random.getrandbits(128):032x}")
        self.world = World(AccessControl(accounts, [self.key]), {})
        filling = Filling(self.world.reports, self.random, self.now)
        self.world.books = {PARENT: filling.with_seed(PARENT, self.count), CHILD: filling.alone(CHILD, CHILD_CALLS)}
        for kind, rows in KINDS.items():
            self.records[kind] = rows(self.world.books[PARENT])
            self.records[f"child{kind[0].upper()}{kind[1:]}"] = rows(self.world.books[CHILD])

    def routes(self) -> Sequence[Route]:
        """Methods and files."""
        return Endpoints(self.world, lambda: self.origin).routes()

    def operation(self, request: Request, body: bytes) -> str:
        """The method's name; for a file its folder."""
        if request.url.path.startswith(self.base_path):
            return method_of(request, parameters(request, body))
        return f"{request.method} /{request.url.path.split('/')[1]}"

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """All parameters but credentials."""
        return {name: value for name, value in parameters(request, body).items() if name not in SECRETS}

    def add(self, kind: str, given: Row) -> Row:
        """Add to the first account."""
        return Additions(self.world, self.world.books[PARENT], self.origin).add(kind, given)

    def configuration(self, folder: Path) -> Row:
        """The table with the service account's key file."""
        path = folder / "voximplant-key.json"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(self.key.file())
        path.chmod(0o600)
        return {"plugin": self.plugin, "base_url": self.base_url, "credentials_file": str(path.absolute()), "currency": "USD"}

    def refuse(self, mode: str) -> Response:
        """An error body."""
        return REFUSALS[mode].response()

    @property
    def origin(self) -> str:
        """Where files are: the address without the API's path, unless they were moved."""
        if self._file_origin:
            return self._file_origin
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ORIGIN

    def move_files(self, origin: str) -> None:
        """Name files by another address, as live accounts do: https://storage-gw-us-01.voximplant.com."""
        before, self._file_origin = self.origin, origin
        for books in self.world.books.values():
            books.move(before, origin)

    @property
    def base_url(self) -> str:
        """Where the API is. Setting it moves the files that the records name."""
        return self._base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        before = self.origin if hasattr(self, "_base_url") else ORIGIN
        self._base_url = url
        if before != self.origin:
            for books in self.world.books.values():
                books.move(before, self.origin)
