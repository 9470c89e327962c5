"""Giving way: a count of many calls leaves others their turn, while it reads and while it makes its groups."""

import asyncio
import gc

import pytest

from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, Push, lists
from telegraphql.gateway.upstream.metering import metered_task
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection
from telegraphql.schema.statistics import CallStatistics
from telegraphql.schema.statistics import CallStatisticsDimension as By
from telegraphql.schema.values import Party
from tests.support.call_statistics import OFTEN, SELECT, count
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import START, call

CALLS = 50_000
STRETCH = 0.05


class Long(Memory):
    """Makes 50,000 calls of 9,000 numbers, one a second, as they are asked for."""

    plugin = "long"

    @lists(Call, pages=Keyset(most=500), filters={"startedAt": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls, which take a while to make."""
        last = CALLS if ask.until is None else min(CALLS, int((ask.until - START).total_seconds()) + 1)
        made = []
        for number in range(last - 1, max(-1, last - 1 - ask.size), -1):
            await asyncio.sleep(0)
            party = Party(number=f"+4161{number % 9000:07}")
            made.append(call(number, number, self.name, direction=CallDirection.INBOUND, from_=party, talk_seconds=number % 600))
        return Page(records=made, read=len(made))


@pytest.mark.slow
async def test_a_count_of_50_000_calls_in_9_000_groups_never_blocks_for_long() -> None:
    async def counted() -> CallStatistics:
        return await count([serving("a", Long, Store(), page_size=500)], [By.NUMBER], settings=OFTEN, select=SELECT)

    asyncio.get_running_loop().set_task_factory(metered_task)
    # The rubbish of other tests is none of this one.
    gc.collect()
    gc.freeze()
    with running(RequestBudget(max_requests=1000)) as operation:
        found = await asyncio.create_task(counted())
    assert (found.total.calls, len(found.groups), found.is_complete) == (CALLS, 9000, True)
    assert operation.work.longest_step < STRETCH
