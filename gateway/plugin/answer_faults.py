"""Wrong answers of sandboxes: what a fault makes of a healthy answer, by what the sandbox declares of its form."""

import gzip
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache, partial
from itertools import islice, pairwise
from typing import Any
from zlib import crc32

import msgspec

from telegraphql.gateway.plugin.fault_modes import Fault

Row = dict[str, Any]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What an upstream's program may write into a text without noticing.
STRAY_BYTES = {"bad_byte": b"\xfc", "control_character": b"\x01"}
ZERO_TIMES = ("0001-01-01T00:00:00Z", "1970-01-01 00:00:00", "0000-00-00 00:00:00", "", " ")
IMPOSSIBLE_LENGTHS = (-1_606_755_000, 4_294_967_295)
EMPTY_BODIES = (b"null", b"{}", b"[]", b"")
# More rows than any page may have; more bytes than any answer may have, for an upstream without pages.
OVERSIZE_ROWS, OVERSIZE_BYTES = 5_000, 9 * 1024 * 1024
BOMB_BYTES = 64 * 1024 * 1024
FOREIGN_HOST = "foreign.example"
# An address of an upstream: whole, or beginning at its root; also in the angle brackets of a Link header.
ADDRESS = re.compile(r"(?:(?<=^)|(?<=<))(?:https?://[^/]*)?/")
STAMP = re.compile(r"\d{4}-\d\d-\d\d(?:([ T])\d\d:\d\d:\d\d)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerShape:
    """The form of the answers to one operation. Fields are named as rows name them, in rows and in the parts of rows.

    Attributes:
        kind: the kind in `Sandbox.records` that the rows are.
        rows: the way to the rows in the JSON of an answer: to a list, or to an object whose values are rows.
        single: True if the way leads to a single row.
        id: the field with the id.
        time: the field with the time by which the list is sorted.
        times: other fields with times.
        lengths: fields with lengths in seconds, or sizes.
        texts: fields with free text, such as the name of a caller.
        totals: the answer's own fields that count rows.
        size: the parameter with the requested number of rows.
        sort: the parameter with the requested order.
        filter: a pattern that is found in the parameters, one "name=value" a line, if a request filters by anything but time.
        ids: a pattern that finds each requested id in the same text.
        next: the way to the address or token of the next page, in an answer to a list of `Links`.
        page: a pattern that is found in the same text if a request asks for a page by such an address or token.
    """

    kind: str
    rows: tuple[str, ...] = ()
    single: bool = False
    id: str = "id"
    time: str = ""
    times: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    size: str = ""
    sort: str = ""
    filter: str = ""
    ids: str = ""
    next: tuple[str, ...] = ()
    page: str = ""


class AnswerDocument:
    """The decoded JSON of an answer, and its rows."""

    def __init__(self, shape: AnswerShape, document: Any, twins: Mapping[str, Any]) -> None:
        self.shape = shape
        self.document = document
        # The id of the row before, by the id of a row that is to share it.
        self.twins = twins

    @property
    def rows(self) -> list[Row]:
        """Return the rows, none if the answer has no such place."""
        found = self._found()
        if isinstance(found, dict):
            found = [found] if self.shape.single else list(found.values())
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    @rows.setter
    def rows(self, rows: Sequence[Row]) -> None:
        """Put other rows in their place."""
        found = self._found()
        if self.shape.single:
            return
        if isinstance(found, list):
            found[:] = rows
        elif isinstance(found, dict):
            found.clear()
            found.update({f"row_{number}": row for number, row in enumerate(rows, 1)})

    def chosen(self, share: int) -> Iterator[tuple[Row, int]]:
        """Yield one row in `share`, the same ones in every answer, each with a number of its own."""
        for row in self.rows:
            number = crc32(str(row.get(self.shape.id)).encode())
            if number % share == 0:
                yield row, number // share

    def set_totals(self, total: Any) -> None:
        """Set all totals; None removes them."""
        for name in self.shape.totals:
            if isinstance(self.document, dict) and name in self.document:
                self.document[name] = total
                if total is None:
                    del self.document[name]

    def _found(self) -> Any:
        found = self.document
        for name in self.shape.rows:
            found = found.get(name) if isinstance(found, dict) else None
        return found


def wrong_answer(fault: Fault, shape: AnswerShape, body: bytes, twins: Mapping[str, Any]) -> bytes:
    """Return what a fault makes of the body of a successful answer."""
    mode = str(fault.mode)
    if mode == "byte_order_mark":
        return BYTE_ORDER_MARK + body
    if mode in STRAY_BYTES:
        return with_stray_bytes(body, shape.texts, STRAY_BYTES[mode])
    try:
        answer = AnswerDocument(shape, msgspec.json.decode(body), twins)
    except msgspec.DecodeError:
        return body
    if mode == "empty_words":
        return empty_words(answer, body)
    CHANGES[mode](answer, fault)
    return msgspec.json.encode(answer.document)


def with_stray_bytes(body: bytes, names: Sequence[str], stray: bytes) -> bytes:
    """Return JSON or XML with some bytes within every third text of these fields."""
    if not names:
        return body
    words = b"|".join(name.encode() for name in names)
    pattern = re.compile(rb'("(?:' + words + rb')":\s*"|<(?:' + words + rb")>)([^\"<\\&])")
    seen = iter(range(len(body)))
    return pattern.sub(lambda found: found[0] if next(seen) % 3 else found[0] + stray, body)


def _short_page(answer: AnswerDocument, fault: Fault) -> None:
    withheld = {id(row) for row, _ in answer.chosen(10)}
    answer.rows = [row for row in answer.rows if id(row) not in withheld]
    answer.set_totals(None)


def _wrong_total(answer: AnswerDocument, fault: Fault) -> None:
    answer.set_totals(len(answer.rows) if len(answer.rows) % 2 else 0)


def _zero_times(answer: AnswerDocument, fault: Fault) -> None:
    for row, number in answer.chosen(3):
        _replace(row, answer.shape.times, partial(_in_place_of, ZERO_TIMES[number % len(ZERO_TIMES)]))


def _impossible_lengths(answer: AnswerDocument, fault: Fault) -> None:
    for row, number in answer.chosen(3):
        _replace(row, answer.shape.lengths, partial(_in_place_of, IMPOSSIBLE_LENGTHS[number % 2]))


def _text_numbers(answer: AnswerDocument, fault: Fault) -> None:
    answer.rows = [_numbers_as_text(row, answer.shape.lengths) for row in answer.rows]


def _misorder(answer: AnswerDocument, fault: Fault) -> None:
    first, *others = answer.rows or [{}]
    place = len(others) // 2 if fault.rows is None else fault.rows
    answer.rows = [*others[:place], first, *others[place:]] if others else answer.rows


def _outlier(answer: AnswerDocument, fault: Fault) -> None:
    for row, _ in answer.chosen(16):
        _replace(row, (answer.shape.time,), partial(_earlier, timedelta(seconds=fault.shift_seconds)))


def _duplicate_ids(answer: AnswerDocument, fault: Fault) -> None:
    for row in answer.rows:
        row[answer.shape.id] = answer.twins.get(str(row.get(answer.shape.id)), row.get(answer.shape.id))


def _oversize(answer: AnswerDocument, fault: Fault) -> None:
    if rows := answer.rows:
        needed = OVERSIZE_ROWS if answer.shape.size else OVERSIZE_BYTES // len(msgspec.json.encode(rows[0]))
        answer.rows = rows * (needed // len(rows) + 1)


def _foreign_links(answer: AnswerDocument, fault: Fault) -> None:
    *way, name = answer.shape.next or ("",)
    place = answer.document
    for each in way:
        place = place.get(each) if isinstance(place, dict) else None
    link = place.get(name) if isinstance(place, dict) else None
    if isinstance(link, str):
        place[name] = foreign(link)


def foreign(text: str) -> str:
    """Return a text in which each address leads to another host; tokens stay as they are."""
    return ADDRESS.sub(f"https://{FOREIGN_HOST}/", text)


def _same(answer: AnswerDocument, fault: Fault) -> None:
    answer.set_totals(None)


CHANGES: Mapping[str, Callable[[AnswerDocument, Fault], None]] = {
    "short_page": _short_page,
    "clamped_page": _same,
    "wrong_total": _wrong_total,
    "zero_times": _zero_times,
    "impossible_lengths": _impossible_lengths,
    "text_numbers": _text_numbers,
    "misorder": _misorder,
    "outlier": _outlier,
    "duplicate_ids": _duplicate_ids,
    "oversize": _oversize,
    "foreign_links": _foreign_links,
}


def empty_words(answer: AnswerDocument, body: bytes) -> bytes:
    """Return an answer that says "nothing" in another way, or writes its totals as text."""
    if not answer.rows and not answer.shape.single:
        return EMPTY_BODIES[crc32(body) % len(EMPTY_BODIES)]
    for name in answer.shape.totals:
        if isinstance(answer.document, dict) and isinstance(answer.document.get(name), int):
            answer.document[name] = str(answer.document[name])
    return msgspec.json.encode(answer.document)


@cache
def compressed_bomb() -> bytes:
    """Return gzip that unpacks to 64 MB of blanks."""
    return gzip.compress(b" " * BOMB_BYTES, mtime=0)


def twin_ids(rows: Sequence[Row], name: str) -> dict[str, Any]:
    """Return, for every sixth of these rows, the id of the row before by its own."""
    return {str(row.get(name)): before.get(name) for before, row in islice(pairwise(rows), 0, None, 6)}


def _in_place_of(new: Any, value: Any) -> Any:
    """Return a new value, as text in place of text."""
    return str(new) if isinstance(value, str) else new


def _replace(value: Any, names: Sequence[str], change: Callable[[Any], Any]) -> None:
    """Change the fields of these names in a row and in its parts."""
    if isinstance(value, list):
        for each in value:
            _replace(each, names, change)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name in names:
                value[name] = change(each)
            else:
                _replace(each, names, change)


def _numbers_as_text(value: Any, lengths: Sequence[str], name: str = "") -> Any:
    """Return a row whose numbers are texts, those of its parts too. A length that is a text becomes a number."""
    if isinstance(value, dict) and not name:
        return {key: _numbers_as_text(each, lengths, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_numbers_as_text(each, lengths) for each in value]
    if name in lengths and isinstance(value, str) and value.isdecimal():
        return int(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _earlier(by: timedelta, value: Any) -> Any:
    """Return a time moved back, in the form in which it is written; anything else as it is."""
    if not isinstance(value, str):
        return value
    if found := STAMP.search(value):
        moved = datetime.fromisoformat(found[0]) - by
        text = moved.isoformat(found[1] or "T") if found[1] else f"{moved:%Y-%m-%d}"
        return value[: found.start()] + text + value[found.end() :]
    try:
        return format_datetime(parsedate_to_datetime(value) - by)
    except ValueError:
        return value
