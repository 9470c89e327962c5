"""Oddities: whatever one row of an answer holds, it costs no other, and no more of itself than it must."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import msgspec

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.listing import ask, every
from telegraphql.gateway.conformance.promises import asked_over_http, listings, need, promise
from telegraphql.gateway.conformance.walks import fields_of, shown
from telegraphql.gateway.conformance.wire import Tape
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.phone_numbers import digits
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.rows import HIDDEN
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.record import Record
from telegraphql.schema.values import Money

ROWS = 12
UNREADABLE = (b"{}", b"null", b'"kit"', b"[]")
ODD = "kit-odd-word"
ADVICE = "look codes up with .get(word, …UNKNOWN)"
LONGEST_WORD = 32
UNKNOWN = ("UNKNOWN", "OTHER")
EPOCH_DIGITS = 10
DAY = timedelta(days=1)


@dataclass(slots=True)
class Specimen:
    """A row of a listing, whose words can be changed on the wire: what its page holds, and what was made of the row itself."""

    harness: Harness
    listing: Listing
    tape: Tape
    asked: ListRequest
    page: Page
    raw: bytes
    is_first: bool

    @property
    def row(self) -> dict[str, Any]:
        """The upstream's words."""
        found: dict[str, Any] = msgspec.json.decode(self.raw)
        return found

    @property
    def name(self) -> str:
        """What it is called in advice."""
        return f"the {self.listing.kind.__name__} {self.mine(self.page)[0].native_id!r}"

    def mine(self, page: Page) -> list[Record]:
        """What was made of the row, in the order of the page."""
        ids = {record.native_id for record in self.page.records if _bytes(record) == self.raw}
        return [record for record in page.records if record.native_id in ids]

    async def with_row(self, new: Mapping[str, Any] | bytes) -> Page:
        """The page where this stands in place of the row; the others must be in it."""
        self.tape.replace(self.raw, new if isinstance(new, bytes) else msgspec.json.encode(new))
        try:
            page = await ask(self.harness, self.listing, self.asked)
        except UpstreamError as error:
            raise AssertionError(
                f"where {self.name} reads {_told(new)}, the whole page is lost: decode rows one by one, with read_rows"
            ) from error
        finally:
            self.tape.replace(b"", b"")
        mine = {record.native_id for record in self.mine(self.page)}
        lost = sorted({record.native_id for record in self.page.records} - mine - {record.native_id for record in page.records})
        need(not lost, f"where {self.name} reads {_told(new)}, the others are lost: decode rows one by one, with read_rows")
        wrong = [each.code.name for each in page.problems if each.code is not ProblemCode.MALFORMED_RECORD]
        need(not wrong, f"where {self.name} reads {_told(new)}, there is a problem {wrong[:1]}: leave it to read_rows")
        return page


@promise(asked_over_http(listings()))
async def survives_a_broken_row(harness: Harness, listing: Listing) -> None:
    """A row that cannot be read is a problem MALFORMED_RECORD, and the rest of the page arrives."""
    async for specimen in _specimens(harness, listing, 1):
        for new in UNREADABLE:
            page = await specimen.with_row(new)
            advice = "raise ValueError in the mapping, or let the decoder refuse it"
            need(not specimen.mine(page), f"{specimen.name} is there though its row reads {new.decode()}: {advice}")
            told = len(page.problems) > len(specimen.page.problems)
            need(told, f"nothing tells that the row of {specimen.name} reads {new.decode()}: pass on the problems of read_rows")


@promise(asked_over_http(listings()))
async def needs_only_id_and_time(harness: Harness, listing: Listing) -> None:
    """A row without a field, or with null in it, still becomes its record, unless the schema's record cannot be without it."""
    async for specimen in _specimens(harness, listing):
        (record, *_), row = specimen.mine(specimen.page), specimen.row
        for name in (each for each, value in row.items() if not _is_vital(value, record)):
            for new, word in ((_without(row, name), "without"), ({**row, name: None}, "with null in")):
                advice = "give it a default in the wire struct, allow None, and map it to None"
                arrives = specimen.mine(await specimen.with_row(new))
                need(arrives, f"{specimen.name} is lost {word} its `{name}`, which is neither id nor time: {advice}")


@promise(asked_over_http(listings()))
async def knows_what_it_does_not_know(harness: Harness, listing: Listing) -> None:
    """A word that no code table has becomes UNKNOWN, never another word and never a lost record."""
    async for specimen in _specimens(harness, listing, ROWS):
        (record, *_), row = specimen.mine(specimen.page), specimen.row
        words = [name for name, value in row.items() if isinstance(value, str) and _is_word(value) and not _is_vital(value, record)]
        for name in words if specimen.is_first else ():
            found = specimen.mine(await specimen.with_row({**row, name: ODD}))
            need(found, f"{specimen.name} is lost where its `{name}` is the unknown word {ODD!r}: {ADVICE}")
        # A code that is unknown may leave the word to another one that is known: so no code is.
        found = specimen.mine(await specimen.with_row({**row, **dict.fromkeys(words, ODD)}))
        need(found, f"{specimen.name} is lost where all its codes are unknown words: {ADVICE}")
        for field, one, two in _guesses(record, found[0]):
            need(False, f"{specimen.name} has the {field} {two} instead of {one} where all its codes are unknown words: {ADVICE}")


