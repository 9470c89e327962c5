"""The root fields of the schema that can be exported, with the kind of their records."""

from dataclasses import dataclass

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_object_type

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.record import Record


@dataclass(frozen=True, slots=True)
class RootField:
    """A list that can be exported: its name in the schema, the kind of its records, and their GraphQL type."""

    name: str
    kind: type[Record]
    object_type: GraphQLObjectType

    @property
    def time(self) -> str | None:
        """Return the name of the time field that orders the list and that --from and --to filter, or None if there is none."""
        return schema_name(self.kind.time_field) if self.kind.time_field else None


def root_fields(schema: GraphQLSchema) -> dict[str, RootField]:
    """Return all exportable lists of the schema, by name."""
    assert schema.query_type is not None
    lists = {}
    for name, field in schema.query_type.fields.items():
        connection = get_named_type(field.type)
        if is_object_type(connection) and {"nodes", "pageInfo"} <= connection.fields.keys():
            object_type = get_named_type(connection.fields["nodes"].type)
            if is_object_type(object_type):
                lists[name] = RootField(name, KINDS[object_type.name], object_type)
    return lists


def root_field(schema: GraphQLSchema, name: str) -> RootField:
    """Return the list of this name.

    Raises:
        SettingsError: There is no such list; the message names those that exist.
    """
    fields = root_fields(schema)
    if name not in fields:
        raise SettingsError(f"--kind {name[:80]!r}: no such list; choose one of {', '.join(sorted(fields))}")
    return fields[name]
