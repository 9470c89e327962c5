"""The HTTP endpoint of media links: streams the file behind a link, with ranges."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import httpx
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from telegraphql.gateway.auth.caller import LOCAL, NOBODY, Caller, Scope, payer_of
from telegraphql.gateway.auth.redaction import withholds_address
from telegraphql.gateway.errors import (
    Forbidden,
    NotAllowed,
    NotFound,
    Overloaded,
    RateLimited,
    Refusal,
    TimedOut,
    Unauthorized,
    UpstreamError,
)
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.media.gzip import decompressed
from telegraphql.gateway.media.links import INVALID_LINK_MESSAGE, ExpiredLink, FileAddress, InvalidLink, MediaLinks, locate_file
from telegraphql.gateway.media.ranges import RangeResponse
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Download
from telegraphql.gateway.upstream.byte_range import Range, parse_range
from telegraphql.gateway.upstream.instrumentation import Recorder

# So many bytes are sent in one turn at the processor, and take so long of it.
TURN_BYTES, TURN_SECONDS = 256 * 1024, 0.001
STATUS: Mapping[type[UpstreamError], int] = {NotFound: 404, Forbidden: 403, RateLimited: 503, TimedOut: 504, Unauthorized: 502}


async def _local(name: str, stamp: Sequence[str]) -> Caller | None:
    return LOCAL if name == LOCAL.name else None


async def stream_file(
    request: HttpRequest,
    links: MediaLinks,
    serving: Mapping[str, BoundProvider],
    owner_of: Callable[[str, Sequence[str]], Awaitable[Caller | None]] = _local,
    limit: ConcurrencyLimit | None = None,
) -> Response:
    """Return the response to GET or HEAD of a link.

    The link itself is the credential, as long as the caller it was made for may still fetch the file. A request with another caller's
    credentials is refused.
    """
    provider = None
    try:
        address = links.read(request.path_params["token"])
        provider = serving.get(address.provider)
        owner = await owner_of(address.caller, address.stamp)
        if provider is None or owner is None or not _may_fetch(owner, provider.name, address.file):
            raise InvalidLink(INVALID_LINK_MESSAGE)
        if request.scope.get("caller", NOBODY).name not in (address.caller, NOBODY.name):
            raise NotAllowed("this link was made for another caller: query the record's media with your own credentials")
        return await _stream(request, provider, address, owner, limit or ConcurrencyLimit())
    except UpstreamError as error:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 502)
        error.provider = provider.name if provider else error.provider
        return _error_response(status, error, str(error))
    except Overloaded as error:
        response = _error_response(429, error, str(error))
        response.headers["retry-after"] = str(error.retry_after)
        return response
    except Refusal as error:
        return _error_response(410 if isinstance(error, ExpiredLink) else 403, error, str(error))


def _may_fetch(owner: Caller, provider: str, file: str) -> bool:
    """Return True if the caller of a link has the rights now that it had when the link was made."""
    return Scope.MEDIA in owner.scopes and owner.can_see(provider) and not (owner.redact and withholds_address(owner, file))


def _error_response(status: int, error: Refusal, message: str) -> Response:
    return JSONResponse({"error": {"message": message, **error.extensions}}, status, {"cache-control": "no-store"})


async def _stream(request: HttpRequest, serving: BoundProvider, address: FileAddress, owner: Caller, limit: ConcurrencyLimit) -> Response:
    """Return a response that streams the file. The upstream connection is closed when the response ends for any reason.

    Raises:
        Overloaded: Too many files are being sent.
    """
    requested, payer, stack = parse_range(request.headers.get("range")), payer_of(address.caller), AsyncExitStack()
    limit.download(payer)
    stack.callback(limit.downloads.release, payer)
    try:
        download = await locate_file(serving, address.file, address.native_id)
        if requested is not None and not download.may_be_gzipped:
            download.request.headers["Range"] = requested.header
        if not download.may_be_gzipped:
            download.request.headers["Accept-Encoding"] = "identity"
        response = await stack.enter_async_context(serving.provider.upstream.stream(download.request, download.mime_type))
        range_response = _range_response(download, response, requested)
        headers = _headers(download, response.headers.get("content-type"), range_response)
        if download.file_name and not owner.redacts_personal:
            headers["content-disposition"] = f"inline; filename*=UTF-8''{quote(download.file_name, safe='')}"
        if range_response.unsatisfiable or request.method == "HEAD":
            await stack.aclose()
            return StreamingResponse(_empty_body(), range_response.status, headers)
        chunks = decompressed(response.aiter_bytes()) if download.may_be_gzipped else response.aiter_bytes()
        body = _counted(range_response.cut(chunks), serving.provider.upstream.recorder, limit, payer)
        return StreamedFile(body, range_response.status, headers, stack)
    except BaseException:
        await stack.aclose()
        raise


class StreamedFile(StreamingResponse):
    """A file that is sent as it comes. What it needed is closed at its end, also if that comes before its first byte."""

    def __init__(self, body: AsyncIterator[bytes], status: int, headers: Mapping[str, str], stack: AsyncExitStack) -> None:
        super().__init__(body, status, headers)
        self._stack = stack

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Send it."""
        async with self._stack:
            await super().__call__(scope, receive, send)


def _range_response(download: Download, response: httpx.Response, requested: Range | None) -> RangeResponse:
    """Return what to send. The length of a file that may be gzipped is unknown until its end."""
    if download.may_be_gzipped:
        return RangeResponse.of(response.status_code, {}, None, None)
    return RangeResponse.of(response.status_code, response.headers, requested, download.size_bytes)


async def _empty_body() -> AsyncIterator[bytes]:
    """Yield an empty body. Without an iterator Starlette would add a content-length of 0."""
    yield b""


async def _counted(chunks: AsyncIterator[bytes], recorder: Recorder, limit: ConcurrencyLimit, payer: str) -> AsyncIterator[bytes]:
    """Yield the bytes, and count them. Of a caller that asks for much, they wait for its turn at the processor."""
    left = TURN_BYTES
    async for chunk in chunks:
        recorder.media(len(chunk))
        yield chunk
        left -= len(chunk)
        if left <= 0:
            left = TURN_BYTES
            await limit.take_turn(payer)
            limit.processor.end(payer, TURN_SECONDS)


def _headers(download: Download, content_type: str | None, range_response: RangeResponse) -> dict[str, str]:
    headers: dict[str, Any] = {
        "content-type": download.mime_type or _mime_type(content_type),
        "accept-ranges": "bytes",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'; media-src 'self'",
        **range_response.headers,
    }
    return headers


def _mime_type(content_type: str | None) -> str:
    """Return an upstream's Content-Type, unless it holds what no header may hold."""
    is_plain = content_type is not None and content_type.isascii() and content_type.isprintable()
    return content_type if is_plain and content_type else "application/octet-stream"
