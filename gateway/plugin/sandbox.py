"""The base class of sandboxes: simulated upstreams with a request journal, injected faults and known records.

A plugin's `sandbox` module derives from `Sandbox`, returns the routes of the wire protocol, and keeps its records in `self.records`, by
kind, as the upstream's own JSON objects. The base class adds the admin endpoints under /_sandbox.
"""

import asyncio
import json
import random
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAULT_MODES = ("status", "timeout", "drop", "html", "truncate", "rate_limit", "unauthorized")
MAX_JOURNAL = 100_000
# The server's ASGI extension that cuts a connection.
ABORT = "telegraphql.abort"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """An injected fault: a share `rate` (0 to 1) of the requests fails, after `latency_ms` milliseconds."""

    latency_ms: int = 0
    rate: float = 1.0
    status: int = 503
    mode: str | None = None

    @classmethod
    def parse(cls, body: Any) -> "Fault":
        """Return the fault in the body of PUT /_sandbox/faults.

        Raises:
            ValueError: The body is invalid.
        """
        if not isinstance(body, dict) or set(body) - {"latency_ms", "rate", "status", "mode"}:
            raise ValueError("a fault must be an object with some of latency_ms, rate, status and mode")
        if body.get("mode", "status") not in FAULT_MODES:
            raise ValueError(f"mode must be one of {', '.join(FAULT_MODES)}")
        only_slow = "mode" not in body and "status" not in body
        return cls(
            latency_ms=int(body.get("latency_ms", 0)),
            rate=float(body.get("rate", 1.0)),
            status=int(body.get("status", 503)),
            mode=None if only_slow else str(body.get("mode", "status")),
        )


class Sandbox(ABC):
    """A simulated upstream with deterministic records: the same `seed`, `records` and `now` produce the same records.

    Its clock starts at `now`, which is the current time by default.
    """

    plugin: ClassVar[str]
    port_offset: ClassVar[int]
    base_path: ClassVar[str] = ""

    def __init__(self, *, records: int = 1000, seed: int = 1, now: datetime | None = None) -> None:
        started = datetime.now(UTC)
        self._clock_offset = (now or started) - started
        self.now = (now or started).replace(microsecond=0)
        self.random = random.Random(seed)
        self.count = records
        self.records: dict[str, list[Row]] = defaultdict(list)
        self.base_url = ""
        self.journal: list[Row] = []
        self.fault = Fault()
        self.generate()

    @abstractmethod
    def generate(self) -> None:
        """Fill `self.records`: `self.count` rows of kind "calls", including fixed examples, and what belongs to them."""

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Return the routes of the wire protocol."""

    @abstractmethod
    def operation(self, request: Request, body: bytes) -> str:
        """Return the name of the requested operation without ids, such as "GetCallHistory" or "GET /cdrs/{id}"."""

    @abstractmethod
    def add(self, kind: str, fields: Row) -> Row:
        """Add a record of this kind with the given fields, now, and return it.

        Raises:
            KeyError: Records of this kind cannot be added.
            ValueError: A field is invalid.
        """

    @abstractmethod
    def configuration(self, folder: Path) -> Row:
        """Return the table for telegraphql.toml that reaches this sandbox at `self.base_url`. Key files are written into `folder`."""

    @abstractmethod
    def refuse(self, mode: str) -> Response:
        """Return the upstream's own response to "rate_limit" and "unauthorized"."""

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """Return the parameters that the journal shows, without credentials."""
        return {name: value for name, value in request.query_params.items() if name not in ("api_key", "authcode", "account_id")}

    def expire(self) -> bool:
        """Expire the credentials that were issued or set so far. Return False if none can expire."""
        return False

    def current_time(self) -> datetime:
        """Return the upstream's current time: `now` plus the time since the sandbox was created."""
        return datetime.now(UTC) + self._clock_offset

    def past(self, spread: timedelta) -> datetime:
        """Return a random time, in whole seconds, within `spread` before `now`."""
        return self.now - timedelta(seconds=self.random.randint(60, max(61, int(spread.total_seconds()))))

    def app(self) -> ASGIApp:
        """Return the ASGI application: the upstream and its admin endpoints."""
        inner = Starlette(routes=[*self.routes()])
        return _SandboxApp(self, inner)


