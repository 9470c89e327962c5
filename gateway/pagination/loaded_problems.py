"""Loaded problems: what is missing or cannot be read of records that were loaded by key, which stand in no connection of their own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from telegraphql.gateway.pagination.page_order import repeated_id
from telegraphql.gateway.pagination.page_values import FieldProblems
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem

OF_RECORDS = frozenset({ProblemCode.MALFORMED_RECORD, ProblemCode.MALFORMED_FIELD})
# More say nothing new.
MAX_PROBLEMS = 100


@dataclass(slots=True)
class LoadedProblems:
    """The problems of one GraphQL request's loaders."""

    # True as long as nothing was noted or is watched.
    is_empty: bool = True
    _problems: list[Problem] = field(default_factory=list)
    _views: list[RowView] = field(default_factory=list)
    _details: FieldProblems = field(default_factory=FieldProblems)

    def add(self, problems: Iterable[Problem]) -> None:
        """Note the problems of records; those of whole providers are errors of the keys they concern."""
        for problem in problems:
            if problem.code in OF_RECORDS and len(self._problems) < MAX_PROBLEMS and problem not in self._problems:
                self._problems.append(problem)
                self.is_empty = False

    def add_twin(self, one: Any, other: Any) -> None:
        """Note that two records have one id and one key, unless they are the same record."""
        if one is not other and _content(one) != _content(other):
            self.add([repeated_id(other)])

    def watch(self, records: Iterable[Any]) -> None:
        """Remember records of which fields may turn out to be unreadable as they are shown."""
        self._views += [record for record in records if type(record) is RowView]
        self.is_empty = self.is_empty and not self._views

    def add_detail(self, detail: Any, attributes: frozenset[str]) -> None:
        """Note which of some attributes cannot be read of a record that fills in another one."""
        for view in detail if isinstance(detail, list) else [detail]:
            if type(view) is RowView and view.malformed:
                self._details.add(view, attributes)
                self.is_empty = False

    def all(self) -> list[Problem]:
        """Return what is known by now."""
        fields = FieldProblems()
        for view in self._views:
            fields.add(view)
        return self._problems + self._details.problems() + fields.problems()


def _content(record: Any) -> Any:
    """Return what tells two records apart: the row as it came, if that is known."""
    raw = record.raw
    if isinstance(raw, msgspec.Raw | bytes | bytearray):
        return bytes(raw)
    if raw is None:
        return record.row if type(record) is RowView else record
    return raw
