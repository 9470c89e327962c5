"""Counting: calls counted as the engine counts them."""

from collections.abc import Sequence
from typing import Any

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics import statistics
from telegraphql.gateway.statistics.counted_kinds import COUNTED_KINDS
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.statistics import CallStatistics, StatisticsQuestion
from telegraphql.schema.statistics import CallStatisticsDimension as By
from tests.support.records import at

SELECT = Selection.of("groups.figures.calls", "total.calls")
EVER = TimeRange(since=at(-1_000_000))
OFTEN = StatisticsSettings(max_requests=100_000)


async def count(
    servings: Sequence[BoundProvider],
    by: Sequence[By] = (),
    select: Selection = SELECT,
    settings: StatisticsSettings = OFTEN,
    filter: CallFilter | None = None,
    **more: Any,
) -> CallStatistics:
    counter = statistics.StatisticsCounter(
        counted=COUNTED_KINDS[Call], serving=servings, select=select, loaders=DataLoaders(), settings=settings
    )
    found: CallStatistics = await counter.count(StatisticsQuestion(filter=filter or CallFilter(started_at=EVER), by=by, **more))
    return found
