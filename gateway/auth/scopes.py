"""The scope that each kind and each command requires."""

from telegraphql.gateway.auth.caller import Scope
from telegraphql.schema.record import Record

COMMANDS = {"deleteAll": Scope.ADMIN, "dictionary": Scope.READ}


def scope_of_kind(kind: type[Record]) -> Scope:
    """Return the scope that reading a kind requires."""
    return Scope(kind.declaration.scope)


def scope_of_command(name: str) -> Scope:
    """Return the scope that a command requires."""
    return COMMANDS.get(name, Scope.WRITE)
