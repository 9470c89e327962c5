"""Unpacking: gzipped bytes that were not announced as such are recognised by their first two and unpacked on the way."""

import zlib
from collections.abc import AsyncIterator, Iterator

from telegraphql.gateway.errors import BadAnswer

MAGIC = b"\x1f\x8b"
MOST_AT_ONCE = 256 * 1024


async def unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes, unpacked if they were packed; BadAnswer where the packing is broken or breaks off."""
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
    packed = _Packed()
    for piece in packed.opened(head):
        yield piece
    async for chunk in chunks:
        for piece in packed.opened(chunk):
            yield piece
    yield packed.end()


class _Packed:
    """One or more gzip files one after the other, opened in pieces of limited size however much they were packed."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    def opened(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(wbits=31)
            try:
                piece = self._inflate.decompress(data, MOST_AT_ONCE)
            except zlib.error:
                raise BadAnswer("the packed file is broken") from None
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            if piece:
                yield piece

    def end(self) -> bytes:
        rest = self._inflate.flush()
        if not self._inflate.eof:
            raise BadAnswer("the packed file is broken: it ends too early")
        return rest
