"""Unpacking: gzipped bytes that were not announced as such are recognised by their first two and unpacked on the way."""

import zlib
from collections.abc import AsyncIterator

from gateway.errors import BadAnswer

MAGIC = b"\x1f\x8b"


async def unpacked(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes, unpacked if they were packed."""
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
    inflate = zlib.decompressobj(wbits=31)
    try:
        yield inflate.decompress(head)
        async for chunk in chunks:
            yield inflate.decompress(chunk)
        yield inflate.flush()
    except zlib.error:
        raise BadAnswer("the packed file is broken") from None
