"""Assembly of sessions and the parts that came in their rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from telegraphql.plugin import Mapping, Page, Provider, RowView, give_way
from telegraphql.plugins.voximplant.mapping.conversation import CALL, RESOURCE_USAGE, SESSION
from telegraphql.plugins.voximplant.mapping.outcome import outcome_of, read_leg
from telegraphql.plugins.voximplant.mapping.recording import LEG_RECORDING, RECORDING
from telegraphql.plugins.voximplant.mapping.session_parts import Parts, SessionParts

# So many sessions are read at once: some ten milliseconds.
TURN = 200


async def sessions_with_parts(rows: Sequence[Any], wanted: Parts, of: Provider, total: int | None = None) -> Page:
    """Return the page of an answer's sessions, each with its parts that were asked for. Of many, others have their turn meanwhile."""
    parts: defaultdict[str, SessionParts] = defaultdict(SessionParts)
    page = of.page(SESSION, rows, total=total, parts=parts)
    if wanted != Parts():
        seen = set[str]()
        for index, session in enumerate(page.records):
            if index % TURN == TURN - 1:
                await give_way()
            found = _Assembly(session, wanted, of, page).parts
            # Two sessions with one id share their parts, since the parts name their session by it.
            parts[session.native_id] = parts[session.native_id].joined(found) if session.native_id in seen else found
            seen.add(session.native_id)
    return page


class _Assembly:
    """Reads the parts in one row."""

    def __init__(self, session: RowView, wanted: Parts, of: Provider, page: Page) -> None:
        self.session, self.of, self.page = session, of, page
        self.parts = SessionParts()
        if wanted.calls:
            self.parts.calls = self._sorted(self._read(CALL, session.row.calls))
            self._name_legs(self.parts.calls)
            legs = (read_leg(leg.row, session.row.active is True) for leg in self.parts.calls)
            self.parts.outcome = outcome_of([leg for leg in legs if leg is not None])
        if wanted.records:
            self.parts.recordings = self._recordings()
        if wanted.usages:
            self.parts.usages = self._read(RESOURCE_USAGE, session.row.other_resource_usage)

    def _read(self, mapping: Mapping[Any], rows: Any) -> list[Any]:
        """Return the parts of one kind; a part that cannot be read becomes a problem of the page."""
        found = self.of.page(mapping, rows if isinstance(rows, list) else (), session=self.session, parts=self.parts)
        records: list[Any] = found.records.all()
        self.page.problems += found.problems
        self.parts.is_complete = self.parts.is_complete and not found.problems and (not rows or isinstance(rows, list))
        return records

    def _sorted(self, found: Iterable[Any]) -> list[Any]:
        return sorted(found, key=lambda each: each.sort_id)

    def _name_legs(self, legs: Iterable[RowView]) -> None:
        for leg in legs:
            if isinstance(leg.row.record_url, str) and leg.row.record_url:
                self.parts.leg_by_url.setdefault(leg.row.record_url, leg)

    def _recordings(self) -> list[Any]:
        """Return the records of the session, and those that only a leg names."""
        made = self._read(RECORDING, self.session.row.records)
        urls = [each.row.record_url for each in made]
        if any(url is not None and not isinstance(url, str) for url in urls):
            return self._sorted(made)  # a leg may name a record whose URL cannot be read
        unnamed = [leg.raw for url, leg in self.parts.leg_by_url.items() if url not in urls]
        return self._sorted([*made, *self._read(LEG_RECORDING, unnamed)])
