"""Resolvers that read several kinds, or very many records, at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import FieldNode, FragmentSpreadNode, SelectionSetNode
from strawberry.types import Info

from telegraphql.gateway.auth import redaction
from telegraphql.gateway.auth.caller import Caller, scope_of_kind
from telegraphql.gateway.errors import NobodyCan
from telegraphql.gateway.graphql.operation_problems import OperationProblems
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import Seal
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.shared_readings import SharedReadings
from telegraphql.gateway.pagination.timeline import Timeline
from telegraphql.gateway.plugin.selection import selected, selected_nodes
from telegraphql.gateway.statistics.counted_kinds import COUNTED_KINDS
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.gateway.statistics.statistics import StatisticsCounter
from telegraphql.schema.context import PageArguments
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record
from telegraphql.schema.statistics import STATISTICS_FIELDS, StatisticsQuestion
from telegraphql.schema.strawberry_internals import core_info


class AggregateContext(Protocol):
    """The part of a request's context that these resolvers need."""

    serving: Mapping[str, BoundProvider]
    caller: Caller
    most_slices: int
    statistics_settings: StatisticsSettings
    problems: OperationProblems
    loaders: DataLoaders
    seal: Seal
    limits: Limits
    readings: SharedReadings

    def readings_of(self, info: Info) -> SharedReadings | None:
        """Return the shared readings of an operation."""


@dataclass(kw_only=True)
class AggregateResolvers:
    """The part of a request's context that resolves the timeline and statistics."""

    statistics_settings: StatisticsSettings = field(default_factory=StatisticsSettings)
    readings: SharedReadings | None = None

    def readings_of(self, info: Info) -> SharedReadings | None:
        """Return the shared readings of an operation in which statistics stand beside other root fields; None of another one."""
        raw = core_info(info)
        fields = root_fields(raw.operation.selection_set, raw.fragments)
        if len(fields) < 2 or not STATISTICS_FIELDS.intersection(fields):
            return None
        self.readings = self.readings or SharedReadings()
        return self.readings

    async def timeline(self: AggregateContext, arguments: PageArguments, info: Info) -> Connection[Any]:
        """Return a page of everything that involves one phone number."""
        for kind in arguments.filter.wanted:
            self.caller.require(scope_of_kind(kind))
        if self.caller.redacts_personal:
            raise redaction.personal_data_error("argument `number`")
        timeline = Timeline(
            serving=list(self.serving.values()),
            select=lambda kind: selected_nodes(info, kind.__name__),
            loaders=self.loaders,
            most_slices=self.most_slices,
            seal=self.seal,
            most_first=self.limits.page_size,
        )
        result = await timeline.page(arguments, selected(info))
        self.problems.add(core_info(info).path.as_list(), result.problems)
        return result

    async def statistics(self: AggregateContext, kind: type[Record], question: StatisticsQuestion, info: Info) -> Any:
        """Return the statistics of a kind, in groups."""
        counted = COUNTED_KINDS.get(kind)
        if counted is None:
            raise NobodyCan(f"a {kind.__name__} cannot be counted")
        self.caller.require(scope_of_kind(kind))
        if self.caller.redacts_personal:
            redaction.check_filter(question.filter)
            redaction.check_groups(counted.group, question.by)
        counter = StatisticsCounter(
            counted=counted,
            serving=list(self.serving.values()),
            select=selected(info),
            loaders=self.loaders,
            settings=self.statistics_settings,
            seal=self.seal,
            readings=self.readings_of(info),
        )
        result = await counter.count(question)
        self.problems.add(core_info(info).path.as_list(), result.problems)
        return result


def root_fields(selections: SelectionSetNode, fragments: Mapping[str, Any]) -> list[str]:
    """Return the names of the root fields of an operation, those of its fragments included."""
    names: list[str] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            names.append(node.name.value)
            continue
        within: Any = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        names += root_fields(within.selection_set, fragments)
    return names
