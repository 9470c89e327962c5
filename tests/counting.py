"""Counting: calls counted as the engine counts them."""

from collections.abc import Sequence
from typing import Any

from gateway.counting import statistics
from gateway.counting.settings import StatisticsSettings
from gateway.reading.loaders import Loaders
from gateway.reading.serving import Serving
from gateway.selection import Selection
from schema.filters import CallFilter, TimeRange
from schema.statistics import CallStatistics, StatisticsQuestion
from schema.statistics import CallStatisticsDimension as By
from tests.records import at

SELECT = Selection.of("groups.figures.calls", "total.calls")
EVER = TimeRange(from_=at(-1_000_000))
OFTEN = StatisticsSettings(requests=100_000)


async def count(
    servings: Sequence[Serving],
    by: Sequence[By] = (),
    select: Selection = SELECT,
    settings: StatisticsSettings = OFTEN,
    filter: CallFilter | None = None,
    **more: Any,
) -> CallStatistics:
    counter = statistics.Counter(serving=servings, select=select, loaders=Loaders(), settings=settings)
    return await counter.count(StatisticsQuestion(filter=filter or CallFilter(started_at=EVER), by=by, **more))
