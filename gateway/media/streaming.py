"""Sending: the bytes of the file that a link leads to, streamed with ranges."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import httpx
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from telegraphql.gateway.auth.caller import LOCAL, NOBODY
from telegraphql.gateway.errors import Forbidden, NotAllowed, NotFound, RateLimited, Refusal, TimedOut, Unauthorized, UpstreamError
from telegraphql.gateway.media.gzip import unpacked
from telegraphql.gateway.media.links import NO_LINK, BadToken, ExpiredToken, Files, locate
from telegraphql.gateway.media.ranges import RangeResponse
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Download
from telegraphql.gateway.upstream.byte_range import Range, parse_range
from telegraphql.gateway.upstream.instrumentation import Recorder

STATUS: Mapping[type[UpstreamError], int] = {NotFound: 404, Forbidden: 403, RateLimited: 503, TimedOut: 504, Unauthorized: 502}


def _whoever(name: str, provider: str) -> bool:
    return name == LOCAL.name


async def serve(
    request: HttpRequest, files: Files, serving: Mapping[str, BoundProvider], may_fetch: Callable[[str, str], bool] = _whoever
) -> Response:
    """The answer to GET or HEAD of a link. The link is enough, as long as the caller for whom it was made may still fetch; nobody else's
    credentials may come with it."""
    try:
        address = files.read(request.path_params["token"])
        provider = serving.get(address.provider)
        if provider is None or not may_fetch(address.caller, address.provider):
            raise BadToken(NO_LINK)
        if request.scope.get("caller", NOBODY).name not in (address.caller, NOBODY.name):
            raise NotAllowed("this link was made for another caller; ask for the record's media yourself")
        return await _opened(request, provider, await locate(provider, address.file, address.native_id))
    except UpstreamError as error:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 502)
        return _refused(status, error, str(error))
    except Refusal as error:
        return _refused(410 if isinstance(error, ExpiredToken) else 403, error, str(error))


def _refused(status: int, error: Refusal, message: str) -> Response:
    return JSONResponse({"error": {"message": message, **error.extensions}}, status, {"cache-control": "no-store"})


async def _opened(request: HttpRequest, serving: BoundProvider, download: Download) -> Response:
    """The open file; the upstream connection is closed when the answer is, whoever ends it."""
    wanted = parse_range(request.headers.get("range"))
    if wanted is not None and not download.may_be_gzipped:
        download.request.headers["Range"] = wanted.header
    if not download.may_be_gzipped:
        download.request.headers["Accept-Encoding"] = "identity"
    stack = AsyncExitStack()
    try:
        response = await stack.enter_async_context(serving.provider.upstream.stream(download.request, download.mime_type))
        part = _part(download, response, wanted)
        headers = _headers(download, response.headers.get("content-type"), part)
        if part.unsatisfiable or request.method == "HEAD":
            await stack.aclose()
            return StreamingResponse(_nothing(), part.status, headers)
        chunks = unpacked(response.aiter_bytes()) if download.may_be_gzipped else response.aiter_bytes()
        return StreamingResponse(_closing(part.cut(chunks), stack, serving.provider.upstream.recorder), part.status, headers)
    except BaseException:
        await stack.aclose()
        raise


def _part(download: Download, response: httpx.Response, wanted: Range | None) -> RangeResponse:
    """What is sent. The length of what may be packed is not known before its end."""
    if download.may_be_gzipped:
        return RangeResponse.of(response.status_code, {}, None, None)
    return RangeResponse.of(response.status_code, response.headers, wanted, download.size_bytes)


async def _nothing() -> AsyncIterator[bytes]:
    """No bytes, which is not the same as a length of nothing."""
    yield b""


async def _closing(chunks: AsyncIterator[bytes], stack: AsyncExitStack, recorder: Recorder) -> AsyncIterator[bytes]:
    async with stack:
        async for chunk in chunks:
            recorder.media(len(chunk))
            yield chunk


def _headers(download: Download, content_type: str | None, part: RangeResponse) -> dict[str, str]:
    headers: dict[str, Any] = {
        "content-type": download.mime_type or content_type or "application/octet-stream",
        "accept-ranges": "bytes",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'; media-src 'self'",
        **part.headers,
    }
    if download.file_name:
        headers["content-disposition"] = f"inline; filename*=UTF-8''{quote(download.file_name, safe='')}"
    return headers
