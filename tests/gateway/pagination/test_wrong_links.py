"""Walks over an upstream whose links and rows go wrong: all readable records once and in order, or a problem that says what is missing."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telegraphql.gateway.errors import RejectedInput
from telegraphql.gateway.pagination.cursor import position
from telegraphql.gateway.plugin.provider import Links, ListRequest, Page, lists
from telegraphql.schema.call import Call
from telegraphql.schema.enums import TimeOrder
from tests.support.graphql_client import ids, pages
from tests.support.memory_provider import Linked, Store, serving
from tests.support.records import at, call

DAY = timedelta(days=1)


@dataclass
class Wrongs:
    """What an upstream with links does to its rows and tokens."""

    expires_after: int | None = None
    repeats_rows: int = 0
    empty_every: int | None = None
    swaps: bool = False
    # By how much the time of some rows is earlier than their true one, by which the upstream sorts and finds them.
    strays: timedelta = timedelta(0)
    step: float = 1.0


STRAYS = {str(each) for each in range(5, 160, 16)}


class Wrong(Linked):
    """Sends its calls as its `wrongs` say."""

    plugin = "wrong"
    wrongs: Wrongs

    @lists(Call, pages=Links(most=50, span=timedelta(seconds=5)))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        wrongs, start = self.wrongs, 0
        await self.store.answer(ask)
        if ask.next is not None:
            start, followed = map(int, ask.next.split(","))
            if wrongs.expires_after is not None and followed >= wrongs.expires_after:
                raise RejectedInput("the token has expired")
        else:
            followed = 0
        found = sorted(
            (call for call in self.store.calls if self._bounded(call, ask)),
            key=lambda each: (each.started_at - timedelta(seconds=int(each.native_id) * 7 % 5), each.native_id),
            reverse=True,
        )
        start = max(0, start - wrongs.repeats_rows)
        rows = [] if wrongs.empty_every and ask.next and followed % wrongs.empty_every == 0 else found[start : start + ask.size]
        end = start + len(rows) if rows else start + wrongs.repeats_rows
        if wrongs.swaps and len(rows) > 4:
            rows[0], rows[3] = rows[3], rows[0]
        if wrongs.strays:
            rows = [replace(row, started_at=row.started_at - wrongs.strays) if row.native_id in STRAYS else row for row in rows]
        return Page(records=rows, read=len(rows), next=f"{end},{followed + 1}" if end < len(found) else None)


WRONGS = st.builds(
    Wrongs,
    expires_after=st.none() | st.integers(1, 3),
    repeats_rows=st.sampled_from([0, 0, 3]),
    empty_every=st.none() | st.integers(2, 3),
    swaps=st.booleans(),
    strays=st.sampled_from([timedelta(0), timedelta(0), 3000 * DAY, 100 * DAY, DAY, -DAY, DAY / 24, -DAY / 48]),
    step=st.sampled_from([0.3, 1, 40]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(wrongs=WRONGS, number=st.integers(0, 160), size=st.sampled_from([7, 100]), order=st.sampled_from(TimeOrder), backward=st.booleans())
async def test_every_walk_has_all_records_once_or_says_what_is_missing(
    wrongs: Wrongs, number: int, size: int, order: TimeOrder, backward: bool
) -> None:
    bound = serving("a", Wrong, Store([call(each, int(each * wrongs.step)) for each in range(number)]), history_start=at(-1000))
    bound.provider.wrongs = wrongs  # type: ignore[attr-defined]
    found: list[Any] = []
    problems: list[Any] = []
    async for each in pages([bound], size=size, order=order, backward=backward):
        found += each.nodes[::-1] if backward else each.nodes
        problems += each.problems
    places = [position(record) for record in found]
    assert places == sorted(places, reverse=(order is TimeOrder.NEWEST_FIRST) is not backward)
    missing = {str(each) for each in range(number)} - set(ids(found))
    assert len(found) + len(missing) == number
    assert not missing or (wrongs.strays and problems)
    assert missing <= STRAYS
