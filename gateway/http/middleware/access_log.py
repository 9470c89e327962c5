"""Request ids and the access log. Unexpected errors outside of GraphQL are answered and logged under the request's id."""

import logging
import time

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.http.error_responses import unexpected_error_response
from telegraphql.gateway.telemetry.request_context import RequestInfo, caller_name, reset_current_request, set_current_request
from telegraphql.gateway.telemetry.unexpected_errors import log_unexpected

log = logging.getLogger("telegraphql")
HEADER = b"x-request-id"
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
        started_at = time.perf_counter()
        response = _ResponseObserver(RequestInfo.of(scope), send)
        token = set_current_request(response.request)
        try:
            await self.app(scope, receive, response.send)
        except Exception as error:
            if response.status or scope["type"] != "http":
                log_unexpected(error)
            else:
                await (await unexpected_error_response(Request(scope), error))(scope, receive, response.send)
        finally:
            if self._access_log:
                _log_request(scope, response, (time.perf_counter() - started_at) * 1000)
            reset_current_request(token)


class _ResponseObserver:
    """Notes the status of a response, and adds the request id to its headers."""

    __slots__ = ("_send", "request", "status")

    def __init__(self, request: RequestInfo, send: Send) -> None:
        self.request, self._send, self.status = request, send, 0

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start" or kind == "websocket.accept":
            self.status = message.get("status", 101)
            message["headers"] = [*message.get("headers", ()), (HEADER, self.request.id.encode())]
        await self._send(message)


def _log_request(scope: Scope, response: _ResponseObserver, milliseconds: float) -> None:
    path = scope["path"]
    level = logging.DEBUG if path in PROBES and response.status == 200 else logging.INFO
    if not log.isEnabledFor(level):
        return
    request = response.request
    request.caller = request.caller or caller_name(scope.get("caller"))
    fields = {
        "method": scope.get("method", "WEBSOCKET"),
        "path": "/media/…" if path.startswith("/media/") else path[:MAX_PATH_LENGTH],
        "status": int(response.status),
        "ms": round(milliseconds, 3),
    }
    if request.operation:
        fields["operation"] = request.operation
    # log.log would search the stack for the caller's file and line, which takes longer than all the rest and is not logged.
    log.handle(log.makeRecord(log.name, level, "", 0, "request", (), None, "", {"fields": fields}))
