"""Overviews: what resolvers ask over several kinds, or over very many records, at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from strawberry.types import Info

from gateway.callers import withholding
from gateway.callers.caller import Caller
from gateway.callers.scopes import of_kind
from gateway.counting.settings import StatisticsSettings
from gateway.counting.statistics import Counter
from gateway.documents.limits import Limits
from gateway.errors import NobodyCan
from gateway.reading.loaders import Loaders
from gateway.reading.position import Seal
from gateway.reading.serving import Serving
from gateway.reading.timeline import Timeline
from gateway.selection import selected, selected_nodes
from schema.call import Call
from schema.context import PageArguments
from schema.enums import ProblemCode
from schema.paging import Connection
from schema.record import Record
from schema.statistics import CallStatistics, StatisticsQuestion


class Asking(Protocol):
    """What they need to know of a request."""

    serving: Mapping[str, Serving]
    caller: Caller
    most_slices: int
    counting: StatisticsSettings
    missing: set[ProblemCode]
    loaders: Loaders
    seal: Seal
    limits: Limits


@dataclass(kw_only=True)
class Overviews:
    """The verbs of a request's context that answer over several kinds, or over very many records, at once."""

    counting: StatisticsSettings = field(default_factory=StatisticsSettings)

    async def timeline(self: Asking, arguments: PageArguments, info: Info) -> Connection[Any]:
        """A page of what belongs to one number."""
        for kind in arguments.filter.wanted:
            self.caller.needs(of_kind(kind))
        if self.caller.withholds_personal:
            raise withholding.refused("argument `number`")
        timeline = Timeline(
            serving=list(self.serving.values()),
            select=lambda kind: selected_nodes(info, kind.__name__),
            loaders=self.loaders,
            most_slices=self.most_slices,
            seal=self.seal,
            most_first=self.limits.page,
        )
        found = await timeline.page(arguments, selected(info))
        self.missing.update(problem.code for problem in found.problems)
        return found

    async def statistics(self: Asking, kind: type[Record], question: StatisticsQuestion, info: Info) -> CallStatistics:
        """What the calls come to in groups; nothing else is counted."""
        if kind is not Call:
            raise NobodyCan(f"a {kind.__name__} cannot be counted")
        self.caller.needs(of_kind(kind))
        if self.caller.withholds_personal:
            withholding.check_filter(question.filter)
        counter = Counter(
            serving=list(self.serving.values()),
            select=selected(info),
            loaders=self.loaders,
            settings=self.counting,
            seal=self.seal,
        )
        found = await counter.count(question)
        self.missing.update(problem.code for problem in found.problems)
        return found
