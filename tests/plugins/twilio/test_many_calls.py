"""Many calls: in how many requests the lists of a busy account are read."""

from pathlib import Path

import pytest

from telegraphql.gateway.conformance.simulation import run_sandbox
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.plugins.twilio import Twilio
from tests.support.clock import FIXED_NOW
from tests.support.graphql_client import OLDEST, ids, page, pages

CALLS, SIZE = 15_000, 500


@pytest.mark.slow
def test_fifteen_thousand_calls_take_as_many_requests_as_their_pages(tmp_path: Path) -> None:
    with run_sandbox(Twilio, tmp_path, CALLS, FIXED_NOW) as simulation:
        served, journal = [BoundProvider.of(simulation.provider)], simulation.sandbox.journal

        async def read() -> None:
            newest = await page(served, first=50)
            further = await page(served, first=50, after=newest.page_info.end_cursor)
            assert (len(newest.nodes), len(further.nodes), len(journal)) == (50, 50, 2)
            journal.clear()
            whole = [name for each in [each async for each in pages(served, size=SIZE)] for name in ids(each.nodes)]
            assert len(journal) == CALLS // SIZE
            assert set(whole) == {row["sid"] for row in simulation.sandbox.records["calls"]}
            assert len(whole) == CALLS
            assert whole[:100] == ids(newest.nodes) + ids(further.nodes)
            oldest = [name for each in [each async for each in pages(served, size=SIZE, order=OLDEST)] for name in ids(each.nodes)]
            assert oldest == whole[::-1]

        simulation.run(read())
