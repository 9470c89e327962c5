"""Slices of the call history, over upstreams that sort, clamp and count as they like."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from telegraphql.gateway.pagination.pagers import keyset
from telegraphql.plugin import BadAnswer, Keyset, ListRequest, Page
from telegraphql.plugins.voximplant.page_evidence import PageEvidence
from telegraphql.plugins.voximplant.session_lists import SessionSlice
from telegraphql.schema import TimeOrder

START = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ORDERS = {"start": lambda row: row.time, "end": lambda row: row.ended_at, "id": lambda row: int(row.native_id)}


def session(number: int, second: int, seconds: int = 0) -> Any:
    time = START + second * SECOND
    return SimpleNamespace(
        native_id=str(number),
        time=time,
        position_time=time,
        ended_at=time + seconds * SECOND,
        raw=b"%d" % number,
        provider_name="vox",
        held={"calls": None},
    )


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
        """All sessions, as the engine reads them slice by slice."""
        return asyncio.run(self._walk([{"remote_number": each} for each in questions], size, newest_first))

    async def _walk(self, questions: list[dict[str, str]], size: int, newest_first: bool) -> list[str]:
        evidence, found, reached = PageEvidence(), dict[str, Any](), None

        async def fetch(request: ListRequest) -> Page:
            return await SessionSlice(request, START - timedelta(days=1), evidence, self.ask).read(questions)

        order = TimeOrder.NEWEST_FIRST if newest_first else TimeOrder.OLDEST_FIRST
        async for piece in keyset(fetch, Keyset(most=1000, most_offset=10_000), ListRequest(order=order, size=size), SECOND):
            for each in piece.records:
                is_late = reached is not None and (each.time > reached if newest_first else each.time < reached)
                assert each.native_id in found or not is_late, "a session came after its place was given out"
                found[each.native_id] = each
            reached = piece.frontier
        return list(found)


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
@pytest.mark.parametrize("most", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("sorted_by", ["start", "end", "id"])
def test_pages_that_are_in_order_by_chance_lose_nothing(newest_first: bool, most: int, sorted_by: str) -> None:
    for seed in range(4):
        rows = random_sessions(60, 2000, seed)
        assert set(History({"a": rows}, sorted_by, most).walk(["a"], most, newest_first)) == {each.native_id for each in rows}


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("sorted_by", ["start", "end"])
def test_a_long_session_among_many_short_ones_is_in_its_place(newest_first: bool, sorted_by: str) -> None:
    short, long = [session(each, 600 * each, 60) for each in range(1, 900)], session(2000, 12_100, 400_000)
    found = History({"a": [*short, long]}, sorted_by).walk(["a"], 25, newest_first)
    in_order = [each.native_id for each in sorted([*short, long], key=lambda each: each.time, reverse=newest_first)]
    assert found == in_order


def test_a_quiet_account_costs_one_request_a_page() -> None:
    history = History({"a": [session(each, 600 * each, 60) for each in range(1, 450)]})
    assert len(history.walk(["a"], 100, True)) == 449
    assert len(history.asked) == 5


def test_a_session_outside_of_the_window_is_told_and_changes_nothing() -> None:
    rows = [session(each, 600 * each, 60) for each in range(1, 150)]
    stray = SimpleNamespace(**vars(rows[70]) | {"native_id": "900", "raw": b"900", "time": START - timedelta(days=3000)})
    stray.held = {"calls": [SimpleNamespace(native_id="900.1"), SimpleNamespace(native_id="900.2")], "recordings": None}

    async def ask(form: dict[str, str]) -> Page:
        page = await History({"a": rows}).ask(form)
        return Page(records=[*page.records[:30], stray, *page.records[30:]], read=page.read, total=page.total)

    evidence = PageEvidence()
    request = ListRequest(since=START, until=START + timedelta(days=7), size=100)
    page = asyncio.run(SessionSlice(request, START, evidence, ask).read([{"remote_number": "a"}]))
    message = "the Session 900 is dated outside of the requested period and is left out, with 900.1, 900.2"
    assert [problem.message for problem in page.problems] == [message]
    assert ([each.native_id for each in page.records][:2], evidence.is_by_start) == (["149", "148"], True)


def test_two_sessions_with_one_id_are_both_there() -> None:
    rows = [session(7, 50, 5), SimpleNamespace(**vars(session(7, 60, 5)) | {"raw": b"another"})]
    history = History({"a": rows, "b": rows[:1]})
    page = asyncio.run(
        SessionSlice(ListRequest(), START, PageEvidence(), history.ask).read([{"remote_number": each} for each in ("a", "b")])
    )
    assert [(each.native_id, each.raw) for each in page.records] == [("7", b"another"), ("7", b"7")]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("total", [len, lambda rows: None])
def test_clamped_pages_lose_nothing(newest_first: bool, total: Any) -> None:
    rows = random_sessions(345, 90_000, 3)
    history = History({"a": rows, "b": rows[:50]}, most=20, total=total)
    for questions in (["a"], ["a", "b"]):
        assert set(history.walk(questions, 100, newest_first)) == {each.native_id for each in rows}


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
