"""Promises about malformed rows: one costs no other record, and no more of its own than necessary."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import msgspec

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.listing import full_request, list_page
from telegraphql.gateway.conformance.promises import listings, over_http, promise, require
from telegraphql.gateway.conformance.transport import ResponseTape
from telegraphql.gateway.conformance.walks import fields_of, visible_fields
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.phone_numbers import digits
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.record_truth import read_time
from telegraphql.gateway.plugin.rows import HIDDEN
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.record import Record
from telegraphql.schema.values import Money

ROWS = 12
BROKEN_ROWS = (b"{}", b"null", b'"kit"', b"[]")
UNKNOWN_CODE = "kit-odd-word"
WRONG_TYPE = [{"kit": 1}]
MALFORMED = (ProblemCode.MALFORMED_RECORD, ProblemCode.MALFORMED_FIELD)
ADVICE = "look codes up with .get(code, …UNKNOWN)"
MAX_CODE_LENGTH = 32
UNKNOWN_MEMBERS = ("UNKNOWN", "OTHER")
EPOCH_DIGITS = 10
DAY = timedelta(days=1)


@dataclass(slots=True)
class RowCase:
    """A row of a listing whose content can be changed on its way, with its page and the request for it."""

    harness: Harness
    listing: Listing
    tape: ResponseTape
    request: ListRequest
    page: Page
    raw: bytes
    is_first: bool

    @property
    def row(self) -> dict[str, Any]:
        """Return the row as the upstream sent it."""
        row: dict[str, Any] = msgspec.json.decode(self.raw)
        return row

    @property
    def name(self) -> str:
        """Return the name used in messages."""
        return f"the {self.listing.kind.__name__} {self.records_of_row(self.page)[0].native_id!r}"

    def records_of_row(self, page: Page) -> list[Record]:
        """Return the records of a page that were made of the row."""
        ids = {record.native_id for record in self.page.records if _raw_bytes(record) == self.raw}
        return [record for record in page.records if record.native_id in ids]

    async def with_row(self, replacement: Mapping[str, Any] | bytes) -> Page:
        """Return the page with a replacement for the row. All other records must be in it."""
        self.tape.replace(self.raw, replacement if isinstance(replacement, bytes) else msgspec.json.encode(replacement))
        try:
            page = await list_page(self.harness, self.listing, self.request)
        except UpstreamError as error:
            raise AssertionError(
                f"if the row of {self.name} is {_description(replacement)}, the whole page fails: pass rows to self.page as msgspec.Raw"
            ) from error
        finally:
            self.tape.replace(b"", b"")
        records_of_row = {record.native_id for record in self.records_of_row(self.page)}
        missing = sorted(
            {record.native_id for record in self.page.records} - records_of_row - {record.native_id for record in page.records}
        )
        require(
            not missing,
            f"if the row of {self.name} is {_description(replacement)}, other records are missing: pass rows to self.page as msgspec.Raw",
        )
        unexpected = [each.code.name for each in page.problems if each.code not in MALFORMED]
        require(
            not unexpected,
            f"if the row of {self.name} is {_description(replacement)}, the page has {unexpected[:1]}: leave problems to self.page",
        )
        return page


@promise(over_http(listings()))
async def isolates_malformed_rows(harness: Harness, listing: Listing) -> None:
    """Report a row that cannot be read as a problem MALFORMED_RECORD, and deliver the other records."""
    async for case in _row_cases(harness, listing, 1):
        for replacement in BROKEN_ROWS:
            page = await case.with_row(replacement)
            advice = "raise ValueError in the mapping, or make the wire struct stricter"
            require(not case.records_of_row(page), f"{case.name} is delivered although its row is {replacement.decode()}: {advice}")
            is_reported = len(page.problems) > len(case.page.problems)
            require(
                is_reported,
                f"the row of {case.name} is {replacement.decode()}, but the page has no problem: return what self.page returns",
            )


@promise(over_http(listings()))
async def needs_only_id_and_time(harness: Harness, listing: Listing) -> None:
    """Deliver a row that lacks a field, or has null in it, unless its record cannot exist without that field."""
    async for case in _row_cases(harness, listing):
        (record, *_), row = case.records_of_row(case.page), case.row
        for name in (each for each, value in row.items() if not _is_required(value, record)):
            for replacement, state in ((_without(row, name), "without"), ({**row, name: None}, "with null in")):
                advice = "give the field a default in the wire struct, allow None, and map it to None"
                is_delivered = case.records_of_row(await case.with_row(replacement))
                require(is_delivered, f"{case.name} is missing {state} its `{name}`, which is neither id nor time: {advice}")


@promise(over_http(listings()))
async def isolates_malformed_fields(harness: Harness, listing: Listing) -> None:
    """Deliver a row that has a value of another type in a field, unless its record cannot exist without that field."""
    async for case in _row_cases(harness, listing, 1):
        (record, *_), row = case.records_of_row(case.page), case.row
        for name in (each for each, value in row.items() if not _is_required(value, record)):
            is_delivered = case.records_of_row(await case.with_row({**row, name: WRONG_TYPE}))
            advice = "pass rows to self.page as msgspec.Raw, and read the field in a column of its own"
            require(is_delivered, f"{case.name} is missing if its `{name}` is {WRONG_TYPE}: {advice}")


@promise(over_http(listings()))
async def maps_unknown_codes_to_unknown(harness: Harness, listing: Listing) -> None:
    """Map a code that no table has to UNKNOWN, never to another member, and keep the record."""
    async for case in _row_cases(harness, listing, ROWS):
        (record, *_), row = case.records_of_row(case.page), case.row
        code_fields = [
            name for name, value in row.items() if isinstance(value, str) and _is_code(value) and not _is_required(value, record)
        ]
        for name in code_fields if case.is_first else ():
            records = case.records_of_row(await case.with_row({**row, name: UNKNOWN_CODE}))
            require(records, f"{case.name} is missing if its `{name}` is the unknown code {UNKNOWN_CODE!r}: {ADVICE}")
        # The mapping may fall back from one unknown code to another field's code: make all of them unknown.
        records = case.records_of_row(await case.with_row({**row, **dict.fromkeys(code_fields, UNKNOWN_CODE)}))
        require(records, f"{case.name} is missing if all its codes are unknown: {ADVICE}")
        for field, expected, actual in _wrong_members(record, records[0]):
            require(False, f"{case.name} has {field} {actual} if all its codes are unknown ({expected} otherwise): {ADVICE}")


@promise(over_http(listings()))
async def ignores_and_keeps_unknown_fields(harness: Harness, listing: Listing) -> None:
    """Ignore fields that the plugin does not know, and keep them in `raw`, which `native` returns."""
    async for case in _row_cases(harness, listing, 1):
        for name, value in (("kit_field", "kit"), ("kit_object", {"kit": [1, None]})):
            (record, *_) = case.records_of_row(case.page)
            row_with_field = {**case.row, name: value}
            records = case.records_of_row(await case.with_row(row_with_field))
            require(
                records and visible_fields(records[0]) == visible_fields(record),
                f"{case.name} changes with an unknown field: let wire structs ignore unknown fields",
            )
            is_kept = msgspec.json.decode(_raw_bytes(records[0]) or b"null") == row_with_field
            require(is_kept, f"`native` of {case.name} lacks fields of its row: pass the row to self.page as it was delivered")


async def _row_cases(harness: Harness, listing: Listing, limit: int = 2) -> AsyncIterator[RowCase]:
    """Yield a few rows to change. Only rows that are JSON on the wire can be located without the plugin."""
    request = await full_request(harness, listing, min(ROWS, harness.serving.most(listing)))
    with _with_tape(harness) as tape:
        page = await list_page(harness, listing, request)
        raws = [raw for record in page.records if (raw := _raw_bytes(record))]
        for number, raw in enumerate(dict.fromkeys([*raws[:1], *raws[1:][len(raws) - limit :]])):
            tape.replace(raw, raw)
            await list_page(harness, listing, request)
            advice = "pass the row's own msgspec.Raw to self.page"
            # A row with a hidden value differs from the bytes on the wire.
            is_unchanged = tape.found or not tape.is_json or HIDDEN.encode() in raw
            require(is_unchanged, f"the `raw` of a {listing.kind.__name__} differs from the row as it was delivered: {advice}")
            if tape.found and isinstance(msgspec.json.decode(raw), dict):
                yield RowCase(harness, listing, tape, request, page, raw, number == 0)


@contextmanager
def _with_tape(harness: Harness) -> Iterator[ResponseTape]:
    harness.transport.tape = ResponseTape()
    try:
        yield harness.transport.tape
    finally:
        harness.transport.tape = None


def _raw_bytes(record: Record) -> bytes:
    return bytes(record.raw) if isinstance(record.raw, msgspec.Raw | bytes | bytearray) else b""


def _without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _description(row: Mapping[str, Any] | bytes) -> str:
    return row.decode() if isinstance(row, bytes) else "changed"


def _is_required(value: Any, record: Record) -> bool:
    """Return True if a value may be the source of the id, the time, or another field that is never null."""
    text = str(value)
    if text in _never_null(record):
        return True
    ids = (record.native_id, record.sort_id)
    return bool(text) and (any(text in each for each in ids if each) or (record.native_id in text) or _is_time(text, record))


def _never_null(record: Record) -> set[str]:
    """Return the values, as text, of the fields that are never null."""
    values = [
        getattr(record, each.python_name) for each in fields_of(type(record)) if each.base_resolver is None and each.type in (str, Money)
    ]
    # An upstream may write a charge without its sign.
    return {text for each in values for text in ((str(each.amount), str(-each.amount)) if isinstance(each, Money) else (str(each),))}


def _is_time(text: str, record: Record) -> bool:
    if record.time_field is None:
        return False
    position_time, shown_time, text_digits = time_of(record), getattr(record, record.time_field), digits(text)
    moments = [each for each in (position_time, shown_time) if isinstance(each, datetime)]
    days = {f"{moment + step:%Y%m%d}" for moment in moments for step in (-DAY, timedelta(0), DAY)}
    is_near = len(text_digits) >= EPOCH_DIGITS and any(
        abs(int(text_digits[:EPOCH_DIGITS]) - each.timestamp()) < DAY.total_seconds() for each in moments
    )
    return is_near or any(day in text_digits for day in days) or _is_near_in_words(text, moments)


def _is_near_in_words(text: str, moments: Sequence[datetime]) -> bool:
    """Return True if a text is one of these moments in any format, such as RFC 2822, give or take a day for its time zone."""
    try:
        moment = read_time(text)
    except (ValueError, TypeError, OverflowError):
        return False
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return any(abs(aware - each) < DAY for each in moments)


def _is_code(text: str) -> bool:
    """Return True if a text may be a code: letters and a few signs."""
    return 0 < len(text) <= MAX_CODE_LENGTH and all(letter.isalpha() or letter in "_- ." for letter in text)


def _wrong_members(record: Record, changed: Record) -> Iterator[tuple[str, str, str]]:
    """Yield enum fields that became another member than the unknown one."""
    for each in fields_of(type(record)):
        expected, actual = (getattr(of, each.python_name, None) for of in (record, changed)) if each.base_resolver is None else (None, None)
        if isinstance(actual, Enum) and actual is not expected and actual.name not in UNKNOWN_MEMBERS:
            yield schema_name(each.python_name), str(getattr(expected, "name", expected)), actual.name
