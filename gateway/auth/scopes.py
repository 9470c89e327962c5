"""Scopes: which one each kind and each command needs."""

from telegraphql.gateway.auth.caller import Scope
from telegraphql.schema.record import Record

COMMANDS = {"deleteAll": Scope.ADMIN, "dictionary": Scope.READ}


def of_kind(kind: type[Record]) -> Scope:
    """Return the scope that reading a kind needs."""
    return Scope(kind.declaration.scope)


def of_command(name: str) -> Scope:
    """What a command needs: to write, unless it only reads or takes everything."""
    return COMMANDS.get(name, Scope.WRITE)
