"""Withholding: records without what is personal, for callers who may not see it. The schema marks what is, field by field."""

import copy
from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cache
from typing import Any, NamedTuple

from strawberry import UNSET
from strawberry.types.base import StrawberryContainer, StrawberryObjectDefinition, get_object_definition
from strawberry.types.field import StrawberryField

from telegraphql.gateway.errors import NotAllowed
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.rows import RowView
from telegraphql.schema.context import CommandOutcome
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record

# What would send personal data elsewhere, or answer questions about it.
COMMANDS = frozenset({"createReportSchedule", "updateReportSchedule", "exportUserCalls"})
WITHHELD = "is personal, and your credentials do not show what is"


class RedactionPlan(NamedTuple):
    """What becomes of the attributes of a type: some go, some hold values that have such attributes themselves."""

    gone: tuple[str, ...]
    within: tuple[str, ...]


def is_personal(field: StrawberryField) -> bool:
    """Whether a field of the schema is marked as personal."""
    return bool(field.metadata.get("personal"))


def without_personal(found: Any) -> Any:
    """The same without what is personal. Copies are made: other callers may be shown the same objects."""
    if isinstance(found, Connection):
        return _connection(found)
    if isinstance(found, list | tuple):
        return [without_personal(each) for each in found]
    if isinstance(found, CommandOutcome):
        return replace(found, records=without_personal(found.records))
    if type(found) is RowView:
        found = found.record()
    kind: Any = type(found)
    plan = _plan(kind)
    if not plan.gone and not plan.within:
        return found
    shown = copy.copy(found)
    for name in plan.gone:
        setattr(shown, name, None)
    for name in plan.within:
        setattr(shown, name, without_personal(getattr(shown, name)))
    return shown


def is_personal_file(record: Record, name: str) -> bool:
    """Whether a file of a record, by the schema's name of its field, is personal: marked itself, or as what the field leads to."""
    kind: Any = type(record)
    return _is_personal_file(kind, name)


@cache
def _is_personal_file(kind: Any, name: str) -> bool:
    fields_of = get_object_definition(kind, strict=True).fields
    field = next(each for each in fields_of if schema_name(each.python_name) == name)
    below = _object(field.type)
    return is_personal(field) or any(is_personal(each) and each.base_resolver is not None for each in (below.fields if below else ()))


def check_filter(wanted: Any) -> None:
    """NotAllowed for a filter on what is personal: whoever may ask whether a number is there need not see it."""
    kind: Any = type(wanted)
    for name in _personal_parts(kind):
        if getattr(wanted, name) is not None and getattr(wanted, name) is not UNSET:
            raise refused(f"filter `{name.rstrip('_')}`")


def refused(what: str) -> NotAllowed:
    """Why something that asks for what is personal is refused."""
    return NotAllowed(f"the {what} {WITHHELD}")


def check_command(name: str, arguments: dict[str, Any]) -> None:
    """NotAllowed for a command that would give away what is personal."""
    if name in COMMANDS or (name == "requestReport" and arguments.get("filter")):
        raise NotAllowed(f"what {name} would tell or send {WITHHELD}")


def _connection(found: Connection[Any]) -> Connection[Any]:
    nodes = without_personal(found.nodes)
    # Edges are there only where they are selected.
    edges = [replace(edge, node=node) for edge, node in zip(found.edges, nodes, strict=bool(found.edges))]
    return replace(found, nodes=nodes, edges=edges)


@cache
def _plan(kind: Any) -> RedactionPlan:
    gone: list[str] = []
    within: list[str] = []
    for each in _plain(kind):
        if is_personal(each):
            gone.append(each.python_name)
        elif (below := _object(each.type)) is not None and any(_planned(below)):
            within.append(each.python_name)
    return RedactionPlan(tuple(gone), tuple(within))


def _planned(definition: StrawberryObjectDefinition) -> RedactionPlan:
    kind: Any = definition.origin
    return _plan(kind)


def _plain(kind: type) -> Iterable[StrawberryField]:
    """The fields that are attributes."""
    definition = get_object_definition(kind)
    return [each for each in definition.fields if each.base_resolver is None] if definition else []


def _object(kind: Any) -> StrawberryObjectDefinition | None:
    while isinstance(kind, StrawberryContainer):
        kind = kind.of_type
    return get_object_definition(kind) if isinstance(kind, type) else None


@cache
def _personal_parts(kind: Any) -> tuple[str, ...]:
    definition = get_object_definition(kind)
    marked = {each.python_name for each in definition.fields if is_personal(each)} if definition else set()
    return tuple(each.name for each in fields(kind) if each.name in marked) if marked else ()
