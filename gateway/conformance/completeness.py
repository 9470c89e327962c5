"""Promises about completeness: every row of the upstream is a record with its own id, time, amount and parent, or a problem."""

from datetime import datetime

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import listings, promise, require
from telegraphql.gateway.conformance.walks import all_problems, all_records
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.record_truth import RecordTruth
from telegraphql.gateway.plugin.sandbox import Row
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.record import Record

SAMPLE = 12


@promise(listings())
async def delivers_every_row(harness: Harness, listing: Listing) -> None:
    """Deliver every row that the upstream has as a record with the id, time, amount and parent of the row, or as a problem."""
    kind = listing.kind.__name__
    truth = harness.sandbox.truth(kind, harness.simulation.table)
    require(truth, f"the sandbox does not say which rows are {kind}: declare RecordTruth(rows=…) for it in the sandbox's `truths`")
    assert truth is not None
    records = {record.native_id: record for record in await all_records(harness, listing.kind)}
    rows = harness.sandbox.records[truth.rows]
    if not truth.native_id:
        advice = "make a record of every row, and leave rows that cannot be read to self.page"
        require(len(records) == len(rows), f"the upstream has {len(rows)} {kind}, the listing delivers {len(records)}: {advice}")
        return
    rows_by_id = {native_id: row for row in rows if (native_id := truth.id_of(row)) is not None}
    # First, since a wrong time also takes a record out of the bounds of a listing.
    for native_id in rows_by_id.keys() & records.keys():
        _require_time(truth, rows_by_id[native_id], records[native_id])
    _require_all(kind, {native_id for native_id, row in rows_by_id.items() if truth.is_placed(row)}, rows_by_id, records)
    found = await all_problems(harness, listing.kind)
    problems, unreadable = len(found), sum(map(truth.is_unreadable, rows))
    fields = [each.message for each in found if each.code is ProblemCode.MALFORMED_FIELD]
    text = f"of the {kind} of a healthy sandbox some fields cannot be read ({fields[:1]})"
    require(not fields, f"{text}: read the upstream's way to write them, or correct the sandbox")
    text = f"the upstream has {unreadable} {kind} without what native_id is made of, the listing reports {problems}"
    require(problems >= unreadable, f"{text}: return what self.page returns, which reports rows that cannot be read")
    sample = [record for key, record in records.items() if any(truth.amount_of(rows_by_id[key], name) for name in truth.amounts)][:SAMPLE]
    if detail := [name for name in map(schema_name, truth.amounts) if name in listing.detail]:
        await DataLoaders().hydrate(harness.serving, listing.kind, sample, Selection.of(*detail))
    for record in sample if detail else records.values():
        _require_same(truth, rows_by_id[record.native_id], record)


def _require_all(kind: str, readable: set[str], rows: dict[str, Row], records: dict[str, Record]) -> None:
    missing, unknown = sorted(readable - records.keys()), sorted(records.keys() - rows.keys())
    text = f"the upstream has the {kind} {missing[:1]}, whose row has an id and a time, but the listing does not deliver it"
    require(not missing or unknown, f"{text}: drop no rows in the mapping, and raise only for a row without id or time")
    text = f"the listing delivers the {kind} {unknown[:1]}, which the upstream does not have; it has {missing[:1]}"
    require(not unknown, f"{text}: make native_id of the fields that identify the row, unchanged")


def _require_time(truth: RecordTruth, row: Row, record: Record) -> None:
    name = f"the {type(record).__name__} {record.native_id!r}"
    shown = getattr(record, record.time_field or "", None)
    if truth.time and isinstance(shown, datetime):
        times = truth.times_of(row)
        text = f"{name} has the time {shown:%Y-%m-%d %H:%M:%S} UTC, its row says {row[truth.time]!r} in {truth.time_zone}"
        require(shown in times, f"{text}: convert the time from the upstream's time zone")


def _require_same(truth: RecordTruth, row: Row, record: Record) -> None:
    name = f"the {type(record).__name__} {record.native_id!r}"
    for attribute in truth.amounts:
        amount, expected = getattr(record, attribute), truth.amount_of(row, attribute)
        text = f"{name} has {schema_name(attribute)} {None if amount is None else amount.amount}, its row says {expected}"
        is_same = amount.amount == expected if amount else not expected
        require(is_same, f"{text}: keep the amount exact, and its sign as the schema describes it")
    for relation in truth.refs:
        key, expected_key = record.refs.get(relation), truth.key_of(row, relation)
        text = f"{name} has refs[{relation!r}] {key!r}, its row says {expected_key!r}"
        require(key == expected_key, f"{text}: set the reference to the key of the parent that the row names")
