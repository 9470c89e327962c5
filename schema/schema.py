"""Schema: all types in one schema, to be served or printed."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.types.scalar import ScalarDefinition

from telegraphql import __version__
from telegraphql.schema import RECORD_KINDS
from telegraphql.schema.mutation import Mutation
from telegraphql.schema.query import Query
from telegraphql.schema.scalars import SCALARS
from telegraphql.schema.strawberry_internals import core_schema
from telegraphql.schema.subscription import Subscription

DESCRIPTION = (
    "Calls, messages and everything around them, of all telephony providers of this gateway in one graph. Each list merges the records of "
    "all providers, and its `problems` say what is missing. `Filled by` names the plugins that fill a field, `Applied by` those whose "
    f"upstream applies a filter; the gateway applies it to the records of the others. TelegraphQL {__version__}."
)
ROOTS = """schema {
  query: Query
  mutation: Mutation
  subscription: Subscription
}"""


class DescribedSchema(strawberry.Schema):
    """A schema with a description, which Strawberry 0.341 neither takes nor prints."""

    def __init__(self, *types: Any, **options: Any) -> None:
        super().__init__(*types, **options)
        core_schema(self).description = DESCRIPTION

    def as_str(self) -> str:
        """Return the schema in GraphQL's schema definition language."""
        return f'"""\n{DESCRIPTION}\n"""\n{ROOTS}\n\n{super().as_str()}'


class CachedNameConverter(NameConverter):
    """A name converter with a cache: Strawberry converts names for every argument of every request."""

    def __init__(self) -> None:
        super().__init__()
        self.apply_naming_config = lru_cache(maxsize=4096)(super().apply_naming_config)  # type: ignore[method-assign]


def build(
    cls: type[DescribedSchema] = DescribedSchema,
    query: type[Query] = Query,
    scalars: Mapping[object, ScalarDefinition] = SCALARS,
    **options: Any,
) -> strawberry.Schema:
    """Return the schema. Options are passed to its class."""
    config = StrawberryConfig(scalar_map={**SCALARS, **scalars}, name_converter=CachedNameConverter())
    return cls(
        query=query,
        mutation=Mutation,
        subscription=Subscription,
        types=[kind for kind in RECORD_KINDS if kind.declaration.root is None],
        config=config,
        **options,
    )
