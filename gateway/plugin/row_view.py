"""Row views: rows that read like their records, each attribute computed by its column when it is looked at."""

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from telegraphql.schema.record import Record

if TYPE_CHECKING:
    from telegraphql.gateway.plugin.row_reader import RowReader

NO_ODD: frozenset[str] = frozenset()


class RowView(msgspec.Struct, eq=False):
    """A row that reads like its record: an attribute is computed by its column when it is looked at.

    To change a record, or where its class matters, use `record()`.
    """

    reader: "RowReader"
    row: Any
    raw: Any
    native_id: str
    # Where it stands in its list; None for kinds without a time.
    time: datetime | None
    sort_id: str = ""
    # Attributes that do not have the Struct's type; only the readers of the library look at them.
    odd: frozenset[str] = NO_ODD
    values: dict[str, Any] | None = None
    made: Any = None
    # What is sent of it, and the selection for which that is so.
    sent: Any = None
    projection: Any = None
    # The columns that cannot be read, once that is known.
    malformed: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if self.made is not None:
            return getattr(self.made, name)
        values = self.values
        if values is None:
            values = self.values = {}
        elif name in values:
            return values[name]
        found = values[name] = self.reader.value(self, name)
        return found

    @property
    def record_type(self) -> type[Record]:
        """The record's class."""
        return self.reader.mapping.kind

    @property
    def provider_name(self) -> str:
        """The configured name of the provider."""
        return self.reader.provider_name

    @property
    def time_field(self) -> str | None:
        """The attribute that holds the record's own time."""
        kind: type[Record] = self.reader.mapping.kind
        return kind.time_field

    @property
    def end_field(self) -> str | None:
        """The attribute that holds when it ended."""
        kind: type[Record] = self.reader.mapping.kind
        return kind.end_field

    @property
    def name_field(self) -> str | None:
        """The attribute by which records of this kind are ordered, where they have no time."""
        kind: type[Record] = self.reader.mapping.kind
        return kind.name_field

    def record(self) -> Record:
        """Return the record itself; the same one whenever it is called."""
        if self.made is None:
            self.reader.make_records([self])
        made: Record = self.made
        return made


def kind_of(record: Record | RowView) -> type[Record]:
    """Return the class of a record, be it made or not."""
    return record.record_type if type(record) is RowView else type(record)  # type: ignore[return-value]


def records_of(found: Iterable[Record | RowView]) -> list[Any]:
    """Return records in the place of views."""
    records = list(found)
    for reader, views in by_reader([each for each in records if type(each) is RowView]):
        reader.make_records(views)
    return [each.made if type(each) is RowView else each for each in records]


def by_reader(views: Sequence[Any]) -> "Iterable[tuple[RowReader, list[RowView]]]":
    """Return views that are no records yet, those of one answer together."""
    waiting: list[RowView] = [view for view in views if view.made is None]
    own = [view for view in waiting if view.reader is waiting[0].reader]
    if len(own) == len(waiting):
        return [(own[0].reader, own)] if own else ()
    groups: dict[int, tuple[RowReader, list[RowView]]] = {}
    last, group = None, list[RowView]()
    for view in waiting:
        reader = view.reader
        if reader is not last:
            last, group = reader, groups.setdefault(id(reader), (reader, []))[1]
        group.append(view)
    return groups.values()


def own_copy(record: Any) -> Any:
    """Return a copy of a record or view, to which something may be added that others do not see."""
    copied = copy(record)
    if type(copied) is not RowView:
        copied.held = dict(copied.held)
    elif copied.made is not None:
        copied.made = own_copy(copied.made)
    return copied


def without_views(found: Any) -> Any:
    """Return a record, or lists of them, with records in the place of views."""
    if type(found) is RowView:
        return found.record()
    return [without_views(each) for each in found] if isinstance(found, list) else found
