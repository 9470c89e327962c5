"""Statistics: from what a client asked to the figures of all groups, over all providers at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strawberry import UNSET

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import Lister, none_left, plain
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, fingerprint
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filters import check_ranges, given
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.merge import RESERVE
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.aggregates import NeededAggregates
from telegraphql.gateway.statistics.cursor import StatisticsOrder, read_marks, write_marks
from telegraphql.gateway.statistics.groups import Groups, zone_of
from telegraphql.gateway.statistics.queues import queues_of
from telegraphql.gateway.statistics.scanner import Scan
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.gateway.upstream.request_budget import current, running
from telegraphql.schema.call import Call
from telegraphql.schema.paging import Problem
from telegraphql.schema.queue import Queue
from telegraphql.schema.statistics import COST_FIELD, DIMENSION_FIELDS, FIGURE_FIELDS, CallStatistics, StatisticsQuestion
from telegraphql.schema.statistics import CallStatisticsDimension as By

# Beyond every page: upstreams are asked for as much at once as they give.
ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Counts calls over the providers a caller may see."""

    serving: Sequence[BoundProvider]
    select: Selection
    loaders: DataLoaders
    settings: StatisticsSettings
    seal: Seal = OPEN

    async def count(self, question: StatisticsQuestion) -> CallStatistics:
        """The figures; raises where everything that was asked failed."""
        parts = given(question.filter)
        check_ranges(parts)
        named = None if question.filter.providers is UNSET else question.filter.providers
        groups = self._groups(question)
        mark = fingerprint(Call, StatisticsOrder.COUNTED, plain(parts, named))
        marks = read_marks(question.after, mark, self.seal) if question.after else {}
        asked, problems = Lister(self.serving).asked(self._search(parts, groups, None), named)
        scans = self._scans(parts, groups, marks, asked)
        await _run(scans)
        problems += [problem for scan in scans for problem in scan.problems]
        if scans and not groups.tallies:
            none_left([scan.stream for scan in scans])
        queues, untold = await self._queues(groups)
        return CallStatistics(
            groups=groups.regrouped(queues),
            total=groups.total().figures(),
            complete=not problems and not untold,
            end_cursor=self._cursor(marks, scans, mark),
            problems=problems + untold,
        )

    def _groups(self, question: StatisticsQuestion) -> Groups:
        figures = self.select["groups"]["figures"].plus(self.select["total"])
        by = [each for each in By if each in question.by]
        return Groups(by=by, zone=zone_of(question.time_zone), most=self.settings.groups, wanted=NeededAggregates.of(figures))

    def _search(self, parts: Mapping[str, Any], groups: Groups, after: Position | None) -> Search:
        dimensions = [DIMENSION_FIELDS[each] for each in groups.by if each in DIMENSION_FIELDS]
        wanted = Selection.of(*FIGURE_FIELDS, *dimensions, *([COST_FIELD] if groups.wanted.cost else []))
        return Search(
            kind=Call,
            parts=parts,
            descending=True,
            after=after,
            before=None,
            size=ALL,
            select=wanted,
            loaders=self.loaders,
            most_slices=self.settings.requests,
            forgets=True,
        )

    def _scans(
        self, parts: Mapping[str, Any], groups: Groups, marks: Mapping[str, Position | None], asked: Sequence[BoundProvider]
    ) -> list[Scan]:
        """One for each provider of which a cursor does not say that all is counted."""
        begun = [(each, marks.get(each.name)) for each in asked if each.name not in marks or marks[each.name] is not None]
        return [
            Scan(stream=self._search(parts, groups, after).stream(each), serving=each, groups=groups, reached=after)
            for each, after in begun
        ]

    async def _queues(self, groups: Groups) -> tuple[dict[tuple[str, str], Queue | None], list[Problem]]:
        references = [key.queue for key in groups.tallies if key.queue]
        serving = {each.name: each for each in self.serving}
        return await queues_of(references, serving, (self.select["groups"]["queue"], self.loaders))

    def _cursor(self, marks: Mapping[str, Position | None], scans: Sequence[Scan], mark: str) -> str | None:
        if all(scan.done for scan in scans):
            return None
        ended = {name: None for name, reached in marks.items() if reached is None}
        reached = {scan.stream.provider: None if scan.done else scan.reached for scan in scans if scan.done or scan.reached}
        return write_marks(ended | reached, mark, self.seal)


async def _run(scans: Sequence[Scan]) -> None:
    """All at once, so that the slowest provider says how long it takes."""
    with running(current().hurried(1 - RESERVE)):
        outcomes = await asyncio.gather(*(scan.run() for scan in scans), return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome
