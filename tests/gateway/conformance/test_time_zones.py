"""The kit finds plugins that take a local time for one moment, in the hour in which it stands for two."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from telegraphql.gateway.conformance.kit import PROMISES
from telegraphql.gateway.conformance.simulation import run_sandbox
from telegraphql.gateway.conformance.time_zones import set_back
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.plugins.boxis import Boxis
from tests.gateway.conformance.broken_plugins import Broken, same_as
from tests.support.clock import FIXED_NOW

ZURICH = ZoneInfo("Europe/Zurich")


class WallClock(Boxis):
    """Compares local times without their offsets."""

    # The module of the plugin, whose source the kit reads.
    __module__ = Boxis.__module__

    @same_as(Boxis.calls)
    async def calls(self, ask: ListRequest) -> Page:
        page = await super().calls(ask)
        since, until = (bound and bound.astimezone(ZURICH).replace(tzinfo=None) for bound in (ask.since, ask.until))
        page.records = [
            record
            for record in page.records
            for wall in [record.started_at.astimezone(ZURICH).replace(tzinfo=None)]
            if (since is None or wall >= since) and (until is None or wall <= until)
        ]
        return page


BROKEN = [Broken(WallClock, "loses_nothing_when_clocks_are_set_back", "one local time stands for two moments")]


def test_a_lost_hour_is_found(tmp_path: Path) -> None:
    (broken,) = BROKEN
    promise = PROMISES[broken.promise]
    for plugin, advice in ((WallClock, broken.advice), (Boxis, None)):
        with run_sandbox(plugin, tmp_path, 24, FIXED_NOW) as simulation:
            work = promise.keep(simulation, promise.subjects(plugin)["Call"])
            if advice is None:
                simulation.run(work)
            else:
                with pytest.raises(AssertionError, match=advice):
                    simulation.run(work)


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Zurich", "2026-10-25T01:00:00+00:00"),
        ("America/New_York", "2026-11-01T06:00:00+00:00"),
        ("Asia/Tokyo", None),
        ("UTC", None),
    ],
)
def test_the_last_change_before_a_moment(zone: str, change: str | None) -> None:
    found = set_back(ZoneInfo(zone), FIXED_NOW.replace(year=2026, month=11, day=22))
    assert (found and found.isoformat()) == change
