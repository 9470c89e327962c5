"""Text repair: a broken character becomes U+FFFD, and everything else stays as it was."""

import time

import msgspec
import pytest
from defusedxml.ElementTree import fromstring

from telegraphql.gateway.errors import BadAnswer
from telegraphql.gateway.upstream.body import valid_utf8
from telegraphql.gateway.upstream.messages import Answer
from telegraphql.gateway.upstream.text_repair import MAX_REPAIRABLE, repaired

ROWS = msgspec.json.Decoder(list[str])

UTF8 = [
    (b'["Muller"]', b'["Muller"]'),
    ('["Müller"]'.encode(), '["Müller"]'.encode()),
    (b'["M\xfcller"]', '["M\ufffdller"]'.encode()),
    (b'\xef\xbb\xbf["a"]', b'["a"]'),
    (b'\xef\xbb\xbf["\xff"]', '["\ufffd"]'.encode()),
    (b'["\xe2\x82"]', '["\ufffd"]'.encode()),
    (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>M\xfcller</a>', b'<?xml version="1.0" encoding="ISO-8859-1"?><a>M\xfcller</a>'),
    (b'<?xml version="1.0" encoding="UTF-8"?><a>M\xfcller</a>', '<?xml version="1.0" encoding="UTF-8"?><a>M\ufffdller</a>'.encode()),
]


@pytest.mark.parametrize(("sent", "read"), UTF8)
def test_what_is_no_utf8_costs_a_character(sent: bytes, read: bytes) -> None:
    assert valid_utf8(sent) == read


def test_what_is_no_text_at_all_stays_as_it_is() -> None:
    body = b"\xfc" * 100_000
    assert valid_utf8(body) is body
    assert valid_utf8(b"abc\xfc" * 100_000) == "abc\ufffd".encode() * 100_000


JSON = [
    (b'["a\x01b"]', ["a\ufffdb"]),
    (b'["a\x00b", "c"]', ["a\ufffdb", "c"]),
    (b'["a\nb\tc\rd"]', ["a\nb\tc\rd"]),
    (b'[\n\t"a"\r\n]', ["a"]),
    (b'["\\ud83d"]', ["\ufffd"]),
    (b'["\\ude00\\ud83d\\ude00\\ud83d"]', ["\ufffd\U0001f600\ufffd"]),
    (b'["\\\\ud83d", "\\ud83d"]', ["\\ud83d", "\ufffd"]),
    (b'["\\"\x02\\"", "\\ud83d\x03"]', ['"\ufffd"', "\ufffd\ufffd"]),
]


@pytest.mark.parametrize(("sent", "read"), JSON)
def test_json_is_read_though_a_character_is_broken(sent: bytes, read: list[str]) -> None:
    assert Answer(200, sent, {}).decode(ROWS) == read


XML = [
    (b"<a>x&#x1;y</a>", "x\ufffdy"),
    (b"<a>x&#11;y&#xFFFF;</a>", "x\ufffdy\ufffd"),
    (b"<a>x&#65;&#x1F600;</a>", "xA\U0001f600"),
    (b"<a>Smith & Sons</a>", "Smith & Sons"),
    (b"<a>Smith &amp; &lt;Sons&gt; &nbsp;</a>", "Smith & <Sons> &nbsp;"),
    (b"<a>x\x01y</a>", "x\ufffdy"),
]


@pytest.mark.parametrize(("sent", "read"), XML)
def test_xml_is_read_though_a_character_is_broken(sent: bytes, read: str) -> None:
    assert fromstring(repaired(sent)).text == read


@pytest.mark.parametrize("body", [b'["a"', b"[1]", b'["\\q"]', b"<html>"])
def test_what_is_broken_otherwise_stays_a_bad_answer(body: bytes) -> None:
    assert repaired(body) == body
    with pytest.raises(BadAnswer):
        Answer(200, body, {}).decode(ROWS)


@pytest.mark.parametrize("piece", [rb"\ud83d", rb"\u0041", b"\x01", b'","', rb"\\", b"&", b"&#x1;"], ids=repr)
def test_the_time_of_a_repair_grows_with_the_length_alone(piece: bytes) -> None:
    start, end = (b"<a>", b"</a>") if piece[:1] == b"&" else (b'["\x02', b'"]')
    began = time.process_time()
    assert repaired(start + piece * ((MAX_REPAIRABLE - 20) // len(piece)) + end).startswith(start[:2])
    assert time.process_time() - began < 10


def test_a_text_that_is_too_long_is_not_repaired() -> None:
    body = b'["\x01' + b"a" * MAX_REPAIRABLE + b'"]'
    assert repaired(body) is body


EMPTY = [(200, b"null"), (200, b"{}"), (200, b"[]"), (200, b" [ ] ".replace(b" ", b"")), (204, b""), (200, b"\n{}\n")]


@pytest.mark.parametrize(("status", "body"), EMPTY)
def test_nothing_in_other_words_is_empty(status: int, body: bytes) -> None:
    class Page(msgspec.Struct):
        rows: list[str] = []

    assert Answer(status, body, {}).decode(ROWS) == []
    assert Answer(status, body, {}).decode(msgspec.json.Decoder(Page)) == Page()


@pytest.mark.parametrize(("status", "body"), [(200, b""), (204, b"x"), (200, b"0"), (200, b'""')])
def test_what_only_looks_like_nothing_is_a_bad_answer(status: int, body: bytes) -> None:
    with pytest.raises(BadAnswer):
        Answer(status, body, {}).decode(ROWS)
