"""XML of upstreams: read without entities, whatever its length, and in pieces."""

import gc
import threading
import time

import msgspec
import pytest

from telegraphql.gateway.errors import TooLarge
from telegraphql.gateway.upstream.xml import parse_xml

BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


def test_a_document_of_many_pieces_is_one() -> None:
    rows = b"".join(b"<row><id>%d</id><name>M\xc3\xbcller</name></row>" % number for number in range(5000))
    root = parse_xml(b'<?xml version="1.0"?><rows>' + rows + b"</rows>")
    assert [row.findtext("id") for row in root] == [str(number) for number in range(5000)]
    assert {row.findtext("name") for row in root} == {"Müller"}


@pytest.mark.parametrize("body", [b"", b"{}", b"<a>", b"<a></b>", b"<a/><b/>", BOMB, b"<a>" * 10, b"<a>&nbsp;</a>"])
def test_what_is_no_xml_or_declares_entities_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError, match="not XML"):
        parse_xml(body)


def test_a_document_of_too_many_elements_is_refused_unread() -> None:
    assert len(parse_xml(b"<a>" + b"<b></b>" * 49_999 + b"</a>")) == 49_999
    with pytest.raises(TooLarge, match="more than 50000 elements"):
        parse_xml(b"<a>" + b"<b></b>" * 50_000 + b"</a>")


def test_other_threads_run_while_a_long_document_is_parsed() -> None:
    body = b"<rows>" + b"<row><id>1</id><name>Jones</name></row>" * 16_000 + b"</rows>"
    gc.collect()
    gc.freeze()  # what the other tests hold takes the collector longer than the document
    parsing = threading.Thread(target=parse_xml, args=[body])
    parsing.start()
    longest = 0.0
    while parsing.is_alive():
        began, cpu = time.perf_counter(), time.process_time()
        time.sleep(0.0001)
        longest = max(longest, min(time.perf_counter() - began, time.process_time() - cpu))
    assert longest < 0.05
