"""Query: the root fields, one list for each kind and the fields that concern several kinds."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON
from strawberry.types import Info

from telegraphql.schema import RECORD_KINDS
from telegraphql.schema.arguments import After, Before, First, Last, Order
from telegraphql.schema.context import PageArguments
from telegraphql.schema.declaration import RootList
from telegraphql.schema.described import object_type
from telegraphql.schema.enums import DictionaryKind, TimeOrder
from telegraphql.schema.node import Node
from telegraphql.schema.paging import Connection
from telegraphql.schema.provider import ProviderNode
from telegraphql.schema.queue_statistics import queue_statistics
from telegraphql.schema.record import Record
from telegraphql.schema.statistics import call_statistics
from telegraphql.schema.timeline import timeline
from telegraphql.schema.viewer import Viewer


def _lists() -> dict[str, Any]:
    """Return the root lists by their names in the schema, one for each kind that declares one."""
    declared = ((kind, kind.declaration.root) for kind in RECORD_KINDS)
    return {root.name: _list(kind, root) for kind, root in declared if root is not None}


def _list(kind: type[Record], root: RootList) -> Any:
    """Return the field that lists a kind. A kind without a time has no `order`: it is listed by name."""
    filter_type = Annotated[
        kind.declaration.filter | None,  # type: ignore[name-defined]
        strawberry.argument(description="A filter. Null: all records."),
    ]

    async def timed(
        self: Any,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: filter_type = UNSET,
        order: Order = TimeOrder.NEWEST_FIRST,
    ) -> Connection[kind]:  # type: ignore[valid-type]
        arguments = PageArguments.of(first, after, last, before, filter, order)
        found: Connection[Any] = await info.context.page(kind, arguments, info)
        return found

    async def named(
        self: Any,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: filter_type = UNSET,
    ) -> Connection[kind]:  # type: ignore[valid-type]
        arguments = PageArguments.of(first, after, last, before, filter, TimeOrder.OLDEST_FIRST)
        found: Connection[Any] = await info.context.page(kind, arguments, info)
        return found

    return strawberry.field(resolver=timed if kind.time_field else named, name=root.name, description=root.description)


Lists: Any = strawberry.type(type("Lists", (), _lists()))


@object_type
class Query(Lists):  # type: ignore[misc]  # made of the kinds' declarations
    """The data that can be read."""

    timeline = timeline
    call_statistics = call_statistics
    queue_statistics = queue_statistics

    @strawberry.field(description="The record with this global id. Null if the provider has no such record.")
    async def node(self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")]) -> Node | None:
        (found,) = await info.context.records([id], info)
        return found  # type: ignore[no-any-return]

    @strawberry.field(
        description="The records with these global ids, in the same order. Null in the place of a record that the provider does not have."
    )
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 500 global ids.")]
    ) -> list[Node | None]:
        return await info.context.records(ids, info)  # type: ignore[no-any-return]

    @strawberry.field(description="The caller of this operation, and what its credentials allow. Needs no scope.")
    def viewer(self, info: Info) -> Viewer:
        return info.context.viewer()  # type: ignore[no-any-return]

    @strawberry.field(description="The configured providers, by name.")
    def providers(self, info: Info) -> list[ProviderNode]:
        return info.context.providers()  # type: ignore[no-any-return]

    @strawberry.field(description="A configured provider. Null if there is none of this name.")
    def provider(self, info: Info, name: Annotated[str, strawberry.argument(description="The configured name.")]) -> ProviderNode | None:
        return next((each for each in info.context.providers() if each.name == name), None)

    @strawberry.field(description="A provider's own dictionary of codes. Null if the provider failed.")
    async def dictionary(
        self,
        info: Info,
        provider: Annotated[str, strawberry.argument(description="The configured name of the provider.")],
        of: Annotated[DictionaryKind, strawberry.argument(description="The subject of the codes.")],
    ) -> JSON | None:
        done = await info.context.command("dictionary", {"provider": provider, "of": of})
        return done.value  # type: ignore[no-any-return]
