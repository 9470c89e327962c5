"""Body: read the bytes of an answer within bounds, however they are compressed, as UTF-8."""

import asyncio
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import AsyncIterable, AsyncIterator, Iterator

import httpx

from telegraphql.gateway.errors import BadAnswer, BadData, TooLarge
from telegraphql.gateway.upstream.request_budget import current

# A thousand records of 8 KB. To decode so much holds the interpreter for 20 to 40 ms, which no thread avoids.
MAX_BODY_BYTES = 8 * 1024 * 1024
# The most bytes that are decompressed before other tasks get their turn: about 2 ms.
PIECE = 128 * 1024
# Rows of equal words compress to a fiftieth; a text of one letter to a thousandth.
MAX_RATIO = 200
# Short texts compress to anything.
RATIO_FREE_BYTES = 1024 * 1024
# What the gateway accepts; it asks for nothing else.
ENCODINGS = ("gzip", "deflate")
BOM = b"\xef\xbb\xbf"
UTF8_PIECE = 64 * 1024
XML_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})""")


def content_encoding(header: str) -> str:
    """Return the encoding that a Content-Encoding header names: "gzip", "deflate", or "" for none.

    Raises:
        BadData: it names another encoding, or several.
    """
    encodings = [word.strip() for word in header.lower().split(",") if word.strip() not in ("", "identity")]
    if not encodings:
        return ""
    encoding = encodings[0].removeprefix("x-")
    if len(encodings) > 1 or encoding not in ENCODINGS:
        raise BadData("compressed its answer in a way that was not asked for")
    return encoding


class Decompressor:
    """Decompresses gzip or deflate in pieces of limited size; several gzip members one after the other become one text."""

    def __init__(self, encoding: str = "gzip", max_ratio: int | None = None) -> None:
        self._max_ratio = max_ratio
        self._wbits = zlib.MAX_WBITS | (16 if encoding == "gzip" else 0)
        self._inflate = zlib.decompressobj(self._wbits)
        self._received = self._produced = 0

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield what more compressed bytes unpack to.

        Raises:
            BadAnswer: the bytes are no such format.
            TooLarge: they unpack to more than `max_ratio` times their size.
        """
        if not self._received and self._wbits == zlib.MAX_WBITS and data and data[0] & 15 != zlib.DEFLATED:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # deflate without the header of zlib, as some servers send it
        self._received += len(data)
        while data:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(self._wbits)
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error:
                raise BadAnswer("sent compressed bytes that are broken") from None
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            self._produced += len(piece)
            if self._max_ratio and self._produced > max(RATIO_FREE_BYTES, self._max_ratio * self._received):
                raise TooLarge(f"sent a compressed answer that unpacks to more than {self._max_ratio} times its size")
            if piece:
                yield piece

    def end(self) -> bytes:
        """Return what is left.

        Raises:
            BadAnswer: the compressed bytes end too early.
        """
        rest = self._inflate.flush()
        if self._received and not self._inflate.eof:
            raise BadAnswer("sent compressed bytes that break off")
        return rest


async def decompressed(chunks: AsyncIterable[bytes], decompressor: Decompressor) -> AsyncIterator[bytes]:
    """Yield the decompressed bytes in pieces of limited size; other tasks run between them."""
    async for chunk in chunks:
        for piece in decompressor.pieces(chunk):
            yield piece
            await asyncio.sleep(0)
    yield decompressor.end()


async def read_body(response: httpx.Response, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Return the whole body of an open answer.

    Raises:
        TooLarge: the body is longer than `max_bytes`, counted while it is decompressed.
        BadAnswer: its compression is broken or not accepted.
    """
    header = response.headers.get("content-encoding")
    encoding = content_encoding(header) if header else ""
    chunks: AsyncIterable[bytes] = response.stream  # type: ignore[assignment]  # of an asynchronous client it is asynchronous
    parts, size, memory = [], 0, current().work.memory
    try:
        async for part in decompressed(chunks, Decompressor(encoding, MAX_RATIO)) if encoding else chunks:
            parts.append(part)
            size += len(part)
            memory.held += len(part)
            if size > max_bytes:
                raise TooLarge(f"sent an answer that is longer than {max_bytes} bytes")
    finally:
        memory.release(size)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def valid_utf8(body: bytes) -> bytes:
    """Return a text without its byte order mark, and with U+FFFD for each byte that is no UTF-8.

    XML that names another encoding stays as it is: its parser knows what to do.
    """
    body = body.removeprefix(BOM)
    try:
        body.decode()
    except UnicodeDecodeError:
        encoding = XML_ENCODING.match(body.lstrip()[:200])
        if encoding is None or encoding[1].lower() in (b"utf-8", b"utf8"):
            return _with_replacements(body)
    return body


def _with_replacements(body: bytes) -> bytes:
    """Return the text with U+FFFD for each byte that is no UTF-8; as it is if it would double, since then it is no text.

    It is repaired in pieces: a long one is in a thread, and other threads run between the pieces.
    """
    decoder, text = getincrementaldecoder("utf-8")("replace"), bytearray()
    for at in range(0, len(body), UTF8_PIECE):
        text += decoder.decode(body[at : at + UTF8_PIECE], at + UTF8_PIECE >= len(body)).encode()
        if len(text) > 2 * len(body) + UTF8_PIECE:
            return body
    return bytes(text)


def readable(response: httpx.Response) -> httpx.Response:
    """Return an open answer whose `aiter_bytes` is decompressed within bounds.

    Raises:
        BadAnswer: its compression is not accepted.
    """
    encoding = content_encoding(response.headers.get("content-encoding", ""))
    if not encoding:
        response.headers.pop("content-encoding", None)
        return response
    return httpx.Response(response.status_code, headers=plain_headers(response), stream=_DecompressedBody(response, encoding))


def plain_headers(response: httpx.Response) -> list[tuple[str, str]]:
    """Return the headers of an answer without those that tell how its bytes were compressed, and their number."""
    return [(name, value) for name, value in response.headers.multi_items() if name not in ("content-encoding", "content-length")]


class _DecompressedBody(httpx.AsyncByteStream):
    def __init__(self, response: httpx.Response, encoding: str) -> None:
        self._response, self._encoding = response, encoding

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in decompressed(self._response.stream, Decompressor(self._encoding)):  # type: ignore[arg-type]
            yield piece

    async def aclose(self) -> None:
        await self._response.aclose()
