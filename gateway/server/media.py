"""Media: signed, expiring links to files, and the bytes behind them, streamed with ranges."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from itsdangerous import BadData, BadSignature, SignatureExpired, URLSafeTimedSerializer, base64_decode, base64_encode
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from gateway.callers.caller import LOCAL, NOBODY, Caller
from gateway.errors import (
    BadAnswer,
    Forbidden,
    NotAllowed,
    NotFound,
    RateLimited,
    Refusal,
    TimedOut,
    Unauthorized,
    Unsupported,
    UpstreamError,
)
from gateway.observing.recorder import Recorder
from gateway.provider import Download
from gateway.server.ranges import Part, Range, asked_range
from gateway.serving import Serving
from gateway.transport.unpacking import unpacked
from schema.record import FileInfo, Record
from schema.values import Media

MOST_TEXT = 4 * 1024 * 1024
STATUS: Mapping[type[UpstreamError], int] = {NotFound: 404, Forbidden: 403, RateLimited: 503, TimedOut: 504, Unauthorized: 502}


# Whatever it was made for: who holds a link that no longer works is not told why.
NO_LINK = "this is not a link of this gateway"


class BadToken(Refusal):
    """A link that was not made here, or was changed."""

    code = "BAD_TOKEN"


class ExpiredToken(Refusal):
    """A link that has run out."""

    code = "EXPIRED_TOKEN"


@dataclass(frozen=True, slots=True)
class Address:
    """One file of one record (or of none, for an export)."""

    provider: str
    file: str
    native_id: str
    caller: str = LOCAL.name
    until: int | None = None

    def of(self, caller: Caller) -> "Address":
        """The same for one caller, and for no longer than its credentials are good."""
        return replace(self, caller=caller.name, until=None if caller.until is None else int(caller.until))


def _check_spelling(token: str) -> None:
    """BadSignature where a signature is not spelt as we spell it: the last letter of base64 has bits that nobody reads."""
    signature = token.rpartition(".")[2]
    if base64_encode(base64_decode(signature)).decode() != signature:
        raise BadSignature("spelt otherwise")


class Files:
    """Makes links and opens what they lead to."""

    def __init__(self, secret: str, lifetime: timedelta, base_url: str = "") -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="media")
        self._lifetime = lifetime
        self._base_url = base_url.rstrip("/")

    def link(self, record: Record, field: str, caller: Caller = LOCAL) -> Media | None:
        """A link to a file of a record; None where the record has no such file."""
        info = record.files.get(field)
        if info is None:
            return None
        return self.link_to(Address(record.provider_name, f"{type(record).__name__}.{field}", record.native_id).of(caller), info)

    def link_to(self, address: Address, info: FileInfo) -> Media:
        """A link to any file."""
        token = self._signer.dumps([address.provider, address.file, address.native_id, address.caller, address.until])
        expires_at = datetime.now(UTC).replace(microsecond=0) + self._lifetime
        if address.until is not None:
            expires_at = min(expires_at, datetime.fromtimestamp(address.until, UTC))
        return Media(
            url=f"{self._base_url}/media/{token if isinstance(token, str) else token.decode()}",
            mime_type=info.mime_type,
            size_bytes=info.size_bytes,
            file_name=info.file_name,
            expires_at=expires_at,
        )

    def read(self, token: str) -> Address:
        """What a link leads to; BadToken or ExpiredToken."""
        try:
            _check_spelling(token)
            address = Address(*self._signer.loads(token, max_age=int(self._lifetime.total_seconds())))
        except SignatureExpired:
            raise ExpiredToken("this link has expired; ask the gateway for the record's media again") from None
        except (BadData, ValueError, TypeError):
            raise BadToken(NO_LINK) from None
        if address.until is not None and address.until <= time.time():
            raise ExpiredToken("this link has expired; ask the gateway for the record's media again")
        return address

    async def text(self, serving: Serving, record: Record, field: str) -> str:
        """A text file, read to its end."""
        download = await locate(serving, f"{type(record).__name__}.{field}", record.native_id)
        body = bytearray()
        async with serving.provider.upstream.stream(download.request, download.mime_type) as response:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_TEXT:
                    raise BadAnswer(f"the text is longer than {MOST_TEXT} bytes", provider=serving.name)
        return body.decode("utf-8", "replace")


async def locate(serving: Serving, file: str, native_id: str) -> Download:
    """Where the upstream keeps a file."""
    found = serving.declared.files.get(file)
    if found is None:
        raise Unsupported(f"has no file {file}", provider=serving.name)
    download: Download = await serving.answer(found.method, native_id)
    return download


def _whoever(name: str, provider: str) -> bool:
    return name == LOCAL.name


async def serve(
    request: HttpRequest, files: Files, serving: Mapping[str, Serving], may_fetch: Callable[[str, str], bool] = _whoever
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


async def _opened(request: HttpRequest, serving: Serving, download: Download) -> Response:
    """The open file; the upstream connection is closed when the answer is, whoever ends it."""
    wanted = asked_range(request.headers.get("range"))
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


def _part(download: Download, response: httpx.Response, wanted: Range | None) -> Part:
    """What is sent. The length of what may be packed is not known before its end."""
    if download.may_be_gzipped:
        return Part.of(response.status_code, {}, None, None)
    return Part.of(response.status_code, response.headers, wanted, download.size_bytes)


async def _nothing() -> AsyncIterator[bytes]:
    """No bytes, which is not the same as a length of nothing."""
    yield b""


async def _closing(chunks: AsyncIterator[bytes], stack: AsyncExitStack, recorder: Recorder) -> AsyncIterator[bytes]:
    async with stack:
        async for chunk in chunks:
            recorder.media(len(chunk))
            yield chunk


def _headers(download: Download, content_type: str | None, part: Part) -> dict[str, str]:
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
