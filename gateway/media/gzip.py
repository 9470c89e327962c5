"""Decompression of files that are gzipped without saying so in their headers."""

import zlib
from collections.abc import AsyncIterator, Iterator

from telegraphql.gateway.errors import BadAnswer

MAGIC = b"\x1f\x8b"
MAX_CHUNK_BYTES = 256 * 1024


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
    decoder = _GzipDecoder()
    for piece in decoder.decode(head):
        yield piece
    async for chunk in chunks:
        for piece in decoder.decode(chunk):
            yield piece
    yield decoder.end()


class _GzipDecoder:
    """A decoder of concatenated gzip files that yields chunks of limited size, however far they expand."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    def decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(wbits=31)
            try:
                piece = self._inflate.decompress(data, MAX_CHUNK_BYTES)
            except zlib.error:
                raise BadAnswer("the gzip file is corrupt") from None
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            if piece:
                yield piece

    def end(self) -> bytes:
        remaining = self._inflate.flush()
        if not self._inflate.eof:
            raise BadAnswer("the gzip file is truncated")
        return remaining
