"""Compression of responses with gzip, except media files: byte ranges refer to their uncompressed bytes."""

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.http.request_headers import headers

MIN_BYTES = 1024
# Higher levels take several times as long, and make JSON hardly smaller.
LEVEL = 4
MEDIA_PATH = "/media/"


class CompressionMiddleware:
    """ASGI middleware that compresses responses."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(MEDIA_PATH):
            await self.app(scope, receive, send)
            return
        send_next = send

        async def compressing(message: Message) -> None:
            nonlocal send_next
            # A short response is sent as it is.
            if message["type"] == "http.response.start" and not any(
                name == b"content-length" and value.isdigit() and int(value) < MIN_BYTES for name, value in message.get("headers", ())
            ):
                accepts_gzip = b"gzip" in headers(scope).get(b"accept-encoding", b"")
                if accepts_gzip or not _is_json(message["headers"]):
                    responder = GZipResponder(_no_app, MIN_BYTES, LEVEL) if accepts_gzip else IdentityResponder(_no_app, MIN_BYTES)
                    responder.send, send_next = send, responder.send_with_compression
                else:
                    MutableHeaders(raw=message["headers"]).add_vary_header("Accept-Encoding")
            await send_next(message)

        await self.app(scope, receive, compressing)


def _is_json(response_headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and value.startswith(b"application/") and b"json" in value for name, value in response_headers)


async def _no_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Do nothing: a responder needs an app, but only its `send_with_compression` is used."""
