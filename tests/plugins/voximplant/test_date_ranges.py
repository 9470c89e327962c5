"""An account whose history can only be read in ranges of so many days: nothing is lost, and only that account pays for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import NotFound
from telegraphql.gateway.pagination.pagers import keyset
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Provider
from telegraphql.plugin import Keyset
from telegraphql.plugins.voximplant import Voximplant
from telegraphql.plugins.voximplant.date_ranges import split_range
from telegraphql.schema import TimeOrder

SECOND = timedelta(seconds=1)
WARNING = "the history is read in ranges of 365 days: set `history_start` to its beginning"
LISTS = {"session_list": "sessions", "transactions": "transactions", "queue_visits": "queueVisits", "audit_entries": "auditEntries"}
KEYS = {"sessions": "call_session_history_id", "transactions": "transaction_id", "queueVisits": "acd_session_history_id"}


@pytest.fixture(scope="module")
def plugin() -> type[Provider]:
    return Voximplant


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
