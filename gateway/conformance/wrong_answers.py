"""Promises about answers that look right and are not: everything readable is delivered, and nonsense is not believed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.listing import full_request
from telegraphql.gateway.conformance.page_reading import read_page
from telegraphql.gateway.conformance.promises import bounded_listings, is_local, over_http, promise, require
from telegraphql.gateway.conformance.walks import fields_of, visible_fields
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.provider import ListRequest, Provider
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

SIZE = 40
# No telephone system is older, and no conversation longer.
FIRST_MOMENT = datetime(1971, 1, 1, tzinfo=UTC)
MEASURES, MAX_SECONDS = ("Seconds", "Bytes"), 2**31
LONGEST = timedelta(days=3660)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# By the parameters of a request, a sandbox chooses one of four.
EMPTY_ANSWERS = 6
# What each wrong answer may change: nothing, the fields that it spoils, or the number of rows.
UNCHANGED = ("byte_order_mark", "text_numbers", "wrong_total")
SPOILT_FIELDS = ("bad_byte", "control_character", "zero_times", "impossible_lengths", "misorder")
FEWER_ROWS = ("short_page", "outlier", "duplicate_ids")
REFUSED = ("oversize", "compressed_bomb")
ADVICE: Mapping[str, str] = {
    "byte_order_mark": "decode responses with self.upstream.read",
    "text_numbers": "read numbers with the column functions of telegraphql.plugin, which accept texts",
    "wrong_total": "pass the upstream's total to Page.total as it is, and cut no rows by it",
    "bad_byte": "decode responses with self.upstream.read, and pass rows to self.page as msgspec.Raw",
    "control_character": "decode responses with self.upstream.read, and pass rows to self.page as msgspec.Raw",
    "zero_times": "read times with the column functions of telegraphql.plugin, which know times that are none",
    "impossible_lengths": "read lengths with the column function `seconds`, and times that follow from them with `end_of`",
    "misorder": "leave the order of a page's rows to the gateway",
    "short_page": "leave it to the gateway whether more pages follow",
    "outlier": "leave rows outside of the requested period to the gateway",
    "duplicate_ids": "pass all rows to self.page: the gateway reports ids that come twice",
    "oversize": "set Page.read to the number of rows that came",
    "compressed_bomb": "read responses with self.upstream",
}


def wrong_answers(plugin: type[Provider]) -> dict[str, str]:
    """Return the modes of wrong answers of an upstream over HTTP."""
    return {} if is_local(plugin) else {mode: mode for mode in (*UNCHANGED, *SPOILT_FIELDS, *FEWER_ROWS, *REFUSED)}


@promise(wrong_answers)
async def believes_no_nonsense(harness: Harness, mode: str) -> None:
    """Deliver every readable record of a wrong answer, with null in place of nonsense, or raise an error of the contract."""
    requests = [(each, await full_request(harness, each, SIZE)) for each in harness.declared.listings.values()]
    healthy = [await _read(harness, *each) for each in requests]
    harness.reconnect()
    await harness.provider.check()
    for (listing, request), (expected, _) in zip(requests, healthy, strict=True):
        harness.fault({"mode": mode})
        name = f"under the fault `{mode}` the listing of {listing.kind.__name__}"
        try:
            records, problems = await _read(harness, listing, request)
        except UpstreamError as error:
            is_allowed = mode in REFUSED or mode in FEWER_ROWS
            require(is_allowed, f"{name} fails with {error.problem.name}: {ADVICE[mode]}")
            require(
                harness.is_free_of_secrets(str(error)), f"{name} fails with a message that contains a secret: write a message of your own"
            )
            continue
        finally:
            harness.clear_fault()
        if mode in UNCHANGED + SPOILT_FIELDS:
            _require_all(mode, name, expected, records, problems)
        known = {path for record in expected for path, _ in _nonsense(record)}
        for record in records:
            for path, value in _nonsense(record):
                require(path in known, f"{name} shows {path} {value} of {record.native_id!r}: {ADVICE[mode]}")


async def _read(harness: Harness, listing: Listing, request: ListRequest) -> tuple[list[Record], list[Problem]]:
    return read_page(await harness.serving.fetch(listing, request.filter)(request))


def _require_all(mode: str, name: str, expected: list[Record], records: list[Record], problems: list[Problem]) -> None:
    missing = sorted({record.native_id for record in expected} - {record.native_id for record in records})
    require(not missing, f"{name} lacks {len(missing)} of {len(expected)} records, such as {missing[:1]}: {ADVICE[mode]}")
    codes = {each.code.name for each in problems} - {ProblemCode.MALFORMED_FIELD.name, ProblemCode.MALFORMED_RECORD.name}
    require(not codes, f"{name} reports {sorted(codes)}: {ADVICE[mode]}")
    if mode in UNCHANGED:
        shown = {record.native_id: visible_fields(record) for record in records}
        for record in expected:
            fields, healthy = shown[record.native_id], visible_fields(record)
            changed = {field: (healthy[field], fields[field]) for field in healthy if healthy[field] != fields[field]}
            require(not changed, f"{name} shows {record.native_id!r} with {changed}: {ADVICE[mode]}")


def _nonsense(record: Record) -> Iterator[tuple[str, Any]]:
    """Yield fields with a time before there were telephone systems, or a length that no conversation has."""
    start = getattr(record, record.time_field or "", None)
    for each in fields_of(type(record)):
        value = getattr(record, each.python_name) if each.base_resolver is None else None
        name = schema_name(each.python_name)
        if isinstance(value, datetime) and (value < FIRST_MOMENT or (name.startswith("ended") and start and abs(value - start) > LONGEST)):
            yield name, value
        if isinstance(value, int) and ((name.endswith("Seconds") and value >= MAX_SECONDS) or (name.endswith(MEASURES) and value < 0)):
            yield name, value


@promise(over_http(bounded_listings))
async def understands_every_empty_answer(harness: Harness, listing: Listing) -> None:
    """Read an answer without rows in any words: `null`, `{}`, `[]`, or no body."""
    harness.reconnect()
    await harness.provider.check()
    for days in range(EMPTY_ANSWERS):
        harness.fault({"mode": "empty_words"})
        request = ListRequest(since=LONG_AGO - timedelta(days=days), until=LONG_AGO, size=SIZE)
        name = f"the listing of {listing.kind.__name__}, answered without rows in another way,"
        try:
            records, problems = await _read(harness, listing, request)
        except UpstreamError as error:
            raise AssertionError(f"{name} fails with {error.problem.name}: decode it with ListDecoder of telegraphql.plugin") from error
        require(not records and not problems, f"{name} delivers {records[:1]} and {problems[:1]}: decode it with ListDecoder")
