"""Slices of the call history, over upstreams that sort, clamp and count as they like."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from telegraphql.plugin import BadAnswer, ListRequest, Page
from telegraphql.plugins.voximplant.session_lists import PageOrder, SessionSlice
from telegraphql.schema import TimeOrder

START = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ORDERS = {"start": lambda row: row.time, "end": lambda row: row.time + row.length, "id": lambda row: int(row.native_id)}


def session(number: int, second: int, seconds: int = 0) -> Any:
    return SimpleNamespace(native_id=str(number), time=START + second * SECOND, length=seconds * SECOND)


@dataclass
class History:
    """A history that answers forms; `names` maps what a form asks for to sessions."""

    names: dict[str, list[Any]]
    sorted_by: str = "start"
    most: int = 1000
    total: Any = len
    asked: list[dict[str, str]] = field(default_factory=list)

    async def ask(self, form: dict[str, str]) -> Page:
        self.asked.append(form)
        since, until = (datetime.fromisoformat(form[name]).replace(tzinfo=UTC) for name in ("from_date", "to_date"))
        rows = sorted(self.names[form["remote_number"]], key=ORDERS[self.sorted_by], reverse=form["desc_order"] == "true")
        rows = [row for row in rows if since <= row.time < until]
        offset, count = int(form["offset"]), min(int(form["count"]), self.most)
        part = rows[offset : offset + count]
        return Page(records=part, read=len(part), total=self.total(rows) if form["with_total_count"] == "true" else None)

    def walk(self, questions: list[str], size: int, newest_first: bool) -> list[str]:
        """All sessions, slice by slice, as the engine reads them."""
        order, found = PageOrder(), dict[str, None]()
        bound, newest = None, TimeOrder.NEWEST_FIRST if newest_first else TimeOrder.OLDEST_FIRST
        while True:
            ends = {} if bound is None else {"until": bound + SECOND} if newest_first else {"since": bound - SECOND}
            request = ListRequest(order=newest, size=size, **ends)
            slice_ = SessionSlice(request, START - timedelta(days=1), order, self.ask)
            page = asyncio.run(slice_.read([{"remote_number": each} for each in questions]))
            times = [each.time for each in page.records]
            assert times == sorted(times, reverse=newest_first)
            found |= dict.fromkeys(each.native_id for each in page.records)
            more = page.read < page.total if page.total is not None else page.read >= size
            if not more:
                return list(found)
            assert bound is None or (times[-1] < bound if newest_first else times[-1] > bound), "a slice has to get ahead"
            bound = times[-1]


def random_sessions(number: int, seconds: int, seed: int) -> list[Any]:
    draw = Random(seed)
    return [session(each, draw.randrange(seconds), draw.randrange(4000)) for each in draw.sample(range(10_000), number)]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("most", [1000, 130])
@pytest.mark.parametrize("seed", range(6))
def test_questions_are_joined_without_loss(newest_first: bool, most: int, seed: int) -> None:
    here, there = random_sessions(900, 5000, seed), random_sessions(300, 90_000, seed + 100)
    history = History({"a": here, "b": [*there, *here[::7]]}, most=most)
    expected = {each.native_id: each for each in (*here, *there)}
    found = history.walk(["a", "b"], 100, newest_first)
    assert len(found) == len(set(found))
    assert set(found) == set(expected)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("sorted_by", ["end", "id"])
@pytest.mark.parametrize("seed", range(4))
def test_pages_in_another_order_lose_nothing(newest_first: bool, sorted_by: str, seed: int) -> None:
    rows = random_sessions(700, 400_000, seed)
    found = History({"a": rows}, sorted_by).walk(["a"], 100, newest_first)
    assert len(found) == len(set(found))
    assert set(found) == {each.native_id for each in rows}


@pytest.mark.parametrize("newest_first", [True, False])
def test_many_sessions_in_one_second_are_all_read(newest_first: bool) -> None:
    rows = [*(session(each, 50) for each in range(350)), *(session(each, each) for each in range(1000, 1100))]
    history = History({"a": rows, "b": rows[::2]})
    assert set(history.walk(["a", "b"], 100, newest_first)) == {each.native_id for each in rows}


@pytest.mark.parametrize("sorted_by", ["start", "id"])
def test_more_in_one_second_than_can_be_read_is_told(sorted_by: str) -> None:
    rows = [session(each * 7919 % 12_001, 50) for each in range(12_001)]
    rows += [session(20_000 + each, 40 + each * 7 % 20) for each in range(20)]
    with pytest.raises(BadAnswer, match="more than 10000 sessions in one second"):
        History({"a": rows, "b": []}, sorted_by).walk(["a", "b"] if sorted_by == "start" else ["a"], 1000, True)


def test_nothing_found_is_two_requests_and_the_end() -> None:
    history = History({"a": [], "b": []})
    assert (history.walk(["a", "b"], 25, True), len(history.asked)) == ([], 2)


@pytest.mark.parametrize("total", [lambda rows: 0, lambda rows: min(len(rows), 100), lambda rows: None])
def test_a_wrong_total_ends_no_list_of_full_pages(total: Any) -> None:
    rows = random_sessions(450, 50_000, 5)
    assert set(History({"a": rows, "b": []}, total=total).walk(["a", "b"], 100, True)) == {each.native_id for each in rows}
