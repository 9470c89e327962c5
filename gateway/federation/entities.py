"""Entities: what a router asks of a subgraph, beside the fields that clients know."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any, NewType

import strawberry
from strawberry.types import Info
from strawberry.types.scalar import ScalarDefinition

from telegraphql.gateway.auth.caller import Scope
from telegraphql.gateway.errors import NoIntrospection, OverLimit, RequestError
from telegraphql.gateway.federation.phone_number import PhoneNumber
from telegraphql.gateway.federation.references import Reference, read
from telegraphql.gateway.federation.subgraph import printed
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.provider import ProviderNode
from telegraphql.schema.query import Query
from telegraphql.schema.schema import DescribedSchema, build

Representation = NewType("Representation", object)
ANY: ScalarDefinition = strawberry.scalar(
    name="_Any",
    description="What another graph says of an entity: an object with __typename and the entity's key.",
    serialize=lambda value: value,
    parse_value=lambda value: value,
)
SCALARS: dict[object, ScalarDefinition] = {Representation: ANY}
KNOWN: Any = reduce(or_, (*KINDS.values(), ProviderNode, PhoneNumber))
Entity: Any = Annotated[KNOWN, strawberry.union(name="_Entity", description="What other graphs may refer to by its key.")]
Given = Annotated[list[Representation], strawberry.argument(description="Which ones: at most `limits.entities`.")]


@strawberry.type(name="_Service", description="This graph as one part of a larger one.")
class Service:
    """What a router is told when it composes."""

    @strawberry.field(description="The schema as a subgraph of Apollo Federation 2.")
    def sdl(self, info: Info) -> str:
        """Told to whom the schema is told."""
        if not info.context.introspection:
            raise NoIntrospection("the schema is not told here (limits.introspection); print it with `telegraphql schema --federation`")
        return printed(info.schema)


@strawberry.type(name="Query", description="What can be read.")
class Federated(Query):
    """Everything that can be read, for clients and for routers."""

    @strawberry.field(name="_service", description="For routers: this graph as one part of a larger one.")
    def service(self) -> Service:
        """The part that this graph is."""
        return Service()

    @strawberry.field(
        name="_entities",
        description="For routers: the entities that other graphs refer to, in their order; null where the upstream has no such record.",
    )
    async def entities(self, info: Info, representations: Given) -> list[Entity | None]:
        """The entities; an error stands for the one it concerns."""
        limit: int = info.context.limits.entities
        if len(representations) > limit:
            message = f"at most {limit} entities can be asked for at once (limits.entities), these are {len(representations)}"
            raise OverLimit(message, reason="TOO_MANY_ENTITIES", limit=limit, found=len(representations))
        info.context.caller.needs(Scope.READ)
        return await _found([read(each) for each in representations], info)


def federated(cls: type[DescribedSchema] = DescribedSchema, **options: Any) -> strawberry.Schema:
    """The schema with what routers ask."""
    return build(cls, query=Federated, scalars=SCALARS, **options)


async def _found(wanted: Sequence[Reference | RequestError], info: Info) -> list[Any]:
    """What is referred to; records of one provider and kind are asked for together."""
    found = [_made(each, info) for each in wanted]
    places = [place for place, each in enumerate(wanted) if isinstance(each, Reference) and each.kind in KINDS]
    ids = [each.key for each in wanted if isinstance(each, Reference) and each.kind in KINDS]
    for place, record in zip(places, await info.context.records(ids, info, len(ids)), strict=True):
        found[place] = record
    return found


def _made(wanted: Reference | RequestError, info: Info) -> Any:
    """What needs no upstream: an error as it is, and what is known by its name alone."""
    if isinstance(wanted, RequestError):
        return wanted
    if wanted.kind == "PhoneNumber":
        return PhoneNumber(number=wanted.key)
    if wanted.kind != "Provider":
        return None
    try:
        return info.context.provider(wanted.key)
    except RequestError as error:
        return error
