"""Scopes: which one each kind and each command needs."""

from telegraphql.gateway.auth.caller import Scope
from telegraphql.schema.audit_entry import AuditEntry
from telegraphql.schema.record import Record

# Who did what on an account, from which address: for those who run it.
KINDS: dict[type[Record], Scope] = {AuditEntry: Scope.ADMIN}
COMMANDS = {"deleteAll": Scope.ADMIN, "dictionary": Scope.READ}


def of_kind(kind: type[Record]) -> Scope:
    """What reading a kind needs."""
    return KINDS.get(kind, Scope.READ)


def of_command(name: str) -> Scope:
    """What a command needs: to write, unless it only reads or takes everything."""
    return COMMANDS.get(name, Scope.WRITE)
