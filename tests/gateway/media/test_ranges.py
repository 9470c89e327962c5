"""The part of a file that was asked for, byte by byte, whether or not the upstream can give parts."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.errors import BadData
from telegraphql.gateway.media.ranges import RangeResponse
from telegraphql.gateway.upstream.byte_range import Range, parse_range

HEADERS = [
    ("bytes=0-0", Range(0, 0)),
    ("bytes=5-9", Range(5, 9)),
    ("bytes=5-", Range(5, None)),
    ("bytes=-5", Range(None, 5)),
    ("bytes = 5 - 9", Range(5, 9)),
    (None, None),
    ("", None),
    ("bytes=-", None),
    ("bytes=9-5", None),
    ("bytes=0-1,4-5", None),
    ("items=0-1", None),
    ("bytes=a-b", None),
    ("bytes=0x1-2", None),
]


@pytest.mark.parametrize(("header", "wanted"), HEADERS)
def test_one_range_is_read_and_anything_else_means_the_whole(header: str | None, wanted: Range | None) -> None:
    assert parse_range(header) == wanted


@pytest.mark.parametrize("wanted", [Range(0, 0), Range(5, None), Range(None, 5), Range(5, 9)])
def test_a_range_survives_its_header(wanted: Range) -> None:
    assert parse_range(wanted.header) == wanted


async def pieces(body: bytes, sizes: list[int]) -> AsyncIterator[bytes]:
    start = 0
    for size in sizes:
        yield body[start : start + size]
        start += size
    yield body[start:]


def cut(part: RangeResponse, body: bytes, sizes: list[int]) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in part.cut(pieces(body, sizes))])

    return asyncio.run(read())


def sliced(body: bytes, wanted: Range) -> bytes:
    if wanted.first is None:
        return body[-wanted.last :] if wanted.last else b""
    return body[wanted.first : None if wanted.last is None else wanted.last + 1]


RANGES = st.one_of(
    st.builds(Range, st.none(), st.integers(0, 40)),
    st.builds(Range, st.integers(0, 40), st.none()),
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: Range(pair[0], pair[0] + pair[1])),
)


@given(st.binary(max_size=30), RANGES, st.lists(st.integers(0, 9), max_size=6), st.booleans())
def test_a_part_is_a_plain_slice_where_the_upstream_ignores_ranges(body: bytes, wanted: Range, sizes: list[int], told: bool) -> None:
    given = {"content-length": str(len(body))} if told else {}
    part = RangeResponse.of(200, given, wanted, None if told else len(body))
    expected = sliced(body, wanted)
    if not expected:
        assert (part.status, part.headers, part.unsatisfiable) == (416, {"content-range": f"bytes */{len(body)}"}, True)
        return
    first = body.index(expected) if wanted.first is None and len(set(body)) == len(body) else part.skip
    assert (part.status, part.headers["content-length"]) == (206, str(len(expected)))
    assert part.headers["content-range"] == f"bytes {first}-{first + len(expected) - 1}/{len(body)}"
    assert cut(part, body, sizes) == expected


@given(st.binary(max_size=30), st.lists(st.integers(0, 9), max_size=6))
def test_without_a_range_everything_is_sent(body: bytes, sizes: list[int]) -> None:
    part = RangeResponse.of(200, {"content-length": str(len(body))}, None, None)
    assert (part.status, part.headers) == (200, {"content-length": str(len(body))})
    assert cut(part, body, sizes) == body


def test_a_part_given_by_the_upstream_is_sent_as_it_is() -> None:
    given = {"content-range": "bytes 5-9/100", "content-length": "5"}
    part = RangeResponse.of(206, given, Range(5, 9), 100)
    assert (part, cut(part, b"abcde", [2])) == (RangeResponse(206, given), b"abcde")


def test_a_range_the_upstream_has_nothing_in_is_told_in_its_words() -> None:
    assert RangeResponse.of(416, {"content-range": "bytes */7"}, Range(9, None), None) == RangeResponse(
        416, {"content-range": "bytes */7"}, unsatisfiable=True
    )
    assert RangeResponse.of(416, {}, Range(9, None), 7) == RangeResponse(416, {"content-range": "bytes */7"}, unsatisfiable=True)
    assert RangeResponse.of(416, {}, Range(9, None), None) == RangeResponse(416, {}, unsatisfiable=True)


BROKEN_HEADERS = [
    (206, {"content-range": "bytes 5-9/100\u20ac"}),
    (206, {"content-range": "bytes 5-9/\xe9"}),
    (206, {"content-range": "bytes " + "5" * 5000 + "-9/100"}),
    (206, {"content-range": "nonsense"}),
    (416, {"content-range": "bytes */\xe9"}),
    (200, {"content-length": "0" * 5000}),
    (200, {"content-length": "9" * 19}),
    (200, {"content-length": "\u0663"}),
    (200, {"content-length": "-5"}),
    (206, {"content-range": "bytes 5-9/100", "content-length": "five"}),
]


@pytest.mark.parametrize(("status", "headers"), BROKEN_HEADERS)
def test_headers_that_are_no_numbers_are_the_upstreams_fault(status: int, headers: dict[str, str]) -> None:
    with pytest.raises(BadData, match=r"sent a Content-(Length|Range) that is not") as raised:
        RangeResponse.of(status, headers, Range(5, 9), 100)
    assert raised.value.problem.value == "BAD_ANSWER"


def test_a_number_of_any_length_is_a_place_in_no_file() -> None:
    past = 10**18 - 1
    assert parse_range("bytes=" + "9" * 5000 + "-") == Range(past, None)
    assert parse_range("bytes=" + "1" * 5000 + "-" + "2" * 5000) == Range(past, past)
    assert parse_range("bytes=-" + "9" * 5000) == Range(None, past)
    assert RangeResponse.of(200, {"content-length": "100"}, Range(past, None), None) == RangeResponse(
        416, {"content-range": "bytes */100"}, unsatisfiable=True
    )


def test_what_has_no_known_length_is_sent_whole() -> None:
    assert RangeResponse.of(200, {}, Range(5, 9), None) == RangeResponse(200, {})
    assert RangeResponse.of(200, {"content-length": "7", "content-encoding": "gzip"}, Range(5, 9), None) == RangeResponse(200, {})


async def test_no_more_is_read_than_is_sent() -> None:
    read: list[bytes] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(b"0123456789")
            yield read[-1]

    part = RangeResponse.of(200, {}, Range(12, 24), 1_000_000)
    assert b"".join([piece async for piece in part.cut(endless())]) == b"2345678901234"
    assert len(read) == 3
