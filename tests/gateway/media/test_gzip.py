"""Gzipped bytes that nobody announced are decompressed on the way."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.errors import BadAnswer
from telegraphql.gateway.media.gzip import decompressed


async def pieces(body: bytes, sizes: list[int]) -> AsyncIterator[bytes]:
    start = 0
    for size in sizes:
        yield body[start : start + size]
        start += size
    yield body[start:]


def read(body: bytes, sizes: list[int]) -> bytes:
    async def all_of_it() -> bytes:
        return b"".join([piece async for piece in decompressed(pieces(body, sizes))])

    return asyncio.run(all_of_it())


SIZES = st.lists(st.integers(0, 5), max_size=8)


@given(st.binary(max_size=60), SIZES)
def test_packed_bytes_are_unpacked_wherever_they_are_cut(body: bytes, sizes: list[int]) -> None:
    assert read(gzip.compress(body), sizes) == body


@given(st.binary(max_size=60).filter(lambda body: body[:2] != b"\x1f\x8b"), SIZES)
def test_other_bytes_stay_as_they_are(body: bytes, sizes: list[int]) -> None:
    assert read(body, sizes) == body


def test_files_packed_one_after_the_other_are_one_file() -> None:
    assert read(gzip.compress(b"one ") + gzip.compress(b"two"), [3, 30]) == b"one two"


BROKEN = {
    "nonsense": b"\x1f\x8b\x08nonsense nonsense",
    "cut off": gzip.compress(b"x" * 999)[:-9],
    "garbage inside": gzip.compress(b"x")[:11] + b"garbage...",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_broken_packing_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match=r"sent compressed bytes that (are broken|break off)"):
        read(body, [5])
