"""The entry point of statistics: from a client's question to the figures of all groups, over all providers at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import Lister, plain
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, fingerprint
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filtering.filter_checks import checked
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.merge import RESERVE
from telegraphql.gateway.pagination.shared_readings import SharedReadings
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.counted_kinds import CountedKind
from telegraphql.gateway.statistics.cursor import StatisticsOrder, read_scan_positions, write_scan_positions
from telegraphql.gateway.statistics.groups import GroupedAggregates
from telegraphql.gateway.statistics.periods import all_periods, parse_time_zone
from telegraphql.gateway.statistics.queues import load_queues
from telegraphql.gateway.statistics.scanner import ProviderScan
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.gateway.upstream.request_budget import current, running
from telegraphql.schema.paging import Problem
from telegraphql.schema.queue import Queue
from telegraphql.schema.statistics import COST_FIELD, StatisticsQuestion

# Larger than any page: each upstream is asked for its maximum page size.
UNLIMITED_PAGE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsCounter:
    """Counts the records of a kind over the providers that a caller may see."""

    counted: CountedKind
    serving: Sequence[BoundProvider]
    select: Selection
    loaders: DataLoaders
    settings: StatisticsSettings
    seal: Seal = OPEN
    readings: SharedReadings | None = None

    async def count(self, question: StatisticsQuestion) -> Any:
        """Return the statistics; what is not counted is among their problems."""
        parts, named = checked(question.filter)
        groups = self._groups(question)
        query_fingerprint = fingerprint(self.counted.kind, StatisticsOrder.COUNTED, plain(parts, named, self.serving))
        gaps = self._gaps(parts, groups) if question.fill_gaps else []
        kind = self.counted.kind
        positions = read_scan_positions(question.after, kind, query_fingerprint, self.seal) if question.after else {}
        asked, problems = Lister(self.serving).asked(self._search(parts, groups, None), named)
        scans = self._scans(parts, groups, positions, asked)
        await _run_all(scans)
        problems += [problem for scan in scans for problem in scan.problems]
        if gaps:
            groups.fill_gaps(gaps)
        queues, queue_problems = await self._queues(groups)
        return self.counted.answer(
            groups=await groups.groups(queues),
            total=await groups.total(),
            is_complete=not problems and not queue_problems,
            end_cursor=self._cursor(positions, scans, query_fingerprint),
            problems=problems + queue_problems,
        )

    def _groups(self, question: StatisticsQuestion) -> GroupedAggregates:
        figures = self.select["groups"]["figures"].plus(self.select["total"])
        names = {each.name for each in question.by}
        # An agent is one of a provider: several can have the same extension.
        chosen = names | {"PROVIDER"} if "AGENT" in names else names
        return GroupedAggregates(
            counted=self.counted,
            by=[each for each in self.counted.dimensions if each.name in chosen],
            zone=parse_time_zone(question.time_zone),
            max_groups=self.settings.max_groups,
            needed=self.counted.needed(figures, question),
        )

    def _gaps(self, parts: Mapping[str, Any], groups: GroupedAggregates) -> list[dict[str, Any]]:
        time = schema_name(self.counted.kind.time_field or "")
        return all_periods(groups.by, time, parts.get(time), groups.zone, groups.max_groups)

    def _search(self, parts: Mapping[str, Any], groups: GroupedAggregates, after: Position | None) -> Search:
        dimensions = [name for each in groups.by for name in self.counted.dimension_fields.get(each, ())]
        selection = Selection.of(*self.counted.figure_fields, *dimensions, *([COST_FIELD] if groups.needed.cost else []))
        return Search(
            kind=self.counted.kind,
            parts=parts,
            descending=True,
            after=after,
            before=None,
            size=UNLIMITED_PAGE,
            select=selection,
            loaders=self.loaders,
            most_slices=self.settings.max_requests,
            forgets=True,
            readings=self.readings,
        )

    def _scans(
        self, parts: Mapping[str, Any], groups: GroupedAggregates, positions: Mapping[str, Position | None], asked: Sequence[BoundProvider]
    ) -> list[ProviderScan]:
        """Return a scan for each provider that the cursor does not mark as complete."""
        unfinished = [(each, positions.get(each.id)) for each in asked if each.id not in positions or positions[each.id] is not None]
        return [
            ProviderScan(stream=self._search(parts, groups, after).stream(each), serving=each, groups=groups, reached=after)
            for each, after in unfinished
        ]

    async def _queues(self, groups: GroupedAggregates) -> tuple[dict[tuple[str, str], Queue | None], list[Problem]]:
        serving = {each.id: each for each in self.serving}
        return await load_queues(groups.queues(), serving, (self.select["groups"]["queue"], self.loaders))

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
