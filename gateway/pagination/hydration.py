"""Filling: what only a single get delivers, put into a record that is there already."""

from collections.abc import Iterable, Sequence
from typing import Any

from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.plugin.capabilities import python_name
from telegraphql.gateway.plugin.row_view import records_of
from telegraphql.schema.record import Record


def fill_in_all(provider: str, found: Iterable[tuple[Record, Any]], missing: Sequence[str]) -> None:
    """Put the missing fields of records in place. A detail that cannot be read costs its record's fields, and no other's."""
    for record, detail in found:
        try:
            fill_in(record, detail, missing)
        except Exception as error:
            fill_in(record, fault_of(error, provider), missing)


def fill_in(record: Record, detail: Any, missing: Sequence[str]) -> None:
    """Put the missing fields of a record in place from its detail; an error stands for each of them."""
    if isinstance(detail, Exception):
        for name in missing:
            record.held[name] = detail
            if hasattr(record, "__dict__") and python_name(name) in record.__dict__:
                setattr(record, python_name(name), detail)
        return
    for full in records_of(detail):
        # What is known stays: it may be the key by which this record was found.
        record.refs = {**full.refs, **{name: value for name, value in record.refs.items() if value is not None}}
        record.files = {**record.files, **full.files}
        record.held |= full.held
        record.raw = full.raw if full.raw is not None else record.raw
        for name in missing:
            if python_name(name) in full.__dict__:
                setattr(record, python_name(name), getattr(full, python_name(name)))
