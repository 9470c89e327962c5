"""Redaction of personal data, for callers who may not see it. The schema marks the fields that are personal."""

import copy
from collections.abc import Iterable
from dataclasses import fields, replace
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from strawberry import UNSET
from strawberry.types.base import StrawberryContainer, StrawberryObjectDefinition, get_object_definition
from strawberry.types.field import StrawberryField

from telegraphql.gateway.auth.caller import Caller
from telegraphql.gateway.errors import NotAllowed
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.schema.context import CommandOutcome
from telegraphql.schema.filters import RecordFilter, combined
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.paging import Connection

# Commands that send personal data elsewhere or select records by it, and one whose answer is whatever the upstream says.
PERSONAL_COMMANDS = frozenset({"createReportSchedule", "updateReportSchedule", "exportUserCalls", "dictionary"})
PERSONAL = "is personal data, which your credentials do not show"


class RedactionPlan(NamedTuple):
    """The attributes of a type that are removed, and those whose values are redacted in turn."""

    removed: tuple[str, ...]
    nested: tuple[str, ...]


def is_personal(field: StrawberryField) -> bool:
    """Return True if the schema marks a field as personal."""
    return bool(field.metadata.get("personal"))


def redact_personal(found: Any) -> Any:
    """Return a value without personal data. Objects are copied, since other callers may be shown the same ones."""
    if isinstance(found, Connection):
        return _connection(found)
    if isinstance(found, list | tuple):
        return [redact_personal(each) for each in found]
    if isinstance(found, CommandOutcome):
        return replace(found, records=redact_personal(found.records))
    if type(found) is RowView:
        found = found.record()
    kind: Any = type(found)
    plan = _plan(kind)
    if not plan.removed and not plan.nested:
        return found
    redacted = copy.copy(found)
    for name in plan.removed:
        setattr(redacted, name, None)
    for name in plan.nested:
        setattr(redacted, name, redact_personal(getattr(redacted, name)))
    return redacted


def withholds_file(caller: Caller, kind: Any, name: str) -> bool:
    """Return True if a file of a kind of record is hidden from a caller.

    It is personal if its field is marked, or the type that the field leads to has a marked file. `name` is the field's name in the schema.
    """
    return (caller.redacts_personal and _is_personal_file(kind, name)) or (caller.redacts_recordings and _is_sound(kind, name))


def withholds_address(caller: Caller, file: str) -> bool:
    """Return True if what a link leads to is hidden from a caller, such as "Recording.media", or "exportUserCalls" of no record."""
    kind, _, name = file.rpartition(".")
    return withholds_file(caller, KINDS[kind], name) if kind else caller.redacts_personal and name in PERSONAL_COMMANDS


@cache
def _is_personal_file(kind: Any, name: str) -> bool:
    field = _field(kind, name)
    inner = _object_definition(field.type)
    return is_personal(field) or any(is_personal(each) and each.base_resolver is not None for each in (inner.fields if inner else ()))


def _is_sound(kind: Any, name: str) -> bool:
    return bool(_field(kind, name).metadata.get("sound"))


def _field(kind: Any, name: str) -> StrawberryField:
    return next(each for each in get_object_definition(kind, strict=True).fields if schema_name(each.python_name) == name)


def check_filter(filter: Any) -> None:
    """Check that a filter uses no personal field: a filter can test whether a number occurs without showing it.

    Raises:
        NotAllowed: It does.
    """
    kind: Any = type(filter)
    for name in _personal_attributes(kind):
        if getattr(filter, name) is not None and getattr(filter, name) is not UNSET:
            raise personal_data_error(f"filter `{name.rstrip('_')}`")
    for nested in combined(filter) if isinstance(filter, RecordFilter) else ():
        check_filter(nested)


def check_groups(group: type, by: Iterable[Enum]) -> None:
    """Check that records are not grouped by a personal field of the group's type: a group for each number shows who called how often.

    Raises:
        NotAllowed: They are.
    """
    personal = _personal_attributes(group)
    for dimension in by:
        if dimension.name.lower() in personal:
            raise personal_data_error(f"dimension {dimension.name}")


def personal_data_error(what: str) -> NotAllowed:
    """Return the error of a request for personal data."""
    return NotAllowed(f"the {what} {PERSONAL}")


def check_command(name: str, arguments: dict[str, Any]) -> None:
    """Check that a command reveals no personal data.

    Raises:
        NotAllowed: It would.
    """
    if name in PERSONAL_COMMANDS or (name == "requestReport" and arguments.get("filter")):
        raise NotAllowed(f"the data that {name} sends or selects {PERSONAL}")


def _connection(found: Connection[Any]) -> Connection[Any]:
    nodes = redact_personal(found.nodes)
    # Edges exist only if they are selected.
    edges = [replace(edge, node=node) for edge, node in zip(found.edges, nodes, strict=bool(found.edges))]
    return replace(found, nodes=nodes, edges=edges)


@cache
def _plan(kind: Any) -> RedactionPlan:
    removed: list[str] = []
    nested: list[str] = []
    for each in _attribute_fields(kind):
        if is_personal(each):
            removed.append(each.python_name)
        elif (inner := _object_definition(each.type)) is not None and any(_plan_of(inner)):
            nested.append(each.python_name)
    return RedactionPlan(tuple(removed), tuple(nested))


def _plan_of(definition: StrawberryObjectDefinition) -> RedactionPlan:
    kind: Any = definition.origin
    return _plan(kind)


def _attribute_fields(kind: type) -> Iterable[StrawberryField]:
    definition = get_object_definition(kind)
    return [each for each in definition.fields if each.base_resolver is None] if definition else []


def _object_definition(kind: Any) -> StrawberryObjectDefinition | None:
    while isinstance(kind, StrawberryContainer):
        kind = kind.of_type
    return get_object_definition(kind) if isinstance(kind, type) else None


@cache
def _personal_attributes(kind: Any) -> tuple[str, ...]:
    definition = get_object_definition(kind)
    marked = {each.python_name for each in definition.fields if is_personal(each)} if definition else set()
    return tuple(each.name for each in fields(kind) if each.name in marked) if marked else ()
