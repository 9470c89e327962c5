"""Filter samples: a value for each declared filter, taken from records where they have one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from strawberry.types.base import StrawberryList
from strawberry.types.enum import StrawberryEnumDefinition

from telegraphql.gateway.pagination.filtering.filters import criteria_of, input_type
from telegraphql.gateway.pagination.filtering.predicates import shown_texts
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.schema.filters import DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.record import Record

# A value where no record has one. It need not find anything: that the upstream accepts the filter is what counts.
UNSEEN, UNSEEN_NUMBER = "0", "+41446681800"
DAY = timedelta(days=1)


def filter_sample(listing: Listing, name: str, records: Sequence[Any]) -> Any:
    """Return a value of a filter as a plugin gets it."""
    wanted = input_type(listing.kind, name)
    seen = _seen(listing.kind, name, records)
    now = datetime.now(UTC).replace(microsecond=0)
    if isinstance(wanted, StrawberryList):
        return [_element(wanted.of_type, seen)]
    samples: dict[Any, Any] = {
        TimeRange: TimeRange(since=now - DAY, until=now),
        IntRange: IntRange(min=1),
        DecimalRange: DecimalRange(min=Decimal(0)),
        NumberFilter: NumberFilter(equals=[getattr(seen, "number", seen) or UNSEEN_NUMBER]),
        TextFilter: TextFilter(contains=str(next(iter(shown_texts(seen)), UNSEEN))[:3]),
        bool: True,
    }
    return samples.get(wanted, getattr(seen, "number", seen) or UNSEEN)


def _element(kind: Any, seen: Any) -> Any:
    if isinstance(kind, StrawberryEnumDefinition):
        return seen if isinstance(seen, Enum) else next(iter(kind.wrapped_cls))
    if kind is int:
        return seen if isinstance(seen, int) else 0
    return str(seen or UNSEEN)


def _seen(kind: type[Record], name: str, records: Sequence[Any]) -> Any:
    """Return what the first record that has it shows where the filter looks."""
    criterion = criteria_of(kind)[name]
    for record in records:
        found = record.refs.get(criterion.id_of) if criterion.id_of else getattr(record, criterion.attributes[0], None)
        if found not in (None, ""):
            return found
    return None
