"""Resolvers of lists: a page of a kind, of one parent's children, or of what has one key, such as a phone number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from graphql import FieldNode
from strawberry.types import Info

from telegraphql.gateway.auth import redaction
from telegraphql.gateway.auth.caller import Caller
from telegraphql.gateway.graphql.operation_problems import OperationProblems
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import Lister
from telegraphql.gateway.pagination.cursor import Seal
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filtering.filters import parent_attribute
from telegraphql.gateway.pagination.keyed_lists import KeyedLister, ListKeys
from telegraphql.gateway.pagination.shared_readings import SharedReadings
from telegraphql.gateway.plugin.selection import selected
from telegraphql.gateway.resolvers.lookup import find_provider
from telegraphql.gateway.resolvers.page_batch import PageBatch
from telegraphql.schema.context import PageArguments
from telegraphql.schema.kinds import FILTERS
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record
from telegraphql.schema.strawberry_internals import core_info


class PageContext(Protocol):
    """The part of a request's context that these resolvers need."""

    serving: Mapping[str, BoundProvider]
    caller: Caller
    most_slices: int
    problems: OperationProblems
    loaders: DataLoaders
    seal: Seal
    limits: Limits
    row_projection: Callable[[Any], Any] | None

    def readings_of(self, info: Info) -> SharedReadings | None:
        """Return the shared readings of an operation."""


class PageResolvers:
    """The part of a request's context that resolves lists."""

    async def page(self: PageContext, kind: type[Record], arguments: PageArguments, info: Info) -> Connection[Any]:
        """Return a page of a kind, or of one parent's children if the arguments name a parent."""
        parent = arguments.parent
        if parent is not None:
            serving = find_provider(self.serving, parent.provider_name)
            filter = replace(arguments.filter or FILTERS[kind](), providers=[serving.name])
            keys, arguments = ListKeys(kind, parent_attribute(kind, type(parent))), replace(arguments, filter=filter, parent=None)
            return await _keyed(self, [serving], keys, arguments, str(parent.id()), info)
        lister = _lister(self, kind, arguments, list(self.serving.values()), info)
        fields = core_info(info).operation.selection_set.selections
        if len(fields) > 1 or not isinstance(fields[0], FieldNode):
            lister = replace(lister, readings=self.readings_of(info))
        return _told(self, await lister.page(kind, arguments, selected(info), self.loaders), info)

    async def page_of_number(self: PageContext, kind: type[Record], number: str, arguments: PageArguments, info: Info) -> Connection[Any]:
        """Return a page of the records of a kind from or to a phone number. Those of many numbers are read together."""
        return await _keyed(self, list(self.serving.values()), ListKeys(kind, "number"), arguments, number, info)


async def _keyed(
    context: PageContext, serving: Sequence[BoundProvider], keys: ListKeys, arguments: PageArguments, key: str, info: Info
) -> Connection[Any]:
    """Return the page of one key. What the same field is asked for other keys is read with it."""
    loaders = context.loaders
    together = (keys, *(each.id for each in serving), *map(id, core_info(info).field_nodes))
    if together not in loaders.batches:
        lister = _lister(context, keys.kind, keys.among(arguments, [key]), serving, info)
        loaders.batches[together] = PageBatch(KeyedLister(lister, keys, arguments, selected(info), loaders).pages, loaders)
    batch: PageBatch = loaders.batches[together]
    return _told(context, await batch.page(key), info)


def _lister(context: PageContext, kind: type[Record], arguments: PageArguments, serving: Sequence[BoundProvider], info: Info) -> Lister:
    """Return what makes the pages of a list, if the caller may read it."""
    context.caller.require(kind.declaration.scope)
    redacts = context.caller.redacts_personal
    if redacts:
        redaction.check_filter(arguments.filter)
    # Redaction works on records.
    projector = context.row_projection(core_info(info)) if context.row_projection and not redacts else None
    return Lister(serving, context.most_slices, context.seal, context.limits.page_size, projector)


def _told(context: PageContext, connection: Connection[Any], info: Info) -> Connection[Any]:
    """Return a page without what is withheld from the caller, after its problems were added to those of the operation."""
    if connection.problems:
        context.problems.add(core_info(info).path.as_list(), connection.problems)
    return redaction.redact_personal(connection) if context.caller.redacts_personal else connection