class LocalSandbox(Sandbox):
    """The sandbox of an upstream that is files or a database of this machine.

    `configuration` writes them into the folder and names them. `add` also writes what it adds. Only the admin endpoints are served.
    """

    def routes(self) -> Sequence[Route]:
        """Return no routes."""
        return ()

    def operation(self, request: Request, body: bytes) -> str:
        """Return "": there are no HTTP requests."""
        return ""

    def refuse(self, mode: str) -> Response:
        """Return status 404: there are no HTTP requests."""
        return Response(status_code=404)


class _SandboxApp:
    """The ASGI application: admin endpoints first, then the journal and faults, then the wire protocol."""

    def __init__(self, sandbox: Sandbox, inner: ASGIApp) -> None:
        self.sandbox = sandbox
        self.inner = inner
        self.admin = Starlette(
            routes=[
                Route("/_sandbox/requests", self._requests, methods=["GET", "DELETE"]),
                Route("/_sandbox/faults", self._faults, methods=["GET", "PUT", "DELETE"]),
                Route("/_sandbox/records", self._records, methods=["GET", "POST"]),
            ]
        )
        self.random = random.Random(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
        elif scope["path"].startswith("/_sandbox/"):
            await self.admin(scope, receive, send)
        else:
            await self._handle(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        self._log_request(Request(scope), body)
        fault = self.sandbox.fault
        if self.random.random() >= fault.rate:
            await self.inner(scope, _replay(body), send)
            return
        await asyncio.sleep(fault.latency_ms / 1000)
        await self._inject_fault(fault, scope, body, receive, send)

    def _log_request(self, request: Request, body: bytes) -> None:
        journal = self.sandbox.journal
        if len(journal) < MAX_JOURNAL:
            journal.append(
                {
                    "method": request.method,
                    "path": request.url.path,
                    "operation": self.sandbox.operation(request, body),
                    "parameters": dict(self.sandbox.parameters(request, body)),
                }
            )

    async def _inject_fault(self, fault: Fault, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        if fault.mode is None:
            await self.inner(scope, _replay(body), send)
        elif fault.mode == "status":
            await Response("simulated failure", fault.status)(scope, receive, send)
        elif fault.mode == "timeout":
            while (await receive())["type"] != "http.disconnect":
                pass
        elif fault.mode == "drop":
            scope["extensions"][ABORT]()
        elif fault.mode == "html":
            await HTMLResponse("<html><body><h1>Maintenance</h1></body></html>")(scope, receive, send)
        elif fault.mode == "truncate":
            await self.inner(scope, _replay(body), _TruncatedSend(send))
        else:
            await self.sandbox.refuse(fault.mode)(scope, receive, send)

    async def _requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.sandbox.journal.clear()
        return JSONResponse(self.sandbox.journal)

    async def _faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.sandbox.fault = Fault()
        elif request.method == "PUT":
            try:
                self.sandbox.fault = Fault.parse(await request.json())
            except (ValueError, TypeError) as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(asdict(self.sandbox.fault))

    async def _records(self, request: Request) -> Response:
        kind = request.query_params.get("kind", "")
        if request.method == "POST":
            try:
                fields = json.loads(await request.body() or b"{}")
                return JSONResponse(self.sandbox.add(kind, fields), 201)
            except (KeyError, ValueError) as error:
                return JSONResponse({"error": f"cannot add a record of kind {kind!r}: {error}"}, 400)
        if kind not in self.sandbox.records:
            return JSONResponse({"error": f"kind must be one of {', '.join(sorted(self.sandbox.records))}"}, 404)
        return JSONResponse(self.sandbox.records[kind])


class _TruncatedSend:
    """An ASGI send that delivers the first half of a body, with a content-length that matches it."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.start: Message | None = None
        self.parts = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.parts += message.get("body", b"")
        if message.get("more_body") or self.start is None:
            return
        half = bytes(self.parts[: len(self.parts) // 2])
        headers = [(name, value) for name, value in self.start["headers"] if name.lower() != b"content-length"]
        self.start["headers"] = [*headers, (b"content-length", str(len(half)).encode())]
        await self.send(self.start)
        await self.send({"type": "http.response.body", "body": half})


async def _read_body(receive: Receive) -> bytes:
    parts = bytearray()
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(parts)


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
