"""Bodies: requests and messages of WebSockets that are too large are refused before they are read whole."""

from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.http.headers import header

TOO_BIG = 1009  # the WebSocket protocol's own code


class _TooLarge(Exception):
    """Ends the app in the middle of reading."""


class BodyLimitMiddleware:
    """ASGI around an app that reads bodies and messages of at most so many bytes."""

    def __init__(self, app: ASGIApp, most: Callable[[], int]) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app on what is small enough."""
        most = self.most()
        if scope["type"] == "http":
            await self._request(scope, receive, send, most)
        elif scope["type"] == "websocket":
            await self.app(scope, _messages(receive, send, most), send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        try:
            if _announced(scope) > most:
                raise _TooLarge
            await self.app(scope, _body(receive, most), send)
        except _TooLarge:
            await _refusal(most)(scope, receive, send)


def _announced(scope: Scope) -> int:
    length = header(scope, b"content-length")
    return int(length) if length.isdecimal() and len(length) < 20 else 0


def _body(receive: Receive, most: int) -> Receive:
    left = most

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise _TooLarge
        return message

    return counted


def _messages(receive: Receive, send: Send, most: int) -> Receive:
    async def checked() -> Message:
        message = await receive()
        text = message.get("text") or ""
        # No character of UTF-8 is longer than four bytes: short texts need not be encoded to be counted.
        if len(message.get("bytes") or b"") > most or (len(text) * 4 > most and len(text.encode("utf-8", "surrogatepass")) > most):
            reason = f"PAYLOAD_TOO_LARGE: at most {most} bytes (limits.body_bytes)"
            await send({"type": "websocket.close", "code": TOO_BIG, "reason": reason})
            return {"type": "websocket.disconnect", "code": TOO_BIG}
        return message

    return checked


def _refusal(most: int) -> JSONResponse:
    error = {
        "message": f"the request's body is too large: at most {most} bytes are read (limits.body_bytes)",
        "extensions": {"code": "PAYLOAD_TOO_LARGE", "limit": most},
    }
    # What is left of the body is not read, so that the connection cannot be used again.
    return JSONResponse({"errors": [error]}, 413, headers={"Connection": "close"})
