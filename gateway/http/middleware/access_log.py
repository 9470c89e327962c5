"""Access: every request gets its id, and its line in the log; what breaks on the way is answered and logged under that id."""

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
MOST_PATH = 200


class AccessLogMiddleware:
    """ASGI around the whole server."""

    def __init__(self, app: ASGIApp, access: bool = True) -> None:
        self.app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app under an id."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        answer = _Answer(RequestInfo.of(scope), send)
        token = set_current_request(answer.exchange)
        try:
            await self.app(scope, receive, answer.send)
        except Exception as error:
            if answer.status or scope["type"] != "http":
                log_unexpected(error)
            else:
                await (await unexpected_error_response(Request(scope), error))(scope, receive, answer.send)
        finally:
            if self._access:
                _line(scope, answer, (time.perf_counter() - started) * 1000)
            reset_current_request(token)


class _Answer:
    """What is sent: its status is noted, its first message carries the id."""

    __slots__ = ("_send", "exchange", "status")

    def __init__(self, exchange: RequestInfo, send: Send) -> None:
        self.exchange, self._send, self.status = exchange, send, 0

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start" or kind == "websocket.accept":
            self.status = message.get("status", 101)
            message["headers"] = [*message.get("headers", ()), (HEADER, self.exchange.id.encode())]
        await self._send(message)


def _line(scope: Scope, answer: _Answer, milliseconds: float) -> None:
    path = scope["path"]
    level = logging.DEBUG if path in PROBES and answer.status == 200 else logging.INFO
    if not log.isEnabledFor(level):
        return
    running = answer.exchange
    running.caller = running.caller or caller_name(scope.get("caller"))
    fields = {
        "method": scope.get("method", "WEBSOCKET"),
        "path": "/media/…" if path.startswith("/media/") else path[:MOST_PATH],
        "status": int(answer.status),
        "ms": round(milliseconds, 3),
    }
    if running.operation:
        fields["operation"] = running.operation
    # As log.log would, but for the search of the caller's file and line, which takes longer than all the rest and is told nowhere.
    log.handle(log.makeRecord(log.name, level, "", 0, "request", (), None, "", {"fields": fields}))