@promise(asked_over_http(listings()))
async def keeps_what_it_does_not_use(harness: Harness, listing: Listing) -> None:
    """A field that the plugin does not know changes nothing, and stays in the row that `native` shows, with all the others."""
    async for specimen in _specimens(harness, listing, 1):
        for name, value in (("kit_field", "kit"), ("kit_object", {"kit": [1, None]})):
            (record, *_) = specimen.mine(specimen.page)
            new = {**specimen.row, name: value}
            found = specimen.mine(await specimen.with_row(new))
            need(found and shown(found[0]) == shown(record), f"{specimen.name} changes with a field nobody knows: let structs ignore it")
            kept = msgspec.json.decode(_bytes(found[0]) or b"null") == new
            need(kept, f"`native` of {specimen.name} lacks fields of its row: set `raw` to the row as it was delivered")


async def _specimens(harness: Harness, listing: Listing, most: int = 2) -> AsyncIterator[Specimen]:
    """A few rows to be changed, where rows are JSON on the wire; of other formats nobody but the plugin can tell where a row stands."""
    asked = await every(harness, listing, min(ROWS, harness.serving.most(listing)))
    with _taped(harness) as tape:
        page = await ask(harness, listing, asked)
        raws = [raw for record in page.records if (raw := _bytes(record))]
        for number, raw in enumerate(dict.fromkeys([*raws[:1], *raws[1:][len(raws) - most :]])):
            tape.replace(raw, raw)
            await ask(harness, listing, asked)
            advice = "leave it to read_rows, or set it to the row's own msgspec.Raw"
            # Where a value must not be shown, the row is another one, and cannot be found.
            as_it_came = tape.found or not tape.is_json or HIDDEN.encode() in raw
            need(as_it_came, f"the `raw` of a {listing.kind.__name__} is not a row as it was delivered: {advice}")
            if tape.found and isinstance(msgspec.json.decode(raw), dict):
                yield Specimen(harness, listing, tape, asked, page, raw, number == 0)


@contextmanager
def _taped(harness: Harness) -> Iterator[Tape]:
    harness.wire.tape = Tape()
    try:
        yield harness.wire.tape
    finally:
        harness.wire.tape = None


def _bytes(record: Record) -> bytes:
    return bytes(record.raw) if isinstance(record.raw, msgspec.Raw | bytes | bytearray) else b""


def _without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _told(new: Mapping[str, Any] | bytes) -> str:
    return new.decode() if isinstance(new, bytes) else "otherwise"


def _is_vital(value: Any, record: Record) -> bool:
    """Whether the id or the time of a record, or what else the schema says is never null, may be made of this."""
    text = str(value)
    if text in _never_null(record):
        return True
    ids = (record.native_id, record.sort_id)
    return bool(text) and (any(text in each for each in ids if each) or (record.native_id in text) or _is_time(text, record))


def _never_null(record: Record) -> set[str]:
    """The texts and amounts that the schema's type has no null for."""
    given = [
        getattr(record, each.python_name) for each in fields_of(type(record)) if each.base_resolver is None and each.type in (str, Money)
    ]
    return {str(each.amount if isinstance(each, Money) else each) for each in given}


def _is_time(text: str, record: Record) -> bool:
    if record.time_field is None:
        return False
    at, shown_at, found = time_of(record), getattr(record, record.time_field), digits(text)
    moments = [each for each in (at, shown_at) if isinstance(each, datetime)]
    days = {f"{moment + step:%Y%m%d}" for moment in moments for step in (-DAY, timedelta(0), DAY)}
    near = len(found) >= EPOCH_DIGITS and any(abs(int(found[:EPOCH_DIGITS]) - each.timestamp()) < DAY.total_seconds() for each in moments)
    return near or any(day in found for day in days)


def _is_word(text: str) -> bool:
    """Whether a text may be a code: letters alone, and some signs."""
    return 0 < len(text) <= LONGEST_WORD and all(letter.isalpha() or letter in "_- ." for letter in text)


def _guesses(record: Record, found: Record) -> Iterator[tuple[str, str, str]]:
    """Enum fields that took another member than the unknown one."""
    for each in fields_of(type(record)):
        one, two = (getattr(of, each.python_name, None) for of in (record, found)) if each.base_resolver is None else (None, None)
        if isinstance(two, Enum) and two is not one and two.name not in UNKNOWN:
            yield schema_name(each.python_name), str(getattr(one, "name", one)), two.name
