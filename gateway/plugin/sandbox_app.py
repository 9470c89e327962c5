"""The server of a sandbox: admin endpoints first, then the journal and faults, then the wire protocol."""

import asyncio
import json
import random
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.plugin.answer_faults import AnswerShape, compressed_bomb, foreign, twin_ids, wrong_answer
from telegraphql.gateway.plugin.fault_modes import CLAMPED_ROWS, WRONG_ANSWERS, Fault

if TYPE_CHECKING:
    from telegraphql.gateway.plugin.sandbox import Sandbox

MAX_JOURNAL = 100_000
# The server's ASGI extension that cuts a connection.
ABORT = "telegraphql.abort"
FORM = "application/x-www-form-urlencoded"
MOVED = "_moved"


class SandboxApp:
    """The ASGI application of a sandbox."""

    def __init__(self, sandbox: "Sandbox", inner: ASGIApp) -> None:
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
        """Answer a request to the admin endpoints or to the upstream."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
        elif scope["path"].startswith("/_sandbox/"):
            await self.admin(scope, receive, send)
        else:
            await self._handle(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        self.sandbox.advance()
        request = Request(scope)
        operation = self.sandbox.operation(request, body)
        parameters = dict(self.sandbox.parameters(request, body))
        self._log_request(request, operation, parameters)
        fault = self.sandbox.fault
        if not fault.applies_to(operation) or self.random.random() >= fault.rate:
            await self.inner(scope, _replay(body), send)
            return
        await asyncio.sleep(fault.latency_ms / 1000)
        if fault.mode == "timeout":
            while (await receive())["type"] != "http.disconnect":
                pass
        elif fault.mode == "drop":
            scope["extensions"][ABORT]()
        else:
            answer = self._refusal(fault, request, operation, parameters) or await self._answer(fault, operation, scope, body)
            await answer(scope, receive, send)

    def _log_request(self, request: Request, operation: str, parameters: Mapping[str, str]) -> None:
        if len(self.sandbox.journal) < MAX_JOURNAL:
            self.sandbox.journal.append(
                {"method": request.method, "path": request.url.path, "operation": operation, "parameters": parameters}
            )

    def _refusal(self, fault: Fault, request: Request, operation: str, parameters: Mapping[str, str]) -> Response | None:
        """Return the answer to a request that is not carried out, or None."""
        mode = fault.mode or ""
        shape = self.sandbox.answer_shapes.get(operation)
        if mode == "status":
            return Response("simulated failure", fault.status)
        if mode == "html":
            return HTMLResponse("<html><body><h1>Maintenance</h1></body></html>")
        if mode in ("rate_limit", "unauthorized"):
            return self.sandbox.refuse(mode)
        if mode == "redirected_file" and operation in self.sandbox.file_operations and MOVED not in request.query_params:
            moved = urlencode([*request.query_params.multi_items(), (MOVED, "1")])
            return RedirectResponse(f"{fault.origin or ''}{request.url.path}?{moved}", 302)
        return self.sandbox.refuse_input(mode) if shape and self._is_refused(mode, shape, parameters) else None

    def _is_refused(self, mode: str, shape: AnswerShape, parameters: Mapping[str, str]) -> bool:
        lines = "\n".join(f"{name}={value}" for name, value in parameters.items())
        if mode == "unknown_id_refuses_batch" and shape.ids:
            requested = re.findall(shape.ids, lines, re.MULTILINE)
            known = {str(row.get(shape.id)) for row in self.sandbox.records[shape.kind]}
            return len(requested) > 1 and not known.issuperset(requested)
        if mode == "expired_links":
            return bool(shape.page and re.search(shape.page, lines, re.MULTILINE))
        if mode == "refuse_sort":
            return shape.sort in parameters
        return mode == "refuse_value" and bool(shape.filter and re.search(shape.filter, lines, re.MULTILINE))

    async def _answer(self, fault: Fault, operation: str, scope: Scope, body: bytes) -> Response:
        """Return the answer of the wire protocol, changed by the fault."""
        shape = self.sandbox.answer_shapes.get(operation)
        if fault.mode == "clamped_page" and shape and shape.size:
            scope, body = _clamped(scope, body, shape.size, fault.rows or CLAMPED_ROWS)
        answer = await _collected(self.inner, scope, body)
        if fault.mode == "truncate":
            answer.body = answer.body[: len(answer.body) // 2]
        elif fault.mode == "compressed_bomb":
            answer.body = compressed_bomb()
            answer.headers["content-encoding"] = "gzip"
        elif fault.mode in WRONG_ANSWERS and shape and answer.status_code == 200:
            twins = twin_ids(self.sandbox.records[shape.kind], shape.id) if fault.mode == "duplicate_ids" else {}
            answer.body = wrong_answer(fault, shape, bytes(answer.body), twins)
            answer.status_code = 200 if answer.body else 204
            if fault.mode == "foreign_links" and "link" in answer.headers:
                answer.headers["link"] = foreign(answer.headers["link"])
        answer.headers["content-length"] = str(len(answer.body))
        return answer

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
        return Response(msgspec.json.encode(self.sandbox.records[kind]), media_type="application/json")


def _clamped(scope: Scope, body: bytes, size: str, rows: int) -> tuple[Scope, bytes]:
    """Return a request for at most this many rows, in the query or in the form."""
    headers = dict(scope["headers"])
    if headers.get(b"content-type", b"").startswith(FORM.encode()):
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        body = urlencode(form | {size: _smaller(form.get(size), rows)}).encode()
        headers[b"content-length"] = str(len(body)).encode()
        return {**scope, "headers": list(headers.items())}, body
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    return {**scope, "query_string": urlencode(query | {size: _smaller(query.get(size), rows)}).encode()}, body


def _smaller(size: str | None, rows: int) -> str:
    return str(min(int(size), rows)) if size and size.isdecimal() else str(rows)


async def _collected(inner: ASGIApp, scope: Scope, body: bytes) -> Response:
    """Return the whole answer of an application."""
    answer, parts = Response(), bytearray()

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status_code, answer.raw_headers = message["status"], list(message["headers"])
        parts.extend(message.get("body", b""))

    await inner(scope, _replay(body), collect)
    answer.body = bytes(parts)
    return answer


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
