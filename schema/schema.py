"""Schema: the types put together, ready to be served or printed."""

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from schema.call import Note
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription


def build(
    cls: type[strawberry.Schema] = strawberry.Schema,
    query: type[Query] = Query,
    scalars: Mapping[object, ScalarDefinition] = SCALARS,
    **options: Any,
) -> strawberry.Schema:
    """The schema; options go to its class."""
    config = StrawberryConfig(scalar_map={**SCALARS, **scalars})
    return cls(query=query, mutation=Mutation, subscription=Subscription, types=[Note], config=config, **options)
