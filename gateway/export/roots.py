"""Roots: the lists that the schema has, and which records they hold."""

from dataclasses import dataclass

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_object_type

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.record import Record


@dataclass(frozen=True, slots=True)
class Root:
    """A list that can be exported: its name in the schema, the kind of its records, and their type."""

    name: str
    kind: type[Record]
    of: GraphQLObjectType

    @property
    def time(self) -> str | None:
        """The field by which the list is ordered and --from and --to count; None where it has no time."""
        return schema_name(self.kind.time_field) if self.kind.time_field else None


def roots(schema: GraphQLSchema) -> dict[str, Root]:
    """All lists of the schema by their names."""
    assert schema.query_type is not None
    found = {}
    for name, field in schema.query_type.fields.items():
        connection = get_named_type(field.type)
        if is_object_type(connection) and {"nodes", "pageInfo"} <= connection.fields.keys():
            of = get_named_type(connection.fields["nodes"].type)
            if is_object_type(of):
                found[name] = Root(name, KINDS[of.name], of)
    return found


def root(schema: GraphQLSchema, name: str) -> Root:
    """The list of this name; SettingsError tells those there are."""
    found = roots(schema)
    if name not in found:
        raise SettingsError(f"--kind {name[:80]!r}: there is no such list; write one of {', '.join(sorted(found))}")
    return found[name]
