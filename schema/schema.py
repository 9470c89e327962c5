"""Schema: the types put together, ready to be served or printed."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.types.scalar import ScalarDefinition

from telegraphql.schema.call import Note
from telegraphql.schema.mutation import Mutation
from telegraphql.schema.query import Query
from telegraphql.schema.scalars import SCALARS
from telegraphql.schema.subscription import Subscription


class CachedNameConverter(NameConverter):
    """Strawberry's names, made once: it asks for them with every argument of every request."""

    def __init__(self) -> None:
        super().__init__()
        self.apply_naming_config = lru_cache(maxsize=4096)(super().apply_naming_config)  # type: ignore[method-assign]


def build(
    cls: type[strawberry.Schema] = strawberry.Schema,
    query: type[Query] = Query,
    scalars: Mapping[object, ScalarDefinition] = SCALARS,
    **options: Any,
) -> strawberry.Schema:
    """The schema; options go to its class."""
    config = StrawberryConfig(scalar_map={**SCALARS, **scalars}, name_converter=CachedNameConverter())
    return cls(query=query, mutation=Mutation, subscription=Subscription, types=[Note], config=config, **options)
