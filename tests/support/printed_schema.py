"""The schema without a gateway: as it is printed, and as a client reads it."""

from functools import cache

from graphql import GraphQLSchema, build_schema

from telegraphql.schema.schema import build


@cache
def printed_schema() -> str:
    """Return the schema in the schema definition language."""
    return build().as_str()


@cache
def client_schema() -> GraphQLSchema:
    """Return the schema that a client builds of it."""
    return build_schema(printed_schema())
