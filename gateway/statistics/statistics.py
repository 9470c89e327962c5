"""The entry point of call statistics: from a client's question to the figures of all groups, over all providers at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strawberry import UNSET

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import Lister, plain
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, fingerprint
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filter_checks import check_conditions
from telegraphql.gateway.pagination.filters import given
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.merge import RESERVE
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.aggregates import NeededFigures
from telegraphql.gateway.statistics.cursor import StatisticsOrder, read_scan_positions, write_scan_positions
from telegraphql.gateway.statistics.groups import GroupedAggregates
from telegraphql.gateway.statistics.periods import all_periods, parse_time_zone
from telegraphql.gateway.statistics.queues import load_queues
from telegraphql.gateway.statistics.scanner import ProviderScan
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.gateway.upstream.request_budget import current, running
from telegraphql.schema.call import Call
from telegraphql.schema.paging import Problem
from telegraphql.schema.queue import Queue
from telegraphql.schema.statistics import COST_FIELD, DIMENSION_FIELDS, FIGURE_FIELDS, CallStatistics, StatisticsQuestion
from telegraphql.schema.statistics import CallStatisticsDimension as By

# Larger than any page: each upstream is asked for its maximum page size.
UNLIMITED_PAGE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsCounter:
    """Counts calls over the providers that a caller may see."""

    serving: Sequence[BoundProvider]
    select: Selection
    loaders: DataLoaders
    settings: StatisticsSettings
    seal: Seal = OPEN

    async def count(self, question: StatisticsQuestion) -> CallStatistics:
        """Return the statistics; what is not counted is among their problems."""
        parts = given(question.filter)
        check_conditions(parts)
        named = None if question.filter.providers is UNSET else question.filter.providers
        groups = self._groups(question)
        query_fingerprint = fingerprint(Call, StatisticsOrder.COUNTED, plain(parts, named))
        gaps = await all_periods(groups.by, parts.get("startedAt"), groups.zone, groups.max_groups) if question.fill_gaps else []
        positions = read_scan_positions(question.after, query_fingerprint, self.seal) if question.after else {}
        asked, problems = Lister(self.serving).asked(self._search(parts, groups, None), named)
        scans = self._scans(parts, groups, positions, asked)
        await _run_all(scans)
        problems += [problem for scan in scans for problem in scan.problems]
        if gaps:
            groups.fill_gaps(gaps)
        queues, queue_problems = await self._queues(groups)
        return CallStatistics(
            groups=groups.call_groups(queues),
            total=groups.total().figures(),
            is_complete=not problems and not queue_problems,
            end_cursor=self._cursor(positions, scans, query_fingerprint),
            problems=problems + queue_problems,
        )

    def _groups(self, question: StatisticsQuestion) -> GroupedAggregates:
        figures = self.select["groups"]["figures"].plus(self.select["total"])
        # An extension is that of a provider: several can have the same.
        chosen = {*question.by, By.PROVIDER} if By.AGENT in question.by else question.by
        by = [each for each in By if each in chosen]
        return GroupedAggregates(
            by=by, zone=parse_time_zone(question.time_zone), max_groups=self.settings.max_groups, needed=NeededFigures.of(figures)
        )

    def _search(self, parts: Mapping[str, Any], groups: GroupedAggregates, after: Position | None) -> Search:
        dimensions = [name for each in groups.by for name in DIMENSION_FIELDS.get(each, ())]
        selection = Selection.of(*FIGURE_FIELDS, *dimensions, *([COST_FIELD] if groups.needed.cost else []))
        return Search(
            kind=Call,
            parts=parts,
            descending=True,
            after=after,
            before=None,
            size=UNLIMITED_PAGE,
            select=selection,
            loaders=self.loaders,
            most_slices=self.settings.max_requests,
            forgets=True,
        )

    def _scans(
        self, parts: Mapping[str, Any], groups: GroupedAggregates, positions: Mapping[str, Position | None], asked: Sequence[BoundProvider]
    ) -> list[ProviderScan]:
        """Return a scan for each provider that the cursor does not mark as complete."""
        unfinished = [(each, positions.get(each.name)) for each in asked if each.name not in positions or positions[each.name] is not None]
        return [
            ProviderScan(stream=self._search(parts, groups, after).stream(each), serving=each, groups=groups, reached=after)
            for each, after in unfinished
        ]

    async def _queues(self, groups: GroupedAggregates) -> tuple[dict[tuple[str, str], Queue | None], list[Problem]]:
        references = [key.queue for key in groups.aggregates if key.queue]
        serving = {each.name: each for each in self.serving}
        return await load_queues(references, serving, (self.select["groups"]["queue"], self.loaders))

    def _cursor(self, positions: Mapping[str, Position | None], scans: Sequence[ProviderScan], query_fingerprint: str) -> str | None:
        if all(scan.done for scan in scans):
            return None
        complete = {name: None for name, reached in positions.items() if reached is None}
        reached = {scan.stream.provider: None if scan.done else scan.reached for scan in scans if scan.done or scan.reached}
        return write_scan_positions(complete | reached, query_fingerprint, self.seal)


async def _run_all(scans: Sequence[ProviderScan]) -> None:
    """Run all scans at once, so that the slowest provider alone determines the duration."""
    with running(current().hurried(1 - RESERVE)):
        outcomes = await asyncio.gather(*(scan.run() for scan in scans), return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome
