"""Decompression of files that are gzipped without saying so in their headers."""

from collections.abc import AsyncIterator

from telegraphql.gateway.upstream.body import Decompressor
from telegraphql.gateway.upstream.body import decompressed as bounded_pieces

MAGIC = b"\x1f\x8b"


async def decompressed(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the bytes, decompressed if they begin like a gzip file.

    Raises:
        BadAnswer: The gzip data is broken or truncated.
    """
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= len(MAGIC):
            break
    if not head.startswith(MAGIC):
        yield head
        async for chunk in chunks:
            yield chunk
        return
    async for piece in bounded_pieces(_after(head, chunks), Decompressor()):
        yield piece


async def _after(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk
