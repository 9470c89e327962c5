"""An account whose history can only be read in ranges of so many days: nothing is lost, and only that account pays for it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.errors import NotFound
from telegraphql.gateway.pagination.pagers import keyset
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest
from telegraphql.plugin import Keyset
from telegraphql.plugins.voximplant.date_ranges import read_ranges, split_range
from telegraphql.plugins.voximplant.wire import ListAnswer
from telegraphql.schema import TimeOrder

SECOND = timedelta(seconds=1)
WARNING = "the history is read in ranges of 365 days: set `history_start` to its beginning"
LISTS = {"session_list": "sessions", "transactions": "transactions", "queue_visits": "queueVisits", "audit_entries": "auditEntries"}
KEYS = {"sessions": "call_session_history_id", "transactions": "transaction_id", "queueVisits": "acd_session_history_id"}


@pytest.fixture(autouse=True)
def limited(served: Any) -> Iterator[Any]:
    served.sandbox.state.max_days = 365
    yield served.sandbox.state
    served.sandbox.state.max_days = None


def days(entry: Any) -> int:
    since, until = (datetime.fromisoformat(entry["parameters"][name]) for name in ("from_date", "to_date"))
    return (until - since).days


@pytest.mark.parametrize("order", list(TimeOrder))
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("size", [40, 1000])
async def test_a_list_is_read_range_by_range(served: Any, provider: Any, name: str, order: TimeOrder, size: int) -> None:
    found: dict[str, Any] = {}
    async for piece in keyset(getattr(provider, name), Keyset(most=1000), ListRequest(order=order, size=size), SECOND):
        # A slice begins a second before the end of the one before.
        found |= {record.native_id: record for record in piece.records if record.native_id not in found}
    times = [record.time for record in found.values()]
    assert times == sorted(times, reverse=order is TimeOrder.NEWEST_FIRST)
    kind = LISTS[name]
    wanted = {str(row[KEYS.get(kind, "audit_log_id")]) for row in served.truth(kind)}
    assert found.keys() == wanted
    refused = [entry for entry in served.journal() if days(entry) > 365]
    assert len(refused) == 1
    assert provider.upstream.health.warnings == (WARNING,)


async def test_sessions_of_several_years_are_found_by_their_ids(served: Any, provider: Any) -> None:
    ids = ["14", "15", *(str(row["call_session_history_id"]) for row in served.truth("sessions")[-5:])]
    page = await provider.sessions_for(GetRequest(keys=ids))
    assert sorted(record.native_id for record in page.records) == sorted(ids)
    with pytest.raises(NotFound):
        await provider.sessions_for(GetRequest(keys=["14", "1"]))


async def test_requests_beside_each_other_all_learn_the_limit(served: Any, provider: Any) -> None:
    pages = await asyncio.gather(*(getattr(provider, name)(ListRequest(size=5)) for name in LISTS))
    assert all(len(page.records) >= 5 for page in pages)


async def test_a_shorter_limit_is_learnt_from_the_error(served: Any, provider: Any, limited: Any) -> None:
    await provider.session_list(ListRequest(size=5))
    limited.max_days = 30
    served.forget()
    await provider.session_list(ListRequest(size=5))
    assert [days(entry) <= 30 for entry in served.journal()][-1]


def test_ranges_meet_in_the_order_of_the_rows() -> None:
    form = {"from_date": "2025-01-01 00:00:00", "to_date": "2026-02-01 00:00:00", "desc_order": "true"}
    newest = [(each["from_date"][:10], each["to_date"][:10]) for each in split_range(form, 365)]
    assert newest == [("2025-02-01", "2026-02-01"), ("2025-01-01", "2025-02-01")]
    oldest = [(each["from_date"][:10], each["to_date"][:10]) for each in split_range(form | {"desc_order": "false"}, 365)]
    assert oldest == newest[::-1]
    same = {"from_date": "2025-01-01 00:00:00", "to_date": "2025-01-01 00:00:00"}
    assert list(split_range(same, 365)) == [same]


# The rows of three ranges, the newest first; "c" is at the edge of two.
RANGES = {"2026-01-01": "abc", "2025-01-01": "cdefg", "2024-01-02": "hi"}
YEARS = {"from_date": "2023-01-03 00:00:00", "to_date": "2026-01-01 00:00:00", "desc_order": "true"}


def sent(most: int, counts: Callable[[str, int], int | None]) -> Callable[[dict[str, str]], Awaitable[ListAnswer]]:
    """An upstream that sends at most so many rows of a range at once."""

    async def ask(form: dict[str, str]) -> ListAnswer:
        rows, first = RANGES[form["to_date"][:10]], int(form["offset"])
        page = rows[first : first + min(most, int(form["count"]))]
        return ListAnswer([msgspec.Raw(each.encode()) for each in page], counts(rows, len(page)))

    return ask


@pytest.mark.parametrize("counts", [lambda rows, page: len(rows), lambda rows, page: None], ids=["a total", "no total"])
@pytest.mark.parametrize("most", [1, 2, 1000])
@pytest.mark.parametrize("size", [2, 3, 4, 100])
async def test_no_row_is_lost_between_ranges(counts: Any, most: int, size: int) -> None:
    found, offset = "", 0
    while True:
        answer = await read_ranges(sent(most, counts), YEARS | {"count": str(size), "offset": str(offset)}, 365)
        page = "".join(bytes(row).decode() for row in answer.result)
        # A row may come again, but none comes before its place.
        found += "".join(each for each in page if each not in found)
        assert found == "abcdefghi"[: len(found)]
        if not page:
            break
        assert answer.total_count is None or answer.total_count >= offset + len(page)
        offset += len(page)
    assert found == "abcdefghi"
