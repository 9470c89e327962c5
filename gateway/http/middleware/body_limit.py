"""The size limit of request bodies and WebSocket messages, enforced while they are read."""

from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.http.request_headers import header

# Of a Content-Length that is read as a number.
MAX_DIGITS = 20
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
        if scope["type"] != "http":
            await self.app(scope, _limited_messages(receive, send, max_bytes) if scope["type"] == "websocket" else receive, send)
            return
        length = header(scope, b"content-length")
        remaining = max_bytes

        async def limited() -> Message:
            nonlocal remaining
            message = await receive()
            remaining -= len(message.get("body", b""))
            if remaining < 0:
                raise _BodyTooLarge
            return message

        try:
            if length.isdecimal() and len(length) < MAX_DIGITS and int(length) > max_bytes:
                raise _BodyTooLarge
            await self.app(scope, limited, send)
        except _BodyTooLarge:
            await _error_response(max_bytes)(scope, receive, send)


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
