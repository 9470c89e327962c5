"""Sandbox: the frame of a simulated upstream - its journal, its faults and the truth of its records.

A plugin's `sandbox` module derives from `Sandbox`, gives the routes of the wire protocol, and keeps its records in `self.records`,
kind by kind, as the upstream's own JSON objects. The frame adds the admin endpoints under /_sandbox."""

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

MODES = ("status", "timeout", "drop", "html", "truncate", "rate_limit", "unauthorized")
JOURNAL = 100_000
# The server's ASGI extension that cuts a connection.
ABORT = "telegraphql.abort"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """How the sandbox misbehaves: a share `rate` of the requests, after `latency_ms`."""

    latency_ms: int = 0
    rate: float = 1.0
    status: int = 503
    mode: str | None = None

    @classmethod
    def read(cls, given: Any) -> "Fault":
        """From the body of PUT /_sandbox/faults; ValueError says what is wrong."""
        if not isinstance(given, dict) or set(given) - {"latency_ms", "rate", "status", "mode"}:
            raise ValueError("a fault is an object of latency_ms, rate, status and mode")
        if given.get("mode", "status") not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        only_slow = "mode" not in given and "status" not in given
        return cls(
            latency_ms=int(given.get("latency_ms", 0)),
            rate=float(given.get("rate", 1.0)),
            status=int(given.get("status", 503)),
            mode=None if only_slow else str(given.get("mode", "status")),
        )


class Sandbox(ABC):
    """A simulated upstream over deterministic records: the same seed, number and moment give the same records."""

    plugin: ClassVar[str]
    port_offset: ClassVar[int]
    base_path: ClassVar[str] = ""

    def __init__(self, *, records: int = 1000, seed: int = 1, now: datetime | None = None) -> None:
        self.now = (now or datetime.now(UTC)).replace(microsecond=0)
        self.random = random.Random(seed)
        self.count = records
        self.records: dict[str, list[Row]] = defaultdict(list)
        self.base_url = ""
        self.journal: list[Row] = []
        self.fault = Fault()
        self.generate()

    @abstractmethod
    def generate(self) -> None:
        """Fill `self.records`: `self.count` rows of kind "calls", the seed's examples among them, and what belongs to them."""

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """The wire protocol."""

    @abstractmethod
    def operation(self, request: Request, body: bytes) -> str:
        """The name of what is asked, without ids, such as "GetCallHistory" or "GET /cdrs/{id}"."""

    @abstractmethod
    def add(self, kind: str, given: Row) -> Row:
        """Add a record of this kind now, with the given fields; KeyError for a kind that cannot be added."""

    @abstractmethod
    def configuration(self, folder: Path) -> Row:
        """The table for telegraphql.toml that reaches this sandbox at `self.base_url`; key files are written into `folder`."""

    @abstractmethod
    def refuse(self, mode: str) -> Response:
        """The upstream's own answer to "rate_limit" and "unauthorized"."""

    def parameters(self, request: Request, body: bytes) -> Mapping[str, str]:
        """What the journal shows of the parameters; credentials are left out."""
        return {name: value for name, value in request.query_params.items() if name not in ("api_key", "authcode", "account_id")}

    def expire(self) -> bool:
        """Let what credentials were got or set so far run out, as time would; once more, if it is told again. False where none do."""
        return False

    def past(self, spread: timedelta) -> datetime:
        """A whole second within `spread` before `now`."""
        return self.now - timedelta(seconds=self.random.randint(60, max(61, int(spread.total_seconds()))))

    def app(self) -> ASGIApp:
        """The upstream and its admin endpoints."""
        inner = Starlette(routes=[*self.routes()])
        return _Framed(self, inner)


class LocalSandbox(Sandbox):
    """The same for an upstream that is files or a database: `configuration` writes them into the folder and names them. Nothing but the
    admin endpoints is served; what `add` adds, it also writes."""

    def routes(self) -> Sequence[Route]:
        """None."""
        return ()

    def operation(self, request: Request, body: bytes) -> str:
        """Nobody asks over HTTP."""
        return ""

    def refuse(self, mode: str) -> Response:
        """Nobody asks over HTTP."""
        return Response(status_code=404)


class _Framed:
    """ASGI around the wire protocol: admin endpoints first, then journal and faults, then the protocol itself."""

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
        self.chance = random.Random(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
        elif scope["path"].startswith("/_sandbox/"):
            await self.admin(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        self._note(Request(scope), body)
        fault = self.sandbox.fault
        if self.chance.random() >= fault.rate:
            await self.inner(scope, _again(body), send)
            return
        await asyncio.sleep(fault.latency_ms / 1000)
        await self._misbehave(fault, scope, body, receive, send)

    def _note(self, request: Request, body: bytes) -> None:
        journal = self.sandbox.journal
        if len(journal) < JOURNAL:
            journal.append(
                {
                    "method": request.method,
                    "path": request.url.path,
                    "operation": self.sandbox.operation(request, body),
                    "parameters": dict(self.sandbox.parameters(request, body)),
                }
            )

    async def _misbehave(self, fault: Fault, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        if fault.mode is None:
            await self.inner(scope, _again(body), send)
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
            await self.inner(scope, _again(body), _Cut(send))
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
                self.sandbox.fault = Fault.read(await request.json())
            except (ValueError, TypeError) as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(asdict(self.sandbox.fault))

    async def _records(self, request: Request) -> Response:
        kind = request.query_params.get("kind", "")
        if request.method == "POST":
            try:
                given = json.loads(await request.body() or b"{}")
                return JSONResponse(self.sandbox.add(kind, given), 201)
            except (KeyError, ValueError) as error:
                return JSONResponse({"error": f"cannot add {kind or 'nothing'}: {error}"}, 400)
        if kind not in self.sandbox.records:
            return JSONResponse({"error": f"kind is one of {', '.join(sorted(self.sandbox.records))}"}, 404)
        return JSONResponse(self.sandbox.records[kind])


class _Cut:
    """A send that delivers only the first half of a body, under its true length header cut to match."""

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


async def _body(receive: Receive) -> bytes:
    parts = bytearray()
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(parts)


def _again(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
