"""Schema: the types put together, ready to be served or printed."""

from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.call import Note
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription


def build(cls: type[strawberry.Schema] = strawberry.Schema, **options: Any) -> strawberry.Schema:
    """The schema; options go to its class."""
    return cls(
        query=Query, mutation=Mutation, subscription=Subscription, types=[Note], config=StrawberryConfig(scalar_map=SCALARS), **options
    )
