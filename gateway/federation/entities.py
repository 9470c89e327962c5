"""The fields `_service` and `_entities`, which a federation router asks of a subgraph."""

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
from telegraphql.gateway.federation.references import EntityReference, parse_reference
from telegraphql.gateway.federation.subgraph import subgraph_sdl
from telegraphql.schema.described import docstring
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.provider import ProviderNode
from telegraphql.schema.query import Query
from telegraphql.schema.schema import DescribedSchema, build

Representation = NewType("Representation", object)
ANY_SCALAR: ScalarDefinition = strawberry.scalar(
    name="_Any",
    description="What another graph says of an entity: an object with __typename and the entity's key.",
    serialize=lambda value: value,
    parse_value=lambda value: value,
)
SCALARS: dict[object, ScalarDefinition] = {Representation: ANY_SCALAR}
ENTITY_TYPES: Any = reduce(or_, (*KINDS.values(), ProviderNode, PhoneNumber))
Entity: Any = Annotated[ENTITY_TYPES, strawberry.union(name="_Entity", description="What other graphs may refer to by its key.")]
Representations = Annotated[list[Representation], strawberry.argument(description="Which ones: at most `limits.entities`.")]


@strawberry.type(name="_Service", description="This graph as one part of a larger one.")
class Service:
    """This graph as one part of a larger one, for routers that compose."""

    @strawberry.field(description="The schema as a subgraph of Apollo Federation 2.")
    def sdl(self, info: Info) -> str:
        """Return the subgraph's SDL, if this caller may read the schema."""
        if not info.context.introspection:
            raise NoIntrospection(
                "introspection is disabled (limits.introspection); print the schema with `telegraphql schema --federation`"
            )
        return subgraph_sdl(info.schema)


@strawberry.type(name="Query", description=docstring(Query))
class FederatedQuery(Query):
    """All fields of Query, with those that only routers use."""

    @strawberry.field(name="_service", description="For routers: this graph as one part of a larger one.")
    def service(self) -> Service:
        """Return this subgraph."""
        return Service()

    @strawberry.field(
        name="_entities",
        description="For routers: the entities that other graphs refer to, in their order; null where the upstream has no such record.",
    )
    async def entities(self, info: Info, representations: Representations) -> list[Entity | None]:
        """Return the entities, in the order of their references. An error stands in the place of its entity."""
        limit: int = info.context.limits.entities
        if len(representations) > limit:
            message = f"too many entities: {len(representations)} requested, at most {limit} allowed (limits.entities)"
            raise OverLimit(message, reason="TOO_MANY_ENTITIES", limit=limit, found=len(representations))
        info.context.caller.require(Scope.READ)
        return await _load_entities([parse_reference(each) for each in representations], info)


def federated_schema(cls: type[DescribedSchema] = DescribedSchema, **options: Any) -> strawberry.Schema:
    """Return the schema with the fields for routers."""
    return build(cls, query=FederatedQuery, scalars=SCALARS, **options)


async def _load_entities(references: Sequence[EntityReference | RequestError], info: Info) -> list[Any]:
    """Return what the references name. Records of one provider and kind are fetched together."""
    entities = [_without_upstream(each, info) for each in references]
    indexes = [index for index, each in enumerate(references) if isinstance(each, EntityReference) and each.kind in KINDS]
    ids = [each.key for each in references if isinstance(each, EntityReference) and each.kind in KINDS]
    for index, record in zip(indexes, await info.context.records(ids, info, len(ids)), strict=True):
        entities[index] = record
    return entities


def _without_upstream(reference: EntityReference | RequestError, info: Info) -> Any:
    """Return what needs no upstream request: errors, phone numbers and providers."""
    if isinstance(reference, RequestError):
        return reference
    if reference.kind == "PhoneNumber":
        return PhoneNumber(number=reference.key)
    if reference.kind != "Provider":
        return None
    try:
        return info.context.provider_named(reference.key)
    except RequestError as error:
        return error
