"""The response of getCDR, as JSON or XML.

    {"result": "1", "resulttxt": "success", "params": {"cdr": {"call_1": {…}, "call_2": {…}}}, "timestamp": 1518091850}
    {"result": "0", "resulttxt": "Error: …", "timestamp": 1335777400}, with "timestamperror" where our clock is the reason

Records are an object keyed call_N, or, as PHP writes empty things, []. All values are strings, numbers included.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from telegraphql.plugin import HIDDEN, parse_xml

Text: TypeAlias = str | int | float | None
Flag: TypeAlias = str | int | float | bool | None
FALSE = frozenset({"", "0", "false"})
SENSITIVE = "pincode"
NO_TEXT = b'""'
ROW_DEPTH = 4
# An answer that says "nothing" in other words.
EMPTY = frozenset({b"", b"null", b"{}", b"[]"})
# The head of an answer is shorter; it is read for every answer.
MAX_HEAD = 16 * 1024


# Thousands at once, none of which holds itself: nothing for the collector of cycles to look at.
class Cdr(msgspec.Struct, gc=False):
    """One leg, as Asterisk and MiRTA PBX name its parts. Absent is "", null, "N/A" or a zero date.

    `realsrc` is the extension that called, `lastdst` the last that was called, `wherelanded` the one that answered. All may also name a
    queue ("Queue General"), a voicemail box ("Voicemail 606") or a public number.
    """

    uniqueid: Text = None
    sequence: Text = None
    linkedid: Text = None
    start: Text = None
    answer: Text = None
    end: Text = None
    clid: Text = None
    src: Text = None
    dst: Text = None
    firstdst: Text = None
    dcontext: Text = None
    channel: Text = None
    dstchannel: Text = None
    duration: Text = None
    billsec: Text = None
    disposition: Text = None
    userfield: Text = None
    realsrc: Text = None
    lastdst: Text = None
    srcCallID: Text = None
    wherelanded: Text = None
    cc_country: Text = None
    cc_cost: Text = None


class Head(msgspec.Struct):
    """A response without its rows."""

    result: Flag
    resulttxt: Flag = None
    timestamp: Flag = None
    timestamperror: Flag = None


class Params(msgspec.Struct):
    """The object around the rows."""

    cdr: dict[str, msgspec.Raw] | list[msgspec.Raw] | Flag = None


class RawAnswer(msgspec.Struct):
    """An answer with its rows still undecoded."""

    result: Flag
    params: Params | list[msgspec.Raw] | Flag = None


_HEAD = msgspec.json.Decoder(Head)
_WHOLE = msgspec.json.Decoder(RawAnswer)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class HeadDecoder:
    """Decodes what an answer says besides its rows."""

    def decode(self, body: bytes, /) -> Head:
        """Return the response without its rows, from either format."""
        return msgspec.convert(_xml_head(body), Head) if _is_xml(body) else _HEAD.decode(body)


class RowsDecoder:
    """Decodes an answer to its rows as JSON objects, in the order of their numbers, without what must not be shown."""

    def decode(self, body: bytes, /) -> list[msgspec.Raw]:
        """Return the rows of a response in either format."""
        if body.strip() in EMPTY:
            return []
        rows = _xml_rows(body) if _is_xml(body) else _json_rows(_WHOLE.decode(body))
        return [_shown(row) for row in rows]


HEADS = HeadDecoder()
ROWS = RowsDecoder()


def is_set(flag: Flag) -> bool:
    """Return True if a flag is on, in any of PHP's spellings."""
    return flag is not None and str(flag).strip().lower() not in FALSE


def _is_xml(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _json_rows(answer: RawAnswer) -> list[msgspec.Raw]:
    cdr = answer.params.cdr if isinstance(answer.params, Params) else answer.params
    if isinstance(cdr, dict):
        return _ordered(cdr.items())
    if isinstance(cdr, list) and isinstance(answer.params, Params):
        return cdr
    if cdr:
        raise msgspec.DecodeError("the rows are neither an object nor an array")
    return []


def _ordered(named: Iterable[tuple[str, msgspec.Raw]]) -> list[msgspec.Raw]:
    return [row for _, row in sorted(named, key=lambda pair: _number(pair[0]))]


def _number(name: str) -> int:
    number = name.rpartition("_")[2]
    return int(number) if number.isdecimal() else 0


def _shown(row: msgspec.Raw) -> msgspec.Raw:
    try:
        fields = _FIELDS.decode(row)
    except msgspec.DecodeError:
        return row  # what is no object becomes no record, so nobody will see it
    if bytes(fields.get(SENSITIVE, NO_TEXT)) not in (b"null", NO_TEXT):
        fields[SENSITIVE] = msgspec.Raw(msgspec.json.encode(HIDDEN))
    return msgspec.Raw(msgspec.json.encode(fields))


def _xml_head(body: bytes) -> dict[str, str]:
    """Return the texts directly under the root, up to the first row."""
    found: dict[str, str] = {}
    depth = 0
    try:
        for event, element in iterparse(BytesIO(body[:MAX_HEAD]), events=("start", "end")):
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 1:
                found[element.tag] = element.text or ""
            if depth == ROW_DEPTH:
                break
    except (ParseError, DefusedXmlException) as error:
        if isinstance(error, ParseError) and len(body) > MAX_HEAD:
            return found
        raise msgspec.DecodeError(f"not XML ({type(error).__name__})") from None
    return found


def _xml_rows(body: bytes) -> list[msgspec.Raw]:
    root = parse_xml(body)
    if root.find("result") is None:
        raise msgspec.DecodeError("the answer has no result")
    return _ordered((row.tag, _xml_row(row)) for row in root.iterfind("params/cdr/*"))


def _xml_row(row: Element) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode({field.tag: field.text or "" for field in row}))
