"""Residual filter: what an upstream did not apply of a filter, judged record by record, with no more loaded than that takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import msgspec

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.filtering.filters import conditions, criteria_of, time_name
from telegraphql.gateway.pagination.filtering.predicates import Predicate, Verdict, predicate
from telegraphql.gateway.pagination.relations import window_of
from telegraphql.gateway.plugin.row_view import RowView, records_of
from telegraphql.gateway.plugin.rows import TURN
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.upstream.request_budget import give_way
from telegraphql.schema.kinds import RELATIONS

if TYPE_CHECKING:
    from telegraphql.gateway.pagination.list_query import Search

# If of so many rows at most one passes, the rest of their answer is forgotten.
FEW = 4


@dataclass(frozen=True)
class ResidualFilter:
    """The filter of one provider's stream. `parts` is the provider's share; None if none of its records can match."""

    search: "Search"
    serving: BoundProvider
    parts: Mapping[str, Any] | None

    async def __call__(self, records: list[Any]) -> list[Any]:
        """Return the records that pass, in the same order.

        A record's details and relations are only loaded if the filter is not decided without them.
        """
        if self.parts is None:
            return []
        if self._is_position and {*map(type, records)} == {RowView}:
            return records
        with self.search.loading() as loaders:
            records, verdicts = list(records), await _judged(records, self._before_details)
            if self._details:
                await self._judge_open(records, verdicts, partial(self._hydrated, loaders))
            for relation in self._relations:
                await self._judge_open(records, verdicts, partial(self._with, relation, loaders))
        kept = [record for record, verdict in zip(records, verdicts, strict=True) if verdict]
        if len(kept) * FEW <= len(records):
            _detach(kept)
        return kept

    @cached_property
    def _is_position(self) -> bool:
        """Return True if the bounds of the stream are all that the filter asks for."""
        listing, time = self.serving.declared.listings.get(self.search.kind), time_name(self.search.kind)
        return listing is not None and time is not None and not listing.position_time and all(name == time for name in self.search.parts)

    @property
    def loads(self) -> bool:
        """Return True if details or relations of records may have to be loaded."""
        return bool(self._details or self._relations)

    @cached_property
    def undecided(self) -> frozenset[str]:
        """Return the names of the conditions that a row decides only where the upstream was given them."""
        known = criteria_of(self.search.kind)
        parts = {name: list(conditions({name: value})) for name, value in (self.parts or {}).items()}
        told = {name for name, each in known.items() if each.declared_only or each.marker or each.through}
        return frozenset(name for name, within in parts.items() if any(condition in told for condition, _ in within))

    async def _judge_open(self, records: list[Any], verdicts: list[Verdict], load: Any) -> None:
        """Load what is missing of the undecided records, and judge them again."""
        undecided = [index for index, verdict in enumerate(verdicts) if verdict is None]
        if not undecided:
            return
        loaded = await load([records[index] for index in undecided])
        for index, record, verdict in zip(undecided, loaded, await _judged(loaded, self._with_details), strict=True):
            records[index], verdicts[index] = record, verdict

    async def _hydrated(self, loaders: DataLoaders, records: list[Any]) -> list[Any]:
        """Get what the filter looks at; what could not be got is no reason to drop a record."""
        records = records_of(records)
        await loaders.hydrate(self.serving, self.search.kind, records, Selection.of(*self._details))
        for record in records:
            for name in self._details:
                if isinstance(record.held.get(name), Exception):
                    raise record.held[name]
        return records

    async def _with(self, name: str, loaders: DataLoaders, records: list[Any]) -> list[Any]:
        """Load a relation of the records that lead to one."""
        asked = [record for record in records if name not in record.held and record.refs.get(name)]
        if asked and self._is_loadable(name):
            relation = RELATIONS[self.search.kind, name]
            keys = [LoaderKey(record.refs[name] or "", *window_of(record, self.serving.provider.session_span)) for record in asked]
            found = await loaders.load(self.serving, relation.kind, relation.by, keys, self.search.select[name], relation.many)
            for record, children in zip(asked, found, strict=True):
                record.held[name] = children if relation.many else next(iter(children), None)
        return records

    def _is_loadable(self, name: str) -> bool:
        declared, kind = self.serving.declared, RELATIONS[self.search.kind, name].kind
        return kind in declared.listings or any(each is kind for each, _ in declared.getters)

    @cached_property
    def _details(self) -> Sequence[str]:
        """Return the fields of the filter that only a single get delivers."""
        return self.serving.lacking(self.search.kind, self.search.filter_fields)

    @cached_property
    def _relations(self) -> Sequence[str]:
        """Return the relations of which the filter asks where they lead."""
        known = [criteria_of(self.search.kind)[name] for name, _ in conditions(self.parts or {})]
        found = [each.has or each.among or (each.id_of if each.is_loaded else None) for each in known]
        return [relation for relation in dict.fromkeys(found) if relation]

    @cached_property
    def _before_details(self) -> Predicate:
        return self._predicate(self._details) if self._details else self._with_details

    @cached_property
    def _with_details(self) -> Predicate:
        return self._predicate(())

    def _predicate(self, unknown: Sequence[str]) -> Predicate:
        return predicate(self.search.kind, self.parts or {}, self.serving.provider.numbering, unknown, self._is_loadable)


async def _judged(records: Sequence[Any], judge: Predicate) -> list[Verdict]:
    """Return the verdict on each record. Of many, others have their turn meanwhile."""
    verdicts: list[Verdict] = []
    for at in range(0, len(records), TURN):
        if at:
            await give_way()
        verdicts += map(judge, records[at : at + TURN])
    return verdicts


def _detach(records: Sequence[Any]) -> None:
    """Copy the rows of records out of their answer, which each of them would keep as a whole."""
    for record in records:
        if isinstance(record.raw, msgspec.Raw):
            record.raw = record.raw.copy()
