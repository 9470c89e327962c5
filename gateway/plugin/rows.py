"""Rows: the rows of one answer, read as far as they are looked at, so that what nobody looks at costs nothing."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from telegraphql.gateway.plugin.row_decoding import decoder_of
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.upstream.request_budget import give_way
from telegraphql.schema.paging import Problem

# Where in a row that is no object a decoder found the fault.
AT = re.compile(r" - at `(\$[\w.\[\]]{0,60})`$")
# So many rows are decoded at once: a few milliseconds, or twenty if each of them is irregular.
TURN = 250
# What stands in `native` where a value must not be shown; the field itself stays.
HIDDEN = "(hidden)"


class Rows(Sequence[RowView]):
    """The rows of one answer in their order, read as far as they are looked at: of several lists that become one, most are not.

    `problems` holds those of the rows read so far.
    """

    def __init__(self, reader: RowReader, raws: Iterable[Any]) -> None:
        self._reader = reader
        self._raws = raws if isinstance(raws, list) else list(raws)
        self._read: list[RowView] = []
        self._at = self._given = self._told = 0
        self.problems: list[Problem] = []

    @property
    def is_read(self) -> bool:
        """Return True if none is left."""
        return self._at >= len(self._raws)

    def next(self, most: int | None = None) -> list[RowView]:
        """Return what was not given yet of what is read by then: so many more rows, or all."""
        self._read_to(len(self._raws) if most is None else self._at + most)
        found, self._given = self._read[self._given :], len(self._read)
        return found

    def peek(self, most: int) -> list[RowView]:
        """Return the first rows, which count as not read."""
        found: list[RowView] = []
        self._look(self._raws[:most], found, [])
        return found

    def _read_to(self, end: int) -> None:
        if self._at < len(self._raws):
            self._look(self._raws[self._at : end], self._read, self.problems)
            self._at = end

    def _look(self, raws: list[Any], found: list[RowView], problems: list[Problem]) -> None:
        reader = self._reader
        if raws and isinstance(raws[0], reader.mapping.struct):
            reader.look(raws, [None] * len(raws), found, problems)
            return
        decoder = decoder_of(reader.mapping.struct)
        rows = decoder.all(raws)
        if rows is not None:
            reader.look(rows, raws, found, problems)
            return
        for raw in raws:
            try:
                row, odd = decoder.one(raw)
            except Exception as error:
                at = AT.search(str(error))
                problems.append(reader.malformed_record(raw, at[1] if at else None))
                continue
            if odd:
                view = reader.look_slowly(row, raw, odd, problems)
                found += [] if view is None else [view]
            else:
                reader.look([row], [raw], found, problems)

    async def read_in_turns(self) -> None:
        """Read all, and give others their turn meanwhile: a big answer takes longer than they should wait."""
        while not self.is_read:
            self._read_to(self._at + TURN)
            await give_way()

    def news(self) -> list[Problem]:
        """Return the problems that have come up since they were asked for last."""
        fresh, self._told = self.problems[self._told :], len(self.problems)
        return fresh

    def times(self) -> list[datetime] | None:
        """Return the times of all rows, which costs less than to read them; None if they cannot be read so."""
        return self._reader.times(self._raws)

    def all(self) -> list[RowView]:
        """Return all of them."""
        if self._at < len(self._raws):
            self._read_to(len(self._raws))
        return self._read

    def __len__(self) -> int:
        return len(self.all())

    def __getitem__(self, at: Any) -> Any:
        return self.all()[at]

    def __iter__(self) -> Iterator[RowView]:
        return iter(self.all())
