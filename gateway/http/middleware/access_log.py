"""Request ids and the access log. Unexpected errors outside of GraphQL are answered and logged under the request's id."""

import logging
import re
import secrets
import time

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.http.error_responses import unexpected_error_response
from telegraphql.gateway.telemetry.request_context import CURRENT_REQUEST, ID_BYTES, RequestInfo, caller_name, network_of
from telegraphql.gateway.telemetry.unexpected_errors import log_unexpected

log = logging.getLogger("telegraphql")
REQUEST_ID = b"x-request-id"
SAFE_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
MAX_PATH_LENGTH = 200


class AccessLogMiddleware:
    """ASGI middleware around the whole server. `access_log`: whether each request is logged."""

    def __init__(self, app: ASGIApp, access_log: bool = True) -> None:
        self.app, self._access_log = app, access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under an id."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        started_at, request = time.perf_counter(), _request_info(scope)
        request_id_header = (REQUEST_ID, request.id.encode())
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            kind = message["type"]
            if kind == "http.response.start" or kind == "websocket.accept":
                status = message.get("status", 101)
                message["headers"] = [*message.get("headers", ()), request_id_header]
            await send(message)

        token = CURRENT_REQUEST.set(request)
        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            if status or scope["type"] != "http":
                log_unexpected(error)
            else:
                await (await unexpected_error_response(Request(scope), error))(scope, receive, send_with_id)
        finally:
            if self._access_log:
                _log_request(scope, request, status, (time.perf_counter() - started_at) * 1000)
            CURRENT_REQUEST.reset(token)


def _request_info(scope: Scope) -> RequestInfo:
    """Read the headers of a request. The client's X-Request-ID is used if it is safe to log."""
    address, _ = scope.get("client") or ("", 0)
    request = RequestInfo(id="", is_websocket=scope["type"] == "websocket", address=network_of(address))
    for name, value in scope["headers"]:
        if name == REQUEST_ID and SAFE_ID.fullmatch(value):
            request.id = value.decode()
        elif name == b"x-telegraphql-explain":
            request.explain = value == b"1"
        elif name == b"traceparent":
            request.traceparent = value.decode("latin-1")
    request.id = request.id or secrets.token_hex(ID_BYTES)
    return request


def _log_request(scope: Scope, request: RequestInfo, status: int, milliseconds: float) -> None:
    path = scope["path"]
    level = logging.DEBUG if path in PROBES and status == 200 else logging.INFO
    if not log.isEnabledFor(level):
        return
    request.caller = request.caller or caller_name(scope.get("caller"))
    fields = {
        "method": scope.get("method", "WEBSOCKET"),
        "path": "/media/…" if path.startswith("/media/") else path[:MAX_PATH_LENGTH],
        "status": int(status),
        "ms": round(milliseconds, 3),
    }
    if request.operation:
        fields["operation"] = request.operation
    if request.rows:
        fields |= {"rows": request.rows, "cpu_ms": round(request.cpu_seconds * 1000)}
    # log.log would search the stack for the caller's file and line, which takes longer than all the rest and is not logged.
    log.handle(log.makeRecord(log.name, level, "", 0, "request", (), None, "", {"fields": fields}))
