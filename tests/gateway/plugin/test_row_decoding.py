"""The answer to a listing: nothing, said in other words, is no rows; numbers may be text; anything else is not believed."""

import msgspec
import pytest

from telegraphql.plugin import ListDecoder


class Answered(msgspec.Struct):
    """The answer of an upstream."""

    data: list[msgspec.Raw]
    total: int | None = None


DECODER = ListDecoder(Answered, "data")


@pytest.mark.parametrize("body", [b"null", b"{}", b"[]", b" null\n", b'{"data": null}', b'{"data": []}'])
def test_nothing_in_other_words_is_no_rows(body: bytes) -> None:
    assert DECODER.decode(body) == Answered([], None)


def test_a_total_may_be_text() -> None:
    answered = DECODER.decode(b'{"data": [{"id": 1}], "total": "4"}')
    assert ([bytes(row) for row in answered.data], answered.total) == ([b'{"id": 1}'], 4)
    assert DECODER.decode(b'{"data": null, "total": "4"}') == Answered([], 4)


@pytest.mark.parametrize("body", [b'{"message": "no"}', b'{"data": 7}', b'"no"', b"[1]", b""])
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        DECODER.decode(body)
