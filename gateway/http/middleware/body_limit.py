"""The size limit of request bodies and WebSocket messages, enforced while they are read."""

from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.http.request_headers import header

MESSAGE_TOO_BIG = 1009  # RFC 6455, section 7.4.1


class _BodyTooLarge(Exception):
    """Raised to end the app while it reads the body."""


class BodyLimitMiddleware:
    """ASGI middleware that limits bodies and messages to a number of bytes, which a reload may change."""

    def __init__(self, app: ASGIApp, max_bytes: Callable[[], int]) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        max_bytes = self.max_bytes()
        if scope["type"] == "http":
            await self._serve_request(scope, receive, send, max_bytes)
        elif scope["type"] == "websocket":
            await self.app(scope, _limited_messages(receive, send, max_bytes), send)
        else:
            await self.app(scope, receive, send)

    async def _serve_request(self, scope: Scope, receive: Receive, send: Send, max_bytes: int) -> None:
        try:
            if _content_length(scope) > max_bytes:
                raise _BodyTooLarge
            await self.app(scope, _limited_body(receive, max_bytes), send)
        except _BodyTooLarge:
            await _error_response(max_bytes)(scope, receive, send)


def _content_length(scope: Scope) -> int:
    length = header(scope, b"content-length")
    return int(length) if length.isdecimal() and len(length) < 20 else 0


def _limited_body(receive: Receive, max_bytes: int) -> Receive:
    remaining = max_bytes

    async def limited() -> Message:
        nonlocal remaining
        message = await receive()
        remaining -= len(message.get("body", b""))
        if remaining < 0:
            raise _BodyTooLarge
        return message

    return limited


def _limited_messages(receive: Receive, send: Send, max_bytes: int) -> Receive:
    async def limited() -> Message:
        message = await receive()
        text = message.get("text") or ""
        # A character takes at most four bytes in UTF-8: short texts need not be encoded to be measured.
        if len(message.get("bytes") or b"") > max_bytes or (
            len(text) * 4 > max_bytes and len(text.encode("utf-8", "surrogatepass")) > max_bytes
        ):
            reason = f"PAYLOAD_TOO_LARGE: at most {max_bytes} bytes (limits.body_bytes)"
            await send({"type": "websocket.close", "code": MESSAGE_TOO_BIG, "reason": reason})
            return {"type": "websocket.disconnect", "code": MESSAGE_TOO_BIG}
        return message

    return limited


def _error_response(max_bytes: int) -> JSONResponse:
    error = {
        "message": f"the request body is too large: at most {max_bytes} bytes are allowed (limits.body_bytes)",
        "extensions": {"code": "PAYLOAD_TOO_LARGE", "limit": max_bytes},
    }
    # The rest of the body is not read, so the connection cannot be used again.
    return JSONResponse({"errors": [error]}, 413, headers={"Connection": "close"})
