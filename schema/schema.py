"""Schema: the types put together, ready to be served or printed."""

from typing import Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.call import Note
from schema.query import Query
from schema.scalars import SCALARS


def build(**options: Any) -> strawberry.Schema:
    """The schema; options go to strawberry.Schema."""
    return strawberry.Schema(query=Query, types=[Note], config=StrawberryConfig(scalar_map=SCALARS), **options)
